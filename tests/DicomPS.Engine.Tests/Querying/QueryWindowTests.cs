using System.Globalization;
using DicomPS.Querying;

namespace DicomPS.Engine.Tests.Querying;

public class QueryWindowTests
{
    private static readonly DateTime Today = At("2024-06-15");

    [Theory]
    [InlineData("2024-01-01", "2024-01-02", "20240101|")]
    [InlineData("2024-01-01", "2024-02-01", "20240101-20240131|")]
    [InlineData("2024-01-01", null, "20240101-|")]
    [InlineData(null, "2024-01-01", "-20231231|")]
    [InlineData("2024-01-01 22:00", "2024-01-02 06:00", "20240101|220000- 20240102|-055959.999999")]
    [InlineData("2024-01-01 22:00", "2024-01-04 06:00", "20240101|220000- 20240102-20240103| 20240104|-055959.999999")]
    [InlineData("2024-01-01 22:00", null, "20240101|220000- 20240102-|")]
    [InlineData(null, "2024-01-04 06:00", "-20240103| 20240104|-055959.999999")]
    [InlineData("2024-01-01 08:00", "2024-01-01 09:30", "20240101|080000-092959.999999")]
    [InlineData("2024-01-01 00:00", "2024-01-01 09:30", "20240101|-092959.999999")]
    [InlineData("2024-01-01 08:00", "2024-01-02 00:00", "20240101|080000-")]
    public void A_range_of_time_is_split_at_midnight_so_that_date_and_time_can_be_matched_apart(string? from, string? to,
        string expected) =>
        Assert.Equal(expected, string.Join(" ", Window(from, to).ByDay().Select(part => $"{part.DateText}|{part.TimeText}")));

    [Fact]
    public void The_parts_of_a_range_hold_every_moment_of_it_once_and_no_other()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var from = Today.AddMinutes(random.Next(0, 6000));
            var window = new QueryWindow(from, from.AddMinutes(random.Next(1, 6000)));
            var moment = Today.AddMinutes(random.Next(-100, 13000));
            // The peer matches the date and the time apart (PS3.4 C.2.2.2.5).
            var matches = window.ByDay().Count(part =>
                DicomPS.Data.DicomDateRange.TryParse(part.DateText, out var dates) && dates.Contains(moment)
                && (part.TimeText is not { } text
                    || (DicomPS.Data.DicomTimeRange.TryParse(text, out var times) && times.Contains(moment.TimeOfDay))));
            Assert.Equal(moment >= window.From && moment < window.To ? 1 : 0, matches);
        }
    }

    [Theory]
    [InlineData(QuerySplit.Day, "20240130 20240131 20240201")]
    [InlineData(QuerySplit.Week, "20240130-20240201")]
    [InlineData(QuerySplit.Month, "20240130-20240131 20240201")]
    public void A_range_is_cut_into_windows_that_meet(QuerySplit split, string expected) =>
        Assert.Equal(expected, string.Join(" ", Window("2024-01-30", "2024-02-02").Cut(split, Today).Select(part => part.DateText)));

    [Fact]
    public void An_open_end_is_cut_up_to_today_and_what_lies_ahead_is_one_window() =>
        Assert.Equal(["20240614", "20240615", "20240616-"],
            Window("2024-06-14", null).Cut(QuerySplit.Day, Today).Select(part => part.DateText));

    [Fact]
    public void Halving_goes_from_everything_down_to_hours_and_loses_no_moment()
    {
        var leaves = new List<QueryWindow>();
        void Halve(QueryWindow window)
        {
            // Only around one day, to see the hours of it.
            var isNear = (window.From ?? DateTime.MinValue) < Today.AddDays(1) && (window.To ?? DateTime.MaxValue) > Today;
            if (isNear && window.Halve(Today, toHours: true) is { Count: > 0 } halves)
            {
                Assert.Equal((window.From, halves[0].To, window.To), (halves[0].From, halves[1].From, halves[1].To));
                foreach (var half in halves)
                    Halve(half);
            }
            else
            {
                leaves.Add(window);
            }
        }

        Halve(new QueryWindow(null, null));
        Assert.Null(leaves[0].From);
        Assert.Null(leaves[^1].To);
        for (var i = 1; i < leaves.Count; i++)
            Assert.Equal(leaves[i - 1].To, leaves[i].From);
        Assert.Equal(24, leaves.Count(leaf => leaf.To - leaf.From == TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(0x0000, 99, false)]
    [InlineData(0x0000, 100, true)]
    [InlineData(0x0000, 101, false)]
    [InlineData(0x0000, 200, true)]
    [InlineData(0x0000, 250, true)]
    [InlineData(0x0000, 500, true)]
    [InlineData(0x0000, 1000, true)]
    [InlineData(0x0000, 2000, true)]
    [InlineData(0x0000, 2500, true)]
    [InlineData(0x0000, 5000, true)]
    [InlineData(0x0000, 10000, true)]
    [InlineData(0x0000, 0, false)]
    [InlineData(0x0000, 10, false)]
    [InlineData(0x0000, 1010, false)]
    [InlineData(0xB001, 7, true)]
    [InlineData(0xA700, 7, true)]
    [InlineData(0xFE00, 7, true)]
    public void An_answer_looks_cut_short_by_its_status_or_by_its_count(int status, int count, bool isCut) =>
        Assert.Equal(isCut, ResultCap.Why((ushort)status, count) is not null);

    private static QueryWindow Window(string? from, string? to) => new(from is null ? null : At(from), to is null ? null : At(to));

    private static DateTime At(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);
}
