using DicomPS.Retrieving;

namespace DicomPS.Engine.Tests.Retrieving;

public class DailyWindowTests
{
    [Theory]
    [InlineData("22:00-06:00", "21:59:59", false)]
    [InlineData("22:00-06:00", "22:00", true)]
    [InlineData("22:00-06:00", "23:59:59", true)]
    [InlineData("22:00-06:00", "00:00", true)]
    [InlineData("22:00-06:00", "05:59:59", true)]
    [InlineData("22:00-06:00", "06:00", false)]
    [InlineData("22:00-06:00", "12:00", false)]
    [InlineData("08:30-17:00", "08:29:59", false)]
    [InlineData("08:30-17:00", "08:30", true)]
    [InlineData("08:30-17:00", "17:00", false)]
    [InlineData("18:00-24:00", "23:59:59", true)]
    [InlineData("18:00-24:00", "00:00", false)]
    [InlineData("0:00 - 6:00", "00:00", true)]
    public void It_is_open_from_its_first_moment_until_before_its_last(string window, string time, bool isOpen) =>
        Assert.Equal(isOpen, DailyWindow.Parse(window).Contains(At(time)));

    [Theory]
    [InlineData("22:00-06:00", "12:00", "2024-03-01 22:00")]
    [InlineData("22:00-06:00", "06:00", "2024-03-01 22:00")]
    [InlineData("22:00-06:00", "03:00", "2024-03-01 03:00")]
    [InlineData("08:00-09:00", "12:00", "2024-03-02 08:00")]
    [InlineData("08:00-09:00", "07:00", "2024-03-01 08:00")]
    [InlineData("00:00-06:00", "23:00", "2024-03-02 00:00")]
    public void The_next_opening_is_now_or_today_or_tomorrow(string window, string time, string opening) =>
        Assert.Equal(DateTime.Parse(opening, System.Globalization.CultureInfo.InvariantCulture),
            DailyWindow.Parse(window).NextOpening(At(time)));

    [Theory]
    [InlineData("")]
    [InlineData("22:00")]
    [InlineData("22-06")]
    [InlineData("25:00-06:00")]
    [InlineData("22:00-22:00")]
    [InlineData("24:00-06:00")]
    [InlineData("00:00-24:00")]
    [InlineData("22:00-06:00-07:00")]
    public void What_is_no_window_is_refused(string text) => Assert.Throws<FormatException>(() => DailyWindow.Parse(text));

    [Fact]
    public void It_is_written_as_it_is_read() => Assert.Equal("22:00-06:00:30", DailyWindow.Parse("22:00 - 6:00:30").ToString());

    private static DateTime At(string time) =>
        new DateTime(2024, 3, 1) + TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
