using System.Data.Common;

namespace DicomPS.Archiving.Index;

/// <summary>The connection that writes, with its statements.</summary>
internal sealed class WriteSession : IDisposable
{
    private WriteSession(IndexDatabase database, DbConnection connection)
    {
        Connection = connection;
        Writer = new IndexWriter(database, connection);
        Eraser = new IndexEraser(database, connection);
        Begin = database.Statement(connection, database.Begin);
        Commit = database.Statement(connection, "COMMIT");
    }

    public DbConnection Connection { get; }

    public IndexWriter Writer { get; }

    public IndexEraser Eraser { get; }

    public IndexStatement Begin { get; }

    public IndexStatement Commit { get; }

    /// <summary>Opens one, with the tables as they have to be.</summary>
    public static WriteSession Open(IndexDatabase database, bool mayCreate, bool isDurable)
    {
        var connection = database.Connect(mayCreate);
        try
        {
            database.Prepare(connection, mayCreate, isDurable);
            return new WriteSession(database, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Writer.Dispose();
        Begin.Dispose();
        Commit.Dispose();
        Connection.Dispose();
    }
}
