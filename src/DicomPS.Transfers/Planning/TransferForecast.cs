using System.Globalization;
using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Planning;

/// <summary>
/// What follows from a measurement for the rest of a transfer: how long it takes within the hours of the nodes, and what the limit is, as
/// far as that was seen. Pure.
/// </summary>
/// <param name="transfer">The transfer, with its nodes.</param>
/// <param name="steps">What was measured; in one of them at least a study was moved.</param>
/// <param name="left">How many studies are to be moved yet.</param>
/// <param name="now">The moment, in milliseconds since 1970, UTC.</param>
internal sealed class TransferForecast(TransferRow transfer, IReadOnlyList<MeasuredStep> steps, long left, long now)
{
    private const long Day = 24 * 3_600_000L;
    // Less is within what one measurement differs from the next by.
    private const double Worthwhile = 1.05, Growth = 1.3, Most = 0.6, BusyMachine = 0.85;

    /// <summary>The step that moved most in a time; of those that are as good, the one with the fewest associations.</summary>
    public MeasuredStep Best { get; } = Choose(steps);

    /// <summary>How many studies an hour the rest is moved at: as measured, and no more than the nodes allow.</summary>
    public double PerHour => Math.Min(Best.PerSecond!.Value * 3600, Allowed ?? double.MaxValue);

    /// <summary>How much open time the rest takes; a thousand years at the most.</summary>
    public TimeSpan Work => TimeSpan.FromHours(Math.Min(left / PerHour, 24 * 365_000));

    /// <summary>
    /// How many openings of the nodes' hours that takes, each of 24 h at the most, and when the last study is moved. The openings are
    /// null where the nodes are open at any time, both where it takes more than ten years.
    /// </summary>
    public (int? Openings, long? End) Plan()
    {
        NodeWindows?[] windows = [Windows(transfer.Source), Windows(transfer.Destination)];
        var work = Work.TotalMilliseconds;
        if (work > 3650.0 * Day)
            return (null, null);
        if (windows.All(one => one is null))
            return (null, now + (long)work);
        var (at, open, count) = (now, (long)work, 0);
        for (var i = 0; i < 8000; i++)
        {
            var spans = windows.Select(one => one?.Around(at) ?? (at, NodeWindows.Never)).ToList();
            var (from, until) = (Math.Max(at, spans.Max(span => span.Item1)), spans.Min(span => span.Item2));
            if (from >= NodeWindows.Never)
                return (null, null);
            if (from < until)
            {
                var used = Math.Min(open, until - from);
                count += (int)Math.Max(1, (used + Day - 1) / Day);
                open -= used;
                if (open <= 0)
                    return (count, from + used);
            }

            at = until;
        }

        return (null, null);
    }

    /// <summary>What the limit is, as a word and in a sentence.</summary>
    public (string Word, string Sentence) Limit()
    {
        if (Allowed is { } allowed && allowed < Best.PerSecond!.Value * 3600)
            return ("SetLimit", $"the {allowed:0} studies an hour that Set-DicomTransferNode allows are the limit");
        if (Best.Processor >= BusyMachine)
            return ("ThisMachine", $"this machine is the limit, whose processors were {Best.Processor * 100:0} % busy with it");
        var last = steps.Last(step => step.PerSecond is not null);
        var before = steps.LastOrDefault(step => step.PerSecond is not null && step.Associations < last.Associations);
        if (Best == last && before?.PerSecond is { } slower && Best.PerSecond >= slower * Growth)
            return Growing();
        var all = Best.Times.All;
        double Share(TimeSpan time) => all > TimeSpan.Zero ? time.TotalSeconds / all.TotalSeconds : 0;
        return Share(Best.Times.Source) >= Most ? ("Source", "the source is the limit")
            : Share(Best.Times.Destination) >= Most ? ("Destination", "the destination is the limit")
            : Share(Best.Times.Both) >= Most
                ? ("SourceOrDestination", "the source or the destination is the limit, and a C-MOVE does not show which")
            : ("Both", "source and destination take about as long as each other");
    }

    /// <summary>All of it in a line.</summary>
    public string Sentence()
    {
        var (openings, end) = Plan();
        var time = left == 0 ? "nothing is left"
            : end is null ? "more than ten years"
            : openings is > 1 and var count ? Number(count, IsByNight ? "night" : "day")
            : Work.TotalDays >= 2 ? Number((long)Math.Ceiling(Work.TotalDays), "day")
            : Work.TotalHours >= 2 ? Number((long)Math.Ceiling(Work.TotalHours), "hour")
            : Number(Math.Max(1, (long)Math.Ceiling(Work.TotalMinutes)), "minute");
        return $"{time} at {Number(Best.Associations, "association")}; {Limit().Sentence}";
    }

    private bool IsByNight => new[] { transfer.Source, transfer.Destination }.Select(Windows).Any(one => one?.IsOverMidnight == true);

    // What the limits of both nodes allow in an hour; null for any number.
    private double? Allowed
    {
        get
        {
            double? least = null;
            foreach (var node in new[] { transfer.Source, transfer.Destination })
            {
                double? bytes = node.BytesPerSecond is { } rate && Best.Bytes is > 0 and var moved
                    ? rate * 3600.0 * Best.Moved / moved : null;
                foreach (var one in new[] { (double?)node.PerHour, bytes })
                    least = one is { } limit && limit < (least ?? double.MaxValue) ? limit : least;
            }

            return least;
        }
    }

    private (string Word, string Sentence) Growing()
    {
        var tight = new[] { transfer.Source, transfer.Destination }.Where(node => node.Throttle <= Best.Associations).ToList();
        return tight.Count == 0 ? ("None", "more associations may bring more")
            : ("SetLimit", $"it grew up to the {tight[0].Throttle} associations that {tight[0].Node} allows");
    }

    private static NodeWindows? Windows(NodeRow node) => node.Windows is { } text ? NodeWindows.Parse(text, node.TimeZone) : null;

    private static MeasuredStep Choose(IReadOnlyList<MeasuredStep> steps)
    {
        var best = steps.First(step => step.PerSecond is not null);
        foreach (var step in steps)
            best = step.PerSecond > best.PerSecond * Worthwhile ? step : best;
        return best;
    }

    private static string Number(long number, string what) =>
        $"{number.ToString("#,0", CultureInfo.InvariantCulture)} {what}{(number == 1 ? "" : "s")}";
}
