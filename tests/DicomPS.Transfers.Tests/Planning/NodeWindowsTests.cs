using System.Globalization;
using DicomPS.Transfers.Planning;

namespace DicomPS.Transfers.Tests.Planning;

/// <summary>The hours of nodes, by the clock on a wall in Berlin unless another zone is named.</summary>
public sealed class NodeWindowsTests
{
    [Theory]
    // 2026-11-27 is a Friday. UTC is an hour behind in winter, two in summer.
    [InlineData("Mon-Fri 19:00-06:30", "2026-11-27T12:00Z", "2026-11-27T18:00Z", "2026-11-28T05:30Z")]
    [InlineData("Mon-Fri 19:00-06:30", "2026-11-28T03:00Z", "2026-11-27T18:00Z", "2026-11-28T05:30Z")]
    [InlineData("Mon-Fri 19:00-06:30", "2026-11-28T06:00Z", "2026-11-30T18:00Z", "2026-12-01T05:30Z")]
    [InlineData("Mon-Fri 19:00-06:30; Sat-Sun", "2026-11-28T03:00Z", "2026-11-27T18:00Z", "2026-11-29T23:00Z")]
    [InlineData("22:00-06:00", "2026-07-01T12:00Z", "2026-07-01T20:00Z", "2026-07-02T04:00Z")]
    [InlineData("Sat,Mon 08:00-12:00", "2026-11-28T12:00Z", "2026-11-30T07:00Z", "2026-11-30T11:00Z")]
    [InlineData("Fri-Mon 00:00-24:00", "2026-11-25T12:00Z", "2026-11-26T23:00Z", "2026-11-30T23:00Z")]
    // The night in which clocks go from 02:00 to 03:00 is an hour shorter; what begins in the hour that is not there begins at its end.
    [InlineData("22:00-06:00", "2026-03-28T12:00Z", "2026-03-28T21:00Z", "2026-03-29T04:00Z")]
    [InlineData("Sun 02:30-04:00", "2026-03-28T12:00Z", "2026-03-29T01:00Z", "2026-03-29T02:00Z")]
    // The night in which they go from 03:00 back to 02:00 is an hour longer; 02:30 is there twice, and the first one counts.
    [InlineData("22:00-06:00", "2026-10-24T12:00Z", "2026-10-24T20:00Z", "2026-10-25T05:00Z")]
    [InlineData("Sun 01:00-02:30", "2026-10-24T12:00Z", "2026-10-24T23:00Z", "2026-10-25T00:30Z")]
    public void A_window_is_open_as_the_clock_on_the_wall_says(string windows, string now, string from, string until)
    {
        var around = NodeWindows.Parse(windows, "Europe/Berlin").Around(Moment(now));
        Assert.Equal((from, until), (Text(around.From), Text(around.Until)));
    }

    [Fact]
    public void Work_of_ten_hours_takes_two_nights_of_eight()
    {
        var after = NodeWindows.Parse("22:00-06:00", "UTC").After(Moment("2026-11-27T12:00Z"), TimeSpan.FromHours(10));
        Assert.Equal("2026-11-29T00:00Z", Text(after!.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mon-Fri 19:00")]
    [InlineData("Mon-Fri-Sat")]
    [InlineData("M 10:00-11:00")]
    [InlineData("10:00-10:00")]
    [InlineData("Mon 10:00-11:00 x")]
    [InlineData("10:00-11:00 Mon")]
    public void What_is_no_window_is_refused(string text) =>
        Assert.Throws<FormatException>(() => NodeWindows.Parse(text, "Europe/Berlin"));

    [Fact]
    public void A_zone_that_is_none_is_refused() => Assert.Throws<FormatException>(() => NodeWindows.Parse("Sat", "Europe/Nowhere"));

    private static long Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static string Text(long moment) =>
        DateTimeOffset.FromUnixTimeMilliseconds(moment).ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture);
}
