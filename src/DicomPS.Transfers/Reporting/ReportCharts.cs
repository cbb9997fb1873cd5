using System.Globalization;

namespace DicomPS.Transfers.Reporting;

/// <summary>The pictures of a report, as SVG in the file: each mark says its numbers in a title, which a pointer shows.</summary>
internal static class ReportCharts
{
    private const int Width = 1000;
    private const int Height = 180;
    private const int Cell = 15;
    private const int MostYears = 60;

    /// <summary>Studies that came to their end, a bar for each day; of many days a bar for several.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="finished">The studies by day.</param>
    public static void Time(Html html, SortedDictionary<DateTime, long> finished)
    {
        var (first, last) = (finished.Keys.First(), finished.Keys.Last());
        var days = (int)(last - first).TotalDays + 1;
        var step = Math.Max(1, (days + 119) / 120);
        var bars = new long[(days + step - 1) / step];
        foreach (var day in finished)
            bars[(int)(day.Key - first).TotalDays / step] += day.Value;
        var most = Math.Max(1, bars.Max());
        var wide = Math.Min(60.0, (double)Width / bars.Length);
        html.Raw(Text($"<svg viewBox=\"0 0 {Width} {Height + 20}\" role=\"img\" aria-label=\"Studies over time\">"));
        for (var i = 0; i < bars.Length; i++)
        {
            var tall = bars[i] * (Height - 16.0) / most;
            var from = first.AddDays(i * step);
            var label = step == 1 ? Html.Day(from) : $"{Html.Day(from)} to {Html.Day(from.AddDays(step - 1))}";
            html.Raw(Text($"<rect class=\"bar\" x=\"{i * wide:0.##}\" y=\"{Height - tall:0.##}\" width=\"{Math.Max(1, wide - 2):0.##}\" "))
                .Raw(Text($"height=\"{tall:0.##}\"><title>{label}: {Html.Number(bars[i])} studies</title></rect>"));
        }

        var bar = step == 1 ? "day" : Text($"bar of {step} days");
        var end = days > 1 ? Html.Day(last) : "";
        html.Raw(Text($"<text x=\"0\" y=\"12\">{Html.Number(most)} in a {bar} at most</text>"))
            .Raw(Text($"<text x=\"0\" y=\"{Height + 15}\">{Html.Day(first)}</text>"))
            .Raw(Text($"<text x=\"{bars.Length * wide:0}\" y=\"{Height + 15}\" text-anchor=\"end\">{end}</text></svg>\n"));
    }

    /// <summary>The days of each year, a cell each: green where all its studies are there, red where none is.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="days">The studies by day.</param>
    public static void Coverage(Html html, SortedDictionary<DateTime, (long All, long There)> days)
    {
        // A date may be anything; what lies before the last sixty years that have studies is in the table.
        var years = days.Keys.Select(day => day.Year).Distinct().ToList();
        foreach (var year in years.Skip(Math.Max(0, years.Count - MostYears)))
        {
            html.Raw(Text($"<svg viewBox=\"0 0 {Width} {7 * Cell + 20}\" role=\"img\" aria-label=\"Coverage in {year}\">"))
                .Raw(Text($"<text x=\"0\" y=\"12\">{year}</text>"));
            var start = new DateTime(year, 1, 1);
            var offset = ((int)start.DayOfWeek + 6) % 7;
            for (var day = start; day.Year == year && day < DateTime.MaxValue.Date; day = day.AddDays(1))
            {
                var place = offset + day.DayOfYear - 1;
                var style = "none";
                var title = "";
                if (days.TryGetValue(day, out var counted))
                {
                    style = counted.There == counted.All ? "c2" : counted.There == 0 ? "c0" : "c1";
                    title = $"<title>{Html.Day(day)}: {Html.Number(counted.There)} of {Html.Number(counted.All)}</title>";
                }

                html.Raw(Text($"<rect class=\"{style}\" x=\"{place / 7 * (Cell + 3)}\" y=\"{18 + place % 7 * Cell}\" width=\"{Cell}\" "))
                    .Raw(Text($"height=\"{Cell - 3}\" rx=\"2\">{title}</rect>"));
            }

            html.Raw("</svg>\n");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
