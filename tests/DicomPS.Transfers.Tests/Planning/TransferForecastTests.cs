using DicomPS.Associations;
using DicomPS.Transfers.Planning;

namespace DicomPS.Transfers.Tests.Planning;

/// <summary>What follows from a measurement.</summary>
public sealed class TransferForecastTests
{
    // Monday, 2026-03-02, 20:00 UTC.
    private static readonly long Evening = new DateTimeOffset(2026, 3, 2, 20, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void Nights_are_counted_within_the_hours_of_both_nodes_and_the_slower_side_is_named()
    {
        var forecast = new TransferForecast(Transfer("22:00-06:00", "20:00-04:00"),
            [
                Step(1, 10, source: 60, destination: 10), Step(2, 10, source: 110, destination: 20),
                Step(4, 10, source: 230, destination: 20),
            ],
            left: 12_000, Evening);
        // 1: 10 in 70 s, 2: 10 in 65 s, 4: 10 in 62.5 s: within 5 % of each other from two on, 554 an hour; six hours a night.
        Assert.Equal(2, forecast.Best.Associations);
        Assert.Equal(4, forecast.Plan().Openings);
        Assert.Equal(("Source", "4 nights at 2 associations; the source is the limit"), (forecast.Limit().Word, forecast.Sentence()));
    }

    [Fact]
    public void A_weekend_is_as_many_nights_as_it_has_days()
    {
        var friday = Evening + (4 * 24 * 3_600_000L);
        // 36 an hour; it is open for 52 hours until Monday, 00:00.
        var forecast = new TransferForecast(Transfer("Mon-Fri 19:00-06:30; Sat-Sun", null), [Step(1, 1, source: 100)], 36 * 50, friday);
        Assert.Equal((3, friday + (50 * 3_600_000L)), forecast.Plan());
        Assert.StartsWith("3 nights at 1 association", forecast.Sentence());
    }

    [Fact]
    public void A_move_does_not_show_which_side_is_slow_and_growth_is_no_limit()
    {
        var flat = new TransferForecast(Transfer(null, null), [Step(1, 10, both: 100), Step(2, 10, both: 200)], 3600, Evening);
        Assert.Equal("SourceOrDestination", flat.Limit().Word);
        Assert.Equal("10 hours at 1 association; the source or the destination is the limit, and a C-MOVE does not show which",
            flat.Sentence());
        var grows = new TransferForecast(Transfer(null, null), [Step(1, 10, both: 100), Step(2, 10, both: 100)], 3600, Evening);
        Assert.Equal(("None", 2), (grows.Limit().Word, grows.Best.Associations));
        var tight = new TransferForecast(Transfer(null, null, throttle: 2), [Step(1, 10, both: 100), Step(2, 10, both: 100)], 3600,
            Evening);
        Assert.Equal("SetLimit", tight.Limit().Word);
    }

    [Fact]
    public void What_the_nodes_allow_is_not_exceeded()
    {
        var forecast = new TransferForecast(Transfer(null, null, perHour: 100), [Step(1, 10, both: 100)], 1000, Evening);
        Assert.Equal((100.0, "SetLimit"), (forecast.PerHour, forecast.Limit().Word));
        Assert.Equal(TimeSpan.FromHours(10), forecast.Work);
    }

    [Fact]
    public void A_busy_machine_is_named_and_what_never_ends_is_no_date()
    {
        var busy = new TransferForecast(Transfer(null, null), [Step(1, 10, both: 100) with { Processor = 0.9 }], 10, Evening);
        Assert.Equal("ThisMachine", busy.Limit().Word);
        var ever = new TransferForecast(Transfer(null, null), [Step(1, 1, both: 1000)], 1_000_000_000, Evening);
        Assert.Null(ever.Plan().End);
        Assert.StartsWith("more than ten years", ever.Sentence());
    }

    private static MeasuredStep Step(int associations, long moved, double source = 0, double destination = 0, double both = 0) => new()
    {
        Associations = associations,
        Moved = moved,
        Busy = TimeSpan.FromSeconds(source + destination + both),
        Times = new SideTimes(TimeSpan.FromSeconds(source), TimeSpan.FromSeconds(destination), TimeSpan.FromSeconds(both)),
        Elapsed = TimeSpan.FromSeconds((source + destination + both) / associations),
    };

    private static TransferRow Transfer(string? source, string? destination, long throttle = 8, long? perHour = null) => new()
    {
        Id = 1,
        Name = "move",
        Source = Node("OLD", source, throttle) with { PerHour = perHour },
        Destination = Node("NEW", destination, throttle),
        Method = "Move",
        Verify = "Counts",
        State = "Active",
    };

    private static NodeRow Node(string title, string? windows, long throttle) => new()
    {
        Id = 1,
        Node = new DicomNode { AETitle = title, HostName = "127.0.0.1", Port = 104 },
        Throttle = throttle,
        Windows = windows,
        TimeZone = "UTC",
    };
}
