using System.Data.Common;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>
/// What a row of a query is held against where the statement could not ask the keys: it gives the rows that may match, and with each what
/// decides.
/// </summary>
/// <param name="Expressions">The columns that it reads, as they stand in the statement.</param>
internal abstract record RowCheck(IReadOnlyList<string> Expressions)
{
    /// <summary>Whether a row matches.</summary>
    /// <param name="rows">The rows, at the one.</param>
    /// <param name="at">Where the columns begin.</param>
    public abstract bool Holds(DbDataReader rows, int at);
}

/// <summary>A key against the value, or the date and time, of its row.</summary>
internal sealed record ValueCheck(KeyMatcher Key, IReadOnlyList<string> Expressions) : RowCheck(Expressions)
{
    public override bool Holds(DbDataReader rows, int at) =>
        Holds(Key, rows.IsDBNull(at) ? null : rows.GetValue(at),
            Expressions.Count > 1 && !rows.IsDBNull(at + 1) ? rows.GetString(at + 1) : null);

    /// <summary>Whether a value matches a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">A text, the bytes of items, or null for none.</param>
    /// <param name="time">The time beside a date.</param>
    public static bool Holds(KeyMatcher key, object? value, string? time) => (key, value) switch
    {
        (_, null or "") => key.MatchesEmpty,
        (CombinedKey combined, string day) => combined.Matches(day, time),
        (SequenceKey sequence, byte[] items) => sequence.Matches(StoredItems.Read(items, key.Tag)),
        _ => key.Matches((string)value),
    };
}

/// <summary>
/// Keys of levels below against what is below a row: all of them have to match the same thing there. The column is an array of arrays, and
/// null where the statement was sure.
/// </summary>
internal sealed record BelowCheck(IReadOnlyList<(KeyMatcher Key, int Width)> Keys, string Expression) : RowCheck([Expression])
{
    public override bool Holds(DbDataReader rows, int at)
    {
        if (rows.IsDBNull(at))
            return true;
        var below = rows.GetFieldValue<string?[,]>(at);
        for (var row = 0; row < below.GetLength(0); row++)
        {
            if (Holds(below, row))
                return true;
        }

        return false;
    }

    private bool Holds(string?[,] below, int row)
    {
        var column = 0;
        foreach (var (key, width) in Keys)
        {
            object? value = below[row, column];
            if (key is SequenceKey && value is string text)
                value = Convert.FromBase64String(text);
            if (!ValueCheck.Holds(key, value, width > 1 ? below[row, column + 1] : null))
                return false;
            column += width;
        }

        return true;
    }
}
