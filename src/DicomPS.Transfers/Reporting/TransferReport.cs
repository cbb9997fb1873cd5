using System.Globalization;
using System.Text;
using DicomPS.Compatibility;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Reporting;

/// <summary>
/// Writes what came of a transfer into one file that opens anywhere: HTML for people, CSV for programs. Memory does not grow with the
/// studies, which pass by twice. The file is its owner's alone, since it names patients, and is there when it is whole.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="transfer">The transfer.</param>
internal sealed class TransferReport(TransferStore store, TransferRow transfer)
{
    // What a person reads; the CSV has all of them.
    private const int MostRows = 20_000;

    private static readonly string[] Columns =
    [
        "StudyInstanceUID", "State", "StudyDate", "PatientID", "PatientName", "AccessionNumber", "Modalities", "StudyDescription",
        "ExpectedInstances", "SourceInstances", "DestinationInstances", "Attempts", "Bytes", "Added", "Started", "Transferred", "Finished",
        "ErrorKind", "Error",
    ];

    /// <summary>Writes it.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="isCsv">Whether it is CSV.</param>
    /// <param name="cancellationToken">Stops it; no file is left then.</param>
    /// <returns>How many studies it has.</returns>
    public async Task<long> WriteAsync(string path, bool isCsv, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            long count;
            using (var file = PrivateFiles.Open(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            using (var writer = new StreamWriter(file, new UTF8Encoding(isCsv), 1 << 16))
            {
                count = isCsv ? await WriteCsvAsync(writer, cancellationToken).ConfigureAwait(false)
                    : await WriteHtmlAsync(writer, cancellationToken).ConfigureAwait(false);
                await writer.FlushAsync().ConfigureAwait(false);
            }

            FileMoves.Replace(temporary, path);
            return count;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<long> WriteHtmlAsync(TextWriter writer, CancellationToken cancellationToken)
    {
        var tally = new TransferTally();
        await foreach (var item in store.ItemsAsync(transfer.Id, null, cancellationToken).ConfigureAwait(false))
            tally.Add(item);
        var proof = await store.ProveAsync(transfer.Name, cancellationToken).ConfigureAwait(false);
        var html = new Html(writer);
        Begin(html, tally, proof.Attempts, proof.Problem);
        if (tally.Finished.Count > 0)
        {
            html.Raw("<h2>Studies over time</h2>\n");
            ReportCharts.Time(html, tally.Finished);
        }

        Coverage(html, tally);
        Failures(html, tally);
        await DifferencesAsync(html, cancellationToken).ConfigureAwait(false);
        await OpenAsync(html, tally, cancellationToken).ConfigureAwait(false);
        html.Raw("</body></html>\n");
        return tally.All;
    }

    private void Begin(Html html, TransferTally tally, long attempts, string? problem)
    {
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"referrer\" content=\"no-referrer\">")
            .Raw($"<meta http-equiv=\"Content-Security-Policy\" content=\"{ReportStyle.Policy}\">")
            .Element("title", $"Transfer {transfer.Name}").Raw($"<style>\n{ReportStyle.Css}\n</style></head><body>\n");
        html.Element("h1", $"Transfer {transfer.Name}");
        var nodes = $"{transfer.Source.Node} to {transfer.Destination.Node}, {transfer.Method}, verified by {transfer.Verify}"
            + (transfer.VerifySample < 100 && VerifyLevel.GetsInstances(transfer.Verify)
                ? $", {transfer.VerifySample} % of the instances of each study" : "");
        html.Element("p", nodes, "soft");
        var (first, last) = (tally.First is { } began ? Moment(began) : "not yet", tally.Last is { } ended ? Moment(ended) : "not yet");
        html.Element("p", $"Made {Moment(transfer.Created)} by {transfer.CreatedBy}; this report {Moment(DateTime.Now)}. "
            + $"Work began {first}, the last study ended {last}.", "soft");
        var left = tally.All - tally.There;
        var (text, style) = problem is not null ? ($"These tables were changed past the program, and prove nothing. {problem}", "bad")
            : tally.All == 0 ? ("There is no study in it.", "")
            : left == 0 ? ($"All {Html.Number(tally.All)} studies are at the destination, and were found alike.", "good")
            : ($"{Html.Number(left)} of {Html.Number(tally.All)} studies are not known to be at the destination.",
                tally.Count("Failed") + tally.Count("Differs") > 0 ? "bad" : "");
        html.Element("div", text, $"verdict {style}".TrimEnd());
        html.Raw("<div class=\"cards\">");
        foreach (var state in new[] { "Done", "Skipped", "Transferred", "Running", "Waiting", "Differs", "Failed", "Cancelled" })
        {
            if (tally.Count(state) is > 0 and var count)
                html.Raw("<div class=\"card\">").Element("b", Html.Number(count), Mood(state)).Text(state).Raw("</div>");
        }

        Card(Html.Number(tally.Instances), "instances there");
        if (tally.Bytes is { } bytes)
            Card((bytes / 1e9).ToString("#,0.0", CultureInfo.InvariantCulture), "GB moved");
        Card(Html.Number(attempts), "tries, each chained to the one before");
        html.Raw("</div>\n");

        void Card(string number, string what) => html.Raw("<div class=\"card\">").Element("b", number).Text(what).Raw("</div>");
    }

    private static void Coverage(Html html, TransferTally tally)
    {
        html.Raw("<h2>Coverage by day of the study</h2>\n");
        if (tally.Days.Count > 0)
            ReportCharts.Coverage(html, tally.Days);
        html.Head("Year", "#Studies", "#There", "#Not there", "#Days with studies", "#Days not whole");
        foreach (var year in tally.Days.GroupBy(day => day.Key.Year))
        {
            var (all, there) = (year.Sum(day => day.Value.All), year.Sum(day => day.Value.There));
            html.Row(year.Key.ToString(CultureInfo.InvariantCulture), all, there, all - there, year.LongCount(),
                year.LongCount(day => day.Value.There < day.Value.All));
        }

        if (tally.Dateless.All > 0)
            html.Row("without a date", tally.Dateless.All, tally.Dateless.There, tally.Dateless.All - tally.Dateless.There, null, null);
        html.EndTable();
        var open = tally.Days.Where(day => day.Value.There < day.Value.All).Take(MostRows).ToList();
        if (open.Count == 0)
            return;
        html.Raw("<h2>Days that are not whole</h2>\n").Head("Day", "#Studies", "#There", "#Not there");
        foreach (var day in open)
            html.Row(Html.Day(day.Key), day.Value.All, day.Value.There, day.Value.All - day.Value.There);
        html.EndTable();
    }

    private static void Failures(Html html, TransferTally tally)
    {
        if (tally.Reasons.Count == 0)
            return;
        html.Raw("<h2>Failures by reason</h2>\n").Head("#Studies", "Kind", "Reason", "Such as");
        foreach (var reason in tally.Reasons.OrderByDescending(reason => reason.Value.Count))
            html.Row(reason.Value.Count, reason.Key.Kind, reason.Key.Reason, reason.Value.Study);
        html.EndTable();
    }

    private async Task DifferencesAsync(Html html, CancellationToken cancellationToken)
    {
        html.Raw("<h2>Differences</h2>\n");
        var count = 0;
        await foreach (var row in store.DifferencesAsync(transfer.Id, cancellationToken).ConfigureAwait(false))
        {
            if (count++ == 0)
                html.Head("Found", "Kind", "Study", "Series", "Instance", "Attributes", "Source", "Destination");
            html.Row(row.Found, row.Kind, row.StudyUid, row.SeriesUid, row.InstanceUid, row.Attributes, row.SourceValue,
                row.DestinationValue);
        }

        if (count == 0)
            html.Element("p", "None was found.", "soft");
        else
            html.EndTable();
    }

    private async Task OpenAsync(Html html, TransferTally tally, CancellationToken cancellationToken)
    {
        var left = tally.All - tally.There;
        if (left == 0)
            return;
        html.Raw("<h2>Studies that are not known to be there</h2>\n");
        if (left > MostRows)
            html.Element("p", $"The first {Html.Number(MostRows)} of {Html.Number(left)}; the CSV has all.", "soft");
        html.Head("State", "Study date", "Patient ID", "Patient", "Mod", "#Source", "#There", "#Tries", "Study", "Why");
        var count = 0;
        foreach (var state in new[] { "Failed", "Differs", "Cancelled", "Transferred", "Running", "Waiting" })
        {
            await foreach (var item in store.ItemsAsync(transfer.Id, state, cancellationToken).ConfigureAwait(false))
            {
                if (count++ >= MostRows)
                    break;
                html.Row(item.State, item.StudyDate, item.PatientId, item.PatientName, item.Modalities, item.SourceInstances,
                    item.DestinationInstances, item.Attempts, item.StudyUid, item.Error);
            }
        }

        html.EndTable();
    }

    private async Task<long> WriteCsvAsync(TextWriter writer, CancellationToken cancellationToken)
    {
        var count = 0L;
        await writer.WriteLineAsync(string.Join(",", Columns.Select(Quote))).ConfigureAwait(false);
        await foreach (var item in store.ItemsAsync(transfer.Id, null, cancellationToken).ConfigureAwait(false))
        {
            count++;
            await writer.WriteLineAsync(string.Join(",", Cells(item).Select(Quote))).ConfigureAwait(false);
        }

        return count;
    }

    private static string?[] Cells(ItemRow item) =>
    [
        item.StudyUid, item.State, item.StudyDate, item.PatientId, item.PatientName, item.AccessionNumber, item.Modalities,
        item.Description,
        Text(item.ExpectedInstances), Text(item.SourceInstances), Text(item.DestinationInstances), Text(item.Attempts), Text(item.Bytes),
        Iso(item.Added), Iso(item.Started), Iso(item.Transferred), Iso(item.Finished), item.ErrorKind, item.Error,
    ];

    private static string Quote(string? text) => text is null ? "" : $"\"{SafeText.Clean(text).Replace("\"", "\"\"")}\"";

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Iso(DateTime? moment) => moment?.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);

    private static string Moment(DateTime moment) => moment.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string? Mood(string state) => state switch
    {
        "Done" or "Skipped" => "good",
        "Failed" or "Differs" => "bad",
        _ => null,
    };
}
