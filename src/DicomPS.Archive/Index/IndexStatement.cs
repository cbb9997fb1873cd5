using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DicomPS.Archiving.Index;

/// <summary>
/// A statement that is prepared once and run with ever new values, on the connection that writes. What is not bound anew keeps its
/// value. It is run without a command of ADO.NET around it, which looks up each parameter by its name each time: with the 40 values of
/// an instance that took longer than the writing.
/// </summary>
internal sealed class IndexStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Dictionary<string, int> _named = new(StringComparer.Ordinal);
    private readonly int[] _values;

    /// <summary>Prepares a statement.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="text">The statement.</param>
    /// <param name="values">How many parameters $v0, $v1... it has.</param>
    public IndexStatement(SqliteConnection connection, string text, int values = 0)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
        _values = [.. Enumerable.Range(0, values).Select(i => raw.sqlite3_bind_parameter_index(_statement, "$v" + i))];
    }

    /// <summary>Gives a value to $v and a number; one that the statement does not have is passed over.</summary>
    /// <param name="index">The number.</param>
    /// <param name="value">A text, a number, bytes or null.</param>
    public void Bind(int index, object? value) => BindAt(_values[index], value);

    /// <summary>Gives a value to a parameter; one that the statement does not have is passed over.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">A text, a number, bytes or null.</param>
    public void Bind(string name, object? value)
    {
        if (!_named.TryGetValue(name, out var at))
            _named[name] = at = raw.sqlite3_bind_parameter_index(_statement, name);
        BindAt(at, value);
    }

    /// <summary>Runs it; the first number of the first row, or null.</summary>
    public long? Number()
    {
        try
        {
            return Step() && !new Record(_statement).IsNull(0) ? new Record(_statement).Number(0) : null;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>Runs it and takes its rows.</summary>
    /// <param name="read">Makes something of a row.</param>
    public List<T> Read<T>(Func<Record, T> read)
    {
        var rows = new List<T>();
        try
        {
            while (Step())
                rows.Add(read(new Record(_statement)));
            return rows;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>Runs it to its end.</summary>
    public void Run()
    {
        try
        {
            while (Step())
                continue;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
            return result == raw.SQLITE_ROW;
        SqliteException.ThrowExceptionForRC(result, _database);
        throw new InvalidOperationException($"SQLite answered {result}.");
    }

    private void BindAt(int at, object? value)
    {
        if (at == 0)
            return;
        Check(value switch
        {
            null => raw.sqlite3_bind_null(_statement, at),
            string text => raw.sqlite3_bind_text(_statement, at, text),
            byte[] bytes => raw.sqlite3_bind_blob(_statement, at, bytes),
            _ => raw.sqlite3_bind_int64(_statement, at, Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        });
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);

    /// <summary>A row, until the next one is read.</summary>
    public readonly struct Record(sqlite3_stmt statement)
    {
        public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

        public long Number(int column) => raw.sqlite3_column_int64(statement, column);

        public long? NumberOrNull(int column) => IsNull(column) ? null : Number(column);

        public string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(statement, column).utf8_to_string();
    }
}
