using System.Data.Common;
using System.Globalization;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Text;

namespace DicomPS.Archiving.Index;

/// <summary>A connection for one query at a time, and the keys of that which its statement asks, or its rows.</summary>
internal sealed class IndexReader : IDisposable
{
    private readonly IndexDatabase _database;
    private readonly DbConnection _connection;
    private IReadOnlyList<KeyMatcher> _keys = [];
    // The last one made: the one that runs, if one does.
    private DbCommand? _last;
    private DbCommand? _command;
    private DbDataReader? _rows;
    private TranslatedQuery? _query;

    public IndexReader(IndexDatabase database, DbConnection connection)
    {
        _database = database;
        _connection = connection;
        database.Serve(connection, this);
    }

    /// <summary>Begins a query; rows come with <see cref="Next"/>.</summary>
    public void Begin(TranslatedQuery query)
    {
        _query = query;
        _keys = query.Keys;
        _command = Command(query.Sql);
        for (var i = 0; i < query.Texts.Count; i++)
            _command.Bind("p" + i.ToString(CultureInfo.InvariantCulture), query.Texts[i]);
        _rows = _command.ExecuteReader();
    }

    /// <summary>The next match; null when there is none.</summary>
    public IndexMatch? Next(IndexQuery query)
    {
        do
        {
            if (!_rows!.Read())
                return null;
        }
        while (!Holds());
        var answer = new DicomDataset();
        answer.Set(Tags.QueryRetrieveLevel, Vr.CS, QueryLevels.TextOf(query.Level));
        var texts = new List<string>();
        for (var i = 0; i < _query!.Columns.Count; i++)
        {
            var column = _query.Columns[i];
            if (column.Vr == Vr.SQ)
                AnswerElements.SetItems(answer, column.Key,
                    _rows.IsDBNull(i) ? [] : StoredItems.Read((byte[])_rows.GetValue(i), column.Key.Tag), texts);
            else
                AnswerElements.SetText(answer, column, Text(i) ?? Default(column.Key.Tag, query), texts);
        }

        AnswerElements.Declare(answer, query.Identifier, texts);
        var after = _query.Columns.Count;
        return new IndexMatch(answer, Text(after), Text(after + 1))
        {
            FirstSeen = Moment(Text(after + 2)),
            LastSeen = Moment(Text(after + 3)),
            Mark = query.WithMarks ? Mark(answer, after + 4) : null,
        };
    }

    /// <summary>A command on this connection.</summary>
    public DbCommand Command(string sql, params (string Name, object? Value)[] values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        _database.Ready(command);
        foreach (var (name, value) in values)
            command.Bind(name, value);
        Volatile.Write(ref _last, command);
        return command;
    }

    /// <summary>Whether a text matches a key of the query, which has it by its number.</summary>
    public bool Matches(string? text, long key) => text is { Length: > 0 } && _keys[(int)key].Matches(text);

    /// <summary>Whether a day with its time matches.</summary>
    public bool Matches(string? day, string? time, long key) => day is { } && ((CombinedKey)_keys[(int)key]).Matches(day, time);

    /// <summary>Whether the items of a sequence match.</summary>
    public bool Matches(byte[]? items, long key) =>
        items is { } && (SequenceKey)_keys[(int)key] is var sequence && sequence.Matches(StoredItems.Read(items, sequence.Tag));

    /// <summary>Stops what is running, from any thread.</summary>
    public void Interrupt()
    {
        if (Volatile.Read(ref _last) is { } command)
            _database.Interrupt(_connection, command);
    }

    /// <summary>Ends the query, so that another can begin.</summary>
    /// <param name="isWhole">Whether its rows were read to their end.</param>
    public void End(bool isWhole)
    {
        // Otherwise the rest would come, and be waited for.
        if (!isWhole)
            _command?.Cancel();
        try
        {
            _rows?.Dispose();
        }
        catch (Exception problem) when (!isWhole && _database.IsOfDatabase(problem))
        {
            // That it was stopped, or what failed before and is told already.
        }

        _command?.Dispose();
        (_rows, _command, _query, _keys) = (null, null, null, []);
    }

    public void Dispose()
    {
        End(isWhole: true);
        _connection.Dispose();
    }

    private static DateTime? Moment(string? text) => DateTime.TryParse(text, CultureInfo.InvariantCulture,
        DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;

    private RetrieveMark? Mark(DicomDataset answer, int first) => Moment(Text(first)) is not { } at ? null : new RetrieveMark(
        answer.GetString(Tags.StudyInstanceUID) ?? "", answer.GetString(Tags.SeriesInstanceUID), at, Number(first + 1), Number(first + 2),
        Number(first + 3) == 1);

    // What the statement could not ask: the row may match.
    private bool Holds()
    {
        var at = _query!.FirstCheck;
        foreach (var check in _query.Checks)
        {
            if (!check.Holds(_rows!, at))
                return false;
            at += check.Expressions.Count;
        }

        return true;
    }

    private int? Number(int column) =>
        _rows!.IsDBNull(column) ? null : (int)Math.Min(Convert.ToInt64(_rows.GetValue(column), CultureInfo.InvariantCulture), int.MaxValue);

    private string? Text(int column) => _rows!.IsDBNull(column) ? null : _rows.GetString(column);

    private static string? Default(DicomTag tag, IndexQuery query) =>
        tag == Tags.RetrieveAETitle ? query.RetrieveAETitle : tag == Tags.InstanceAvailability ? query.Availability : null;
}

/// <summary>Parameters of commands.</summary>
internal static class CommandParameters
{
    /// <summary>Gives a value to a parameter.</summary>
    /// <param name="command">The command.</param>
    /// <param name="name">The name, without what stands before it in the statement.</param>
    /// <param name="value">A text, a number or null.</param>
    public static void Bind(this DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }
}
