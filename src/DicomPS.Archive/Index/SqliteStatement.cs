using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DicomPS.Archiving.Index;

/// <summary>
/// A statement of SQLite. It is run without a command of ADO.NET around it, which looks up each parameter by its name each time: with the
/// 40 values of an instance that took longer than the writing.
/// </summary>
internal sealed class SqliteStatement : IndexStatement
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Dictionary<string, int> _named = new(StringComparer.Ordinal);
    private readonly int[] _values;

    /// <summary>Prepares a statement.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="text">The statement.</param>
    /// <param name="values">How many parameters $v0, $v1... it has.</param>
    public SqliteStatement(SqliteConnection connection, string text, int values)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
        _values = [.. Enumerable.Range(0, values).Select(i => raw.sqlite3_bind_parameter_index(_statement, "$v" + i))];
    }

    public override void Bind(int index, object? value) => BindAt(_values[index], value);

    public override void Bind(string name, object? value)
    {
        if (!_named.TryGetValue(name, out var at))
            _named[name] = at = raw.sqlite3_bind_parameter_index(_statement, name);
        BindAt(at, value);
    }

    public override bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public override long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    public override string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public override void Dispose() => _statement.Dispose();

    protected override bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
            return result == raw.SQLITE_ROW;
        SqliteException.ThrowExceptionForRC(result, _database);
        throw new InvalidOperationException($"SQLite answered {result}.");
    }

    protected override void End() => _ = raw.sqlite3_reset(_statement);

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
}
