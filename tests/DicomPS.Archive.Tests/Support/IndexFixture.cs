using System.Data.Common;
using DicomPS.Archiving.Databases;
using DicomPS.Data;
using DicomPS.Transfers.Tests.Support;
using Npgsql;

[assembly: AssemblyFixture(typeof(DicomPS.Archiving.Tests.Support.OnePostgres))]

namespace DicomPS.Archiving.Tests.Support;

/// <summary>Where the tests of a class have their indexes: the same tests run on each kind.</summary>
public abstract class IndexFixture
{
    /// <summary>The address of an index that no other test uses now, and what goes away with it.</summary>
    internal abstract (StoreAddress Address, IDisposable? Folder) New();

    /// <summary>An index that goes away with the test.</summary>
    internal async Task<TestIndex> CreateAsync(params DicomDataset[] instances)
    {
        var (address, folder) = New();
        return await TestIndex.CreateAsync(address, folder, instances);
    }
}

/// <summary>Indexes in files.</summary>
public sealed class SqliteIndexFixture : IndexFixture
{
    internal override (StoreAddress, IDisposable?) New()
    {
        var folder = new TempFolder();
        return (TestIndex.In(folder), folder);
    }
}

/// <summary>Indexes in PostgreSQL: one after the other in a database of the class.</summary>
public sealed class PostgresIndexFixture(OnePostgres server) : IndexFixture
{
    private StoreAddress? _address;

    internal override (StoreAddress, IDisposable?) New()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        if (_address is null)
        {
            _address = server.NewDatabase();
            return (_address, null);
        }

        using var connection = new NpgsqlConnection(_address.Connection + ";Pooling=false;Search Path=dicomps_index");
        connection.Open();
        IndexDatabase.Execute(connection,
            "TRUNCATE patients, studies, series, instances, conflicts, retrieved RESTART IDENTITY CASCADE");
        return (_address, null);
    }
}

/// <summary>One server for the tests of all classes, started when the first asks.</summary>
public sealed class OnePostgres : IDisposable
{
    private readonly Lazy<PostgresServer> _server = new(() => PostgresServer.Start());
    private int _databases;

    public void Dispose()
    {
        if (_server.IsValueCreated)
            _server.Value.Dispose();
    }

    /// <summary>The server, which a test may stop and start.</summary>
    internal PostgresServer Server => _server.Value;

    internal StoreAddress NewDatabase(string how = "")
    {
        var name = $"index{Interlocked.Increment(ref _databases)}";
        using DbConnection connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={Server.Port};Username=dicomps;Database=postgres;Pooling=false");
        connection.Open();
        IndexDatabase.Execute(connection, $"CREATE DATABASE {name} {how}");
        return StoreAddress.Parse($"postgresql://dicomps@127.0.0.1:{Server.Port}/{name}", path => path, StoreWords.Index);
    }
}
