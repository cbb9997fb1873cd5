using System.Data.Common;

namespace DicomPS.Transfers.Store;

/// <summary>A connection, and the transaction in it, while a few statements run.</summary>
internal sealed class DbSession(Dialect dialect, DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
{
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Set, nothing of what was done stays.</summary>
    public bool IsUndone { get; set; }

    public DbCommand Command(string statement)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = dialect.Text(statement);
        return command;
    }

    public DbParameter Parameter(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value is string text ? StoreText.Clean(text)! : value ?? DBNull.Value;
        command.Parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>How many rows it changed.</returns>
    public async Task<int> RunAsync(string statement, params (string Name, object? Value)[] values)
    {
        using var command = Bound(statement, values);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All rows of a statement.</summary>
    public async Task<List<T>> ReadAsync<T>(string statement, Func<DbDataReader, T> read, params (string Name, object? Value)[] values)
    {
        using var command = Bound(statement, values);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>A command with its values.</summary>
    public DbCommand Bound(string statement, params (string Name, object? Value)[] values)
    {
        var command = Command(statement);
        foreach (var (name, value) in values)
            Parameter(command, name, value);
        return command;
    }
}
