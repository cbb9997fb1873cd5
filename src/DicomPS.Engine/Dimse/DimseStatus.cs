using System.Globalization;
using DicomPS.Dictionary;

namespace DicomPS.Dimse;

/// <summary>What kind of answer a status is (PS3.7 C.1).</summary>
public enum DimseStatusCategory
{
    /// <summary>It was done.</summary>
    Success,
    /// <summary>It was done, with something to know about.</summary>
    Warning,
    /// <summary>It was not done.</summary>
    Failure,
    /// <summary>It was cancelled.</summary>
    Cancel,
    /// <summary>More answers follow.</summary>
    Pending,
}

/// <summary>A status in words.</summary>
/// <param name="Code">The status (0000,0900).</param>
/// <param name="Category">Its kind.</param>
/// <param name="Meaning">Its meaning in the service; the kind where the standard gives no words.</param>
public sealed record DimseStatusText(ushort? Code, DimseStatusCategory Category, string Meaning)
{
    /// <summary>Whether what was asked for was done, with a warning or without.</summary>
    public bool IsDone => Category is DimseStatusCategory.Success or DimseStatusCategory.Warning;

    /// <summary>Such as <c>Success</c> or <c>Failure: Refused: Out of Resources</c>.</summary>
    public override string ToString() => Meaning == Category.ToString() ? Meaning : $"{Category}: {Meaning}";
}

/// <summary>Statuses by the tables of PS3.4 and PS3.7 Annex C.</summary>
public static class DimseStatus
{
    /// <summary>A status in the words of a service.</summary>
    /// <param name="table">The statuses of its service; those of PS3.7 C count for each.</param>
    /// <param name="code">The status (0000,0900); null, which is no success, for a response that has none.</param>
    public static DimseStatusText Describe(StatusTable table, ushort? code)
    {
        if (code is null)
            return new DimseStatusText(null, DimseStatusCategory.Failure, "No status");
        StatusEntry? found = null;
        foreach (var row in Statuses.All)
        {
            if (code < row.First || code > row.Last)
                continue;
            if (row.Table == table)
            {
                found = row;
                break;
            }

            if (row.Table == StatusTable.General)
                found = row;
        }

        var category = found is { } && Enum.TryParse<DimseStatusCategory>(found.Category, out var named) ? named : CategoryOf(code);
        var meaning = found?.Meaning is { Length: > 0 } words ? words
            : found is null && category != DimseStatusCategory.Success ? "Unknown status" : category.ToString();
        return new DimseStatusText(code, category, meaning);
    }

    /// <summary>Whether a service has a status: in its own table or in the general one.</summary>
    /// <param name="table">The statuses of the service.</param>
    /// <param name="code">The status.</param>
    public static bool IsListed(StatusTable table, ushort? code)
    {
        foreach (var row in Statuses.All)
        {
            if (code >= row.First && code <= row.Last && (row.Table == table || row.Table == StatusTable.General))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Reads a status as people write it: A700, 0xA700, A700H, or words of the tables such as "Out of Resources", spaces and case
    /// aside.
    /// </summary>
    /// <param name="table">The statuses of the service; its words go before the general ones.</param>
    /// <param name="text">The text.</param>
    /// <param name="code">The status.</param>
    public static bool TryParse(StatusTable table, string? text, out ushort code)
    {
        code = 0;
        var digits = (text ?? "").Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits.Substring(2);
        else if (digits.EndsWith("H", StringComparison.OrdinalIgnoreCase))
            digits = digits.Substring(0, digits.Length - 1);
        if (digits.Length == 4 && ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code))
            return true;

        var wanted = Letters(text ?? "");
        foreach (var row in Statuses.All.OrderBy(row => row.Table == table ? 0 : 1)
            .Where(row => row.Table == table || row.Table == StatusTable.General))
        {
            var meaning = Letters(row.Meaning.Length > 0 ? row.Meaning : row.Category);
            if (wanted.Length == 0 || (wanted != meaning && "refused" + wanted != meaning))
                continue;
            code = row.First;
            return true;
        }

        return false;
    }

    private static string Letters(string words) => new([.. words.Where(char.IsLetter).Select(char.ToLowerInvariant)]);

    /// <summary>The kind of a status that no table holds, by the ranges of PS3.7 C.1 to C.4. No status at all is a failure.</summary>
    /// <param name="code">The status.</param>
    public static DimseStatusCategory CategoryOf(ushort? code) => code switch
    {
        Statuses.Success => DimseStatusCategory.Success,
        Statuses.Cancel => DimseStatusCategory.Cancel,
        Statuses.QrFind.Pending or Statuses.QrFind.PendingWithoutSomeKeys => DimseStatusCategory.Pending,
        0x0001 or Statuses.AttributeListError or Statuses.AttributeValueOutOfRange or (>= 0xB000 and <= 0xBFFF) =>
            DimseStatusCategory.Warning,
        _ => DimseStatusCategory.Failure,
    };
}
