using System.Globalization;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Text;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Index;

/// <summary>A connection for one query at a time, with the functions that ask its keys.</summary>
internal sealed class IndexReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private IReadOnlyList<KeyMatcher> _keys = [];
    private SqliteCommand? _command;
    private SqliteDataReader? _rows;
    private TranslatedQuery? _query;

    public IndexReader(SqliteConnection connection)
    {
        _connection = connection;
        connection.CreateFunction<string?, long, bool>("dicom_match",
            (text, key) => text is { Length: > 0 } && _keys[(int)key].Matches(text));
        connection.CreateFunction<string?, string?, long, bool>("dicom_moment",
            (day, time, key) => day is { } && ((CombinedKey)_keys[(int)key]).Matches(day, time));
        connection.CreateFunction<byte[]?, long, bool>("dicom_items", (items, key) =>
            items is { } && (SequenceKey)_keys[(int)key] is var sequence && sequence.Matches(StoredItems.Read(items, sequence.Tag)));
    }

    /// <summary>Begins a query; rows come with <see cref="Next"/>.</summary>
    public void Begin(TranslatedQuery query)
    {
        _query = query;
        _keys = query.Keys;
        _command = Command(query.Sql);
        for (var i = 0; i < query.Texts.Count; i++)
            _command.Parameters.AddWithValue("$p" + i.ToString(CultureInfo.InvariantCulture), query.Texts[i]);
        _rows = _command.ExecuteReader();
    }

    /// <summary>The next match; null when there is none.</summary>
    public IndexMatch? Next(IndexQuery query)
    {
        if (!_rows!.Read())
            return null;
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
    public SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    /// <summary>Stops what is running, from any thread.</summary>
    public void Interrupt() => SQLitePCL.raw.sqlite3_interrupt(_connection.Handle);

    /// <summary>Ends the query, so that another can begin.</summary>
    public void End()
    {
        _rows?.Dispose();
        _command?.Dispose();
        (_rows, _command, _query, _keys) = (null, null, null, []);
    }

    public void Dispose()
    {
        End();
        _connection.Dispose();
    }

    private static DateTime? Moment(string? text) => DateTime.TryParse(text, CultureInfo.InvariantCulture,
        DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;

    private RetrieveMark? Mark(DicomDataset answer, int first) => Moment(Text(first)) is not { } at ? null : new RetrieveMark(
        answer.GetString(Tags.StudyInstanceUID) ?? "", answer.GetString(Tags.SeriesInstanceUID), at, Number(first + 1), Number(first + 2),
        Number(first + 3) == 1);

    private int? Number(int column) => _rows!.IsDBNull(column) ? null : (int)Math.Min(_rows.GetInt64(column), int.MaxValue);

    private string? Text(int column) => _rows!.IsDBNull(column) ? null : _rows.GetString(column);

    private static string? Default(DicomTag tag, IndexQuery query) =>
        tag == Tags.RetrieveAETitle ? query.RetrieveAETitle : tag == Tags.InstanceAvailability ? query.Availability : null;
}
