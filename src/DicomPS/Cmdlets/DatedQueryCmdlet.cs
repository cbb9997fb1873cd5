using System.Globalization;
using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Cmdlets;

/// <summary>The base of the Find cmdlets whose answers have a date: a range of time, and how it is cut.</summary>
public abstract class DatedQueryCmdlet : QueryCmdlet
{
    private static readonly string[] Bounds = [nameof(After), nameof(Before), nameof(StartDate), nameof(EndDate)];

    /// <summary>The first moment, included.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform(IsMoment = true)]
    public DateTime After { get; set; }

    /// <summary>The last moment, not included.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform(IsMoment = true)]
    public DateTime Before { get; set; }

    /// <summary>The first day, from its beginning.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform(IsDay = true)]
    public DateTime StartDate { get; set; }

    /// <summary>The last day, to its end.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform(IsDay = true)]
    public DateTime EndDate { get; set; }

    /// <summary>Cuts the range into windows, each a query of its own; Auto halves those whose answer looks cut short.</summary>
    [Parameter]
    public QuerySplit Split { get; set; }

    /// <summary>How many associations work side by side when the query is cut.</summary>
    [Parameter]
    [ValidateRange(1, 16)]
    [Alias("ThrottleLimit")]
    public int Associations { get; set; } = 1;

    /// <summary>Matches date and time as one, where the peer agrees to it.</summary>
    [Parameter]
    public SwitchParameter DateTimeMatching { get; set; }

    /// <summary>The offset from UTC, such as +0100, of the times asked for and answered, where the peer agrees to it.</summary>
    [Parameter]
    [ValidatePattern(@"^[+-](0\d|1[0-4])[0-5]\d$")]
    public string? TimeZone { get; set; }

    /// <summary>The days that the parameter of the level names, and that parameter.</summary>
    private protected abstract (string Name, DicomDateRange? Days) Dates { get; }

    private protected override int AssociationCount => Associations;

    private protected override QueryRequest Complete(QueryRequest request)
    {
        DateTime? after = Given(nameof(After)) ? Wall(After) : null;
        DateTime? before = Given(nameof(Before)) ? Wall(Before) : null;
        if (Given(nameof(StartDate)))
            after = Only(nameof(StartDate), after, nameof(After)) ?? Wall(StartDate).Date;
        // A day is asked for to its end, whatever time of day came with it.
        if (Given(nameof(EndDate)))
            before = Only(nameof(EndDate), before, nameof(Before)) ?? Wall(EndDate).Date.AddDays(1);
        if (Dates is (var name, { } days))
        {
            if ((after ?? before) is { } other)
                throw Twice(name, Bounds.First(Given), other);
            after = days.From;
            before = days.To?.AddDays(1);
        }

        if (after >= before)
        {
            throw new ModuleException(ErrorIds.DateRangeInvalid, ErrorCategory.InvalidArgument, Given(nameof(EndDate))
                ? $"Nothing lies after {Text(after)} and up to the end of {EndDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}."
                : $"Nothing lies after {Text(after)} and before {Text(before)}.",
                $"Give the earlier {(Given(nameof(StartDate)) ? "day to -StartDate" : "moment to -After")}.", after);
        }

        return request with
        {
            After = after,
            Before = before,
            Split = Split,
            DateTimeMatching = DateTimeMatching,
            TimeZone = TimeZone,
        };
    }

    private static DateTime? Only(string day, DateTime? moment, string parameter) =>
        moment is { } given ? throw Twice(day, parameter, given) : null;

    private static ModuleException Twice(string one, string other, object target) =>
        new(ErrorIds.DateRangeInvalid, ErrorCategory.InvalidArgument,
        $"-{one} and -{other} say the same thing twice.", "Use one of them.", target);

    private static string Text(DateTime? moment) => moment?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    // The clock on the wall: nothing is converted, whatever zone the value claims.
    private static DateTime Wall(DateTime moment) => DateTime.SpecifyKind(moment, DateTimeKind.Unspecified);
}
