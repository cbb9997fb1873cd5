using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Querying;

namespace DicomPS.Cmdlets;

/// <summary>The base of the Find cmdlets whose answers have a date: a range of time, and how it is cut.</summary>
public abstract class DatedQueryCmdlet : QueryCmdlet
{
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
        var (after, before) = new DayRange
        {
            After = Given(nameof(After)) ? After : null,
            Before = Given(nameof(Before)) ? Before : null,
            StartDate = Given(nameof(StartDate)) ? StartDate : null,
            EndDate = Given(nameof(EndDate)) ? EndDate : null,
            Days = Dates,
        }.Limits();
        return request with
        {
            After = after,
            Before = before,
            Split = Split,
            DateTimeMatching = DateTimeMatching,
            TimeZone = TimeZone,
        };
    }
}
