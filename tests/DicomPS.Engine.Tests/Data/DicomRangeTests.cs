using DicomPS.Data;

namespace DicomPS.Engine.Tests.Data;

public class DicomRangeTests
{
    [Theory]
    [InlineData("20240101", "20240101", "20240101")]
    [InlineData("20240101-", "20240101", "")]
    [InlineData("-20240131", "", "20240131")]
    [InlineData("20240101-20240131", "20240101", "20240131")]
    [InlineData("20240101 - 20240131", "20240101", "20240131")]
    public void A_date_range_is_read_and_printed(string text, string from, string to)
    {
        Assert.True(DicomDateRange.TryParse(text, out var range));
        Assert.Equal((from, to), ($"{range.From:yyyyMMdd}", $"{range.To:yyyyMMdd}"));
        Assert.Equal(text.Replace(" ", "", StringComparison.Ordinal), range.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("2024-01-01-")]
    [InlineData("20240230")]
    [InlineData("20240101-2024")]
    [InlineData("January")]
    public void What_is_no_date_range_is_refused(string text) => Assert.False(DicomDateRange.TryParse(text, out _));

    [Fact]
    public void Both_days_of_a_range_belong_to_it_up_to_midnight()
    {
        Assert.True(DicomDateRange.TryParse("20240101-20240131", out var range));
        Assert.True(range.Contains(new DateTime(2024, 1, 31, 23, 59, 59)));
        Assert.False(range.Contains(new DateTime(2024, 2, 1)));
        Assert.False(range.Contains(new DateTime(2023, 12, 31, 23, 59, 59)));
    }

    [Fact]
    public void The_end_of_a_time_range_includes_what_its_precision_leaves_open()
    {
        Assert.True(DicomTimeRange.TryParse("10-1159", out var range));
        Assert.True(range.Contains(new TimeSpan(11, 59, 59)));
        Assert.False(range.Contains(new TimeSpan(12, 0, 0)));
        Assert.True(DicomTimeRange.TryParse("10", out var hour));
        Assert.True(hour.Contains(new TimeSpan(10, 59, 59)));
        Assert.False(hour.Contains(new TimeSpan(11, 0, 0)));
        Assert.True(DicomTimeRange.TryParse("-235959.999999", out var day));
        Assert.Null(day.From);
        Assert.Equal("-235959.999999", day.ToString());
    }

    [Theory]
    [InlineData("2023-2024", "2023-01-01T00:00:00", "2024-12-31T23:59:59")]
    [InlineData("20240101120000-0500", "2024-01-01T12:00:00", "2024-01-01T12:00:00")]
    [InlineData("20240101120000-0500-20240102120000-0500", "2024-01-01T12:00:00", "2024-01-02T12:00:00")]
    [InlineData("20240101120000-0500-", "2024-01-01T12:00:00", null)]
    [InlineData("-20240101120000+0100", null, "2024-01-01T12:00:00")]
    [InlineData("202402", "2024-02-01T00:00:00", "2024-02-29T23:59:59")]
    public void A_hyphen_in_a_date_time_is_an_offset_or_a_range_as_it_must_be(string text, string? from, string? to)
    {
        Assert.True(DicomDateTimeRange.TryParse(text, out var range));
        Assert.Equal((from, to), (range.From?.ToString("s"), range.To?.ToString("s")));
    }

    [Theory]
    [InlineData("25")]
    [InlineData("1060")]
    [InlineData("10:6")]
    [InlineData("101010.1234567")]
    [InlineData("1010.5")]
    [InlineData("-")]
    public void What_is_no_time_range_is_refused(string text) => Assert.False(DicomTimeRange.TryParse(text, out _));
}
