using System.Globalization;
using System.Management.Automation;
using DicomPS.Data;

namespace DicomPS.Queries;

/// <summary>
/// A range of time as parameters name it: by moments, by the first and the last day, or by a parameter with days. Null is not given.
/// </summary>
internal sealed record DayRange
{
    /// <summary>-After: the first moment, included.</summary>
    public DateTime? After { get; init; }

    /// <summary>-Before: the last moment, not included.</summary>
    public DateTime? Before { get; init; }

    /// <summary>-StartDate: the first day, from its beginning.</summary>
    public DateTime? StartDate { get; init; }

    /// <summary>-EndDate: the last day, to its end, whatever time of day came with it.</summary>
    public DateTime? EndDate { get; init; }

    /// <summary>The parameter with days, and what it has.</summary>
    public (string Name, DicomDateRange? Days) Days { get; init; }

    /// <summary>The first moment, included, and the last one, not included.</summary>
    /// <exception cref="ModuleException">Two of them say the same, or nothing lies in between.</exception>
    public (DateTime? After, DateTime? Before) Limits()
    {
        if (StartDate is { } && After is { } moment)
            throw Twice(nameof(StartDate), nameof(After), moment);
        if (EndDate is { } && Before is { } end)
            throw Twice(nameof(EndDate), nameof(Before), end);
        var (after, before) = (Wall(After ?? StartDate?.Date), Wall(Before ?? EndDate?.Date.AddDays(1)));
        if (Days is (var name, { } days))
        {
            if ((after ?? before) is { } other)
                throw Twice(name, After is { } ? nameof(After) : Before is { } ? nameof(Before) : StartDate is { } ? nameof(StartDate)
                    : nameof(EndDate), other);
            (after, before) = (days.From, days.To?.AddDays(1));
        }

        return after >= before
            ? throw new ModuleException(ErrorIds.DateRangeInvalid, ErrorCategory.InvalidArgument, EndDate is { } last
                ? $"Nothing lies after {Text(after)} and up to the end of {last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}."
                : $"Nothing lies after {Text(after)} and before {Text(before)}.",
                $"Give the earlier {(StartDate is { } ? "day to -StartDate" : "moment to -After")}.", after)
            : (after, before);
    }

    private static ModuleException Twice(string one, string other, object target) =>
        new(ErrorIds.DateRangeInvalid, ErrorCategory.InvalidArgument,
        $"-{one} and -{other} say the same thing twice.", "Use one of them.", target);

    private static string Text(DateTime? moment) => moment?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    // The clock on the wall: nothing is converted, whatever zone the value claims.
    private static DateTime? Wall(DateTime? moment) =>
        moment is { } given ? DateTime.SpecifyKind(given, DateTimeKind.Unspecified) : null;
}
