using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Index;

/// <summary>A statement that is prepared once and run with ever new values.</summary>
internal sealed class IndexStatement : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly Dictionary<string, SqliteParameter> _named = new(StringComparer.Ordinal);
    private readonly List<SqliteParameter> _values = [];

    public IndexStatement(SqliteConnection connection, string text, int values = 0)
    {
        _command = connection.CreateCommand();
        _command.CommandText = text;
        for (var i = 0; i < values; i++)
            _values.Add(_command.Parameters.AddWithValue("$v" + i, DBNull.Value));

        foreach (var name in new[] { "$parent", "$path", "$size", "$time", "$syntax", "$odd", "$source", "$now", "$id", "$pid", "$issuer",
            "$name", "$uid" })
        {
            if (text.Contains(name))
                _named[name] = _command.Parameters.AddWithValue(name, DBNull.Value);
        }
    }

    public void Bind(int index, object? value) => _values[index].Value = value ?? DBNull.Value;

    public void Bind(string name, object? value) => _named[name].Value = value ?? DBNull.Value;

    public object? Scalar() => _command.ExecuteScalar() is { } value and not DBNull ? value : null;

    public List<T> Read<T>(Func<SqliteDataReader, T> read)
    {
        var rows = new List<T>();
        using var reader = _command.ExecuteReader();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public void Run() => _command.ExecuteNonQuery();

    public void Dispose() => _command.Dispose();
}
