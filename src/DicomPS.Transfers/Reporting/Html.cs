using System.Globalization;
using System.Net;

namespace DicomPS.Transfers.Reporting;

/// <summary>Writes text into HTML. Every word may be a stranger's: it is cleaned and escaped.</summary>
/// <param name="writer">Where it goes.</param>
internal sealed class Html(TextWriter writer)
{
    /// <summary>Markup of ours.</summary>
    public Html Raw(string markup)
    {
        writer.Write(markup);
        return this;
    }

    /// <summary>A text in an element, escaped.</summary>
    public Html Text(string? text)
    {
        writer.Write(Escape(text));
        return this;
    }

    /// <summary>An element with a text.</summary>
    public Html Element(string name, string? text, string? style = null) =>
        Raw(style is null ? $"<{name}>" : $"<{name} class=\"{style}\">").Text(text).Raw($"</{name}>");

    /// <summary>The head of a table; a name that begins with # is a column of numbers.</summary>
    public Html Head(params string[] names)
    {
        Raw("<table><thead><tr>");
        foreach (var name in names)
            Element("th", name.TrimStart('#'), name[0] == '#' ? "n" : null);
        return Raw("</tr></thead><tbody>\n");
    }

    /// <summary>A row: numbers to the right, all else as text.</summary>
    public Html Row(params object?[] cells)
    {
        Raw("<tr>");
        foreach (var cell in cells)
        {
            if (cell is long or int)
                Element("td", Number(Convert.ToInt64(cell, CultureInfo.InvariantCulture)), "n");
            else if (cell is DateTime moment)
                Element("td", moment.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), "d");
            else
                Element("td", cell?.ToString());
        }

        return Raw("</tr>\n");
    }

    /// <summary>The end of a table.</summary>
    public Html EndTable() => Raw("</tbody></table>\n");

    /// <summary>A text as it stands in HTML, in one line and without what steers.</summary>
    public static string Escape(string? text) => WebUtility.HtmlEncode(SafeText.Clean(text)) ?? "";

    /// <summary>A number with its thousands apart.</summary>
    public static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A day.</summary>
    public static string Day(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
