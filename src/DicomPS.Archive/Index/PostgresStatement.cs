using System.Data.Common;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace DicomPS.Archiving.Index;

/// <summary>A statement of PostgreSQL, kept prepared by the server. It knows the kind of each value, also of one that is null.</summary>
internal sealed class PostgresStatement : IndexStatement
{
    // All others are texts.
    private static readonly HashSet<string> Numbers = new(StringComparer.Ordinal) { "$id", "$parent", "$odd", "$size", "$time" };

    private readonly NpgsqlCommand _command;
    private readonly Dictionary<string, NpgsqlParameter> _parameters = new(StringComparer.Ordinal);
    private readonly NpgsqlParameter?[] _values;
    private DbDataReader? _rows;
    private bool _isPrepared;

    /// <summary>A statement.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="text">The statement.</param>
    /// <param name="values">What $v0, $v1... are.</param>
    public PostgresStatement(NpgsqlConnection connection, string text, IReadOnlyList<ColumnKind> values)
    {
        _command = connection.CreateCommand();
        _command.CommandText = PostgresDatabase.WithNames(text, name =>
        {
            if (_parameters.ContainsKey(name))
                return;
            var parameter = new NpgsqlParameter(name.Substring(1), TypeOf(name, values)) { Value = DBNull.Value };
            _parameters.Add(name, parameter);
            _command.Parameters.Add(parameter);
        });
        _values = [.. values.Select((_, i) =>
            _parameters.TryGetValue("$v" + i.ToString(CultureInfo.InvariantCulture), out var one) ? one : null)];
    }

    public override void Bind(int index, object? value) => Set(_values[index], value);

    public override void Bind(string name, object? value) => Set(_parameters.TryGetValue(name, out var one) ? one : null, value);

    public override bool IsNull(int column) => _rows!.IsDBNull(column);

    public override long Number(int column) => Convert.ToInt64(_rows!.GetValue(column), CultureInfo.InvariantCulture);

    public override string Text(int column) => _rows!.GetString(column);

    public override void Dispose() => _command.Dispose();

    protected override bool Step()
    {
        if (_rows is null)
        {
            if (!_isPrepared)
                _command.Prepare();
            _isPrepared = true;
            _rows = _command.ExecuteReader();
        }

        return _rows.Read();
    }

    protected override void End()
    {
        _rows?.Dispose();
        _rows = null;
    }

    private static NpgsqlDbType TypeOf(string name, IReadOnlyList<ColumnKind> values)
    {
        var kind = name.StartsWith("$v", StringComparison.Ordinal)
            && int.TryParse(name.Substring(2), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? values[at]
            : Numbers.Contains(name) ? ColumnKind.Number : ColumnKind.Text;
        return kind switch
        {
            ColumnKind.Number => NpgsqlDbType.Bigint,
            ColumnKind.Bytes => NpgsqlDbType.Bytea,
            _ => NpgsqlDbType.Text,
        };
    }

    private static void Set(NpgsqlParameter? parameter, object? value)
    {
        if (parameter is null)
            return;
        parameter.Value = value switch
        {
            null => DBNull.Value,
            string or byte[] => value,
            _ => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        };
    }
}
