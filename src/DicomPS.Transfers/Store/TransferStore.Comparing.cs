using System.Data.Common;
using System.Globalization;
using DicomPS.Comparing;

namespace DicomPS.Transfers.Store;

/// <summary>A comparison in a store.</summary>
/// <param name="Id">Its number.</param>
/// <param name="What">What is compared with what.</param>
/// <param name="Today">The day on which it was begun, which its windows follow from.</param>
/// <param name="Begun">When, by the database's clock, in milliseconds.</param>
/// <param name="IsEnded">Whether it came to its end.</param>
/// <param name="Parts">How many parts are done.</param>
internal sealed record ComparisonRow(long Id, string What, DateTime Today, long Begun, bool IsEnded, long Parts);

// Comparisons of two archives, and how far they are.
internal sealed partial class TransferStore
{
    private const string DateForm = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF";

    /// <summary>The comparison of a name, made or begun anew where there is nothing to go on with.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="what">What is compared; one of the name that compares something else is left as it is.</param>
    /// <param name="today">The day of a new one.</param>
    /// <param name="restarts">Whether it begins anew in any case.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ComparisonRow> OpenComparisonAsync(
        string name, string what, DateTime today, bool restarts, CancellationToken cancellationToken) => WriteAsync(async session =>
        {
            (string, object?)[] values = [("name", name), ("what", what), ("today", DateOf(today))];
            await session.RunAsync(ComparisonSql.Add, values).ConfigureAwait(false);
            var known = await GetAsync().ConfigureAwait(false);
            if (!restarts && (known.What != what || !known.IsEnded))
                return known;
            foreach (var table in new[] { "comparison_difference", "comparison_day", "comparison_part" })
                await session.RunAsync($"DELETE FROM {table} WHERE comparison_id = @id", ("id", known.Id)).ConfigureAwait(false);
            await session.RunAsync(ComparisonSql.Renew, ("id", known.Id), ("what", what), ("today", DateOf(today))).ConfigureAwait(false);
            return await GetAsync().ConfigureAwait(false);

            async Task<ComparisonRow> GetAsync() => (await session.ReadAsync(ComparisonSql.Get, row => new ComparisonRow(row.GetInt64(0),
                row.GetString(1), DateAt(row, 2)!.Value, row.GetInt64(3), !row.IsDBNull(4), row.GetInt64(5)), ("name", name))
                .ConfigureAwait(false))[0];
        }, cancellationToken);

    /// <summary>What is done of a comparison, all parts together, without the differences; null for nothing.</summary>
    public Task<ComparedPart?> ComparedAsync(long comparison, CancellationToken cancellationToken) => ReadAsync(async session =>
    {
        var parts = await session.ReadAsync(ComparisonSql.Parts, row => (Windows: row.GetString(1), Settled: row.GetString(2),
            Seen: row.GetString(3), Reference: row.GetInt64(4), Difference: row.GetInt64(5)), ("id", comparison)).ConfigureAwait(false);
        if (parts.Count == 0)
            return null;
        var days = await session.ReadAsync(ComparisonSql.Days, row => new ArchiveComparisonDay
        {
            StudyDate = DateAt(row, 0),
            ReferenceStudies = row.GetInt64(1),
            DifferenceStudies = row.GetInt64(2),
            Equal = row.GetInt64(3),
            Missing = row.GetInt64(4),
            Extra = row.GetInt64(5),
            Partial = row.GetInt64(6),
            Offline = row.GetInt64(7),
            Different = row.GetInt64(8),
            Unknown = row.GetInt64(9),
        }, ("id", comparison)).ConfigureAwait(false);
        return new ComparedPart
        {
            Windows = [.. parts.SelectMany(part => Words(part.Windows)).Select(word => int.Parse(word, CultureInfo.InvariantCulture))],
            Days = days,
            Settled = [.. parts.SelectMany(part => Words(part.Settled))],
            Seen = parts[^1].Seen,
            ReferenceStudies = parts.Sum(part => part.Reference),
            DifferenceStudies = parts.Sum(part => part.Difference),
        };
    }, cancellationToken);

    /// <summary>The differences of a comparison, in their order.</summary>
    public IAsyncEnumerable<ArchiveDifference> ComparedRowsAsync(long comparison, CancellationToken cancellationToken) =>
        StreamAsync(ComparisonSql.Differences, DifferenceOf, [("id", comparison)], cancellationToken);

    /// <summary>Keeps a part, all of it or nothing.</summary>
    /// <returns>False when another run has the comparison by now; then nothing is kept.</returns>
    public Task<bool> AddPartAsync(ComparisonRow comparison, long number, ComparedPart part, CancellationToken cancellationToken) =>
        WriteAsync(async session =>
        {
            var isOurs = await session.RunAsync(ComparisonSql.AddPart, ("id", comparison.Id), ("begun", comparison.Begun),
                ("number", number), ("windows", string.Join(" ", part.Windows)), ("settled", string.Join(" ", part.Settled)),
                ("seen", part.Seen), ("reference", part.ReferenceStudies), ("difference", part.DifferenceStudies)).ConfigureAwait(false);
            if (isOurs == 0)
                return false;
            (string, object?)[] of = [("id", comparison.Id), ("part", number)];
            foreach (var day in part.Days)
            {
                await session.RunAsync(ComparisonSql.AddDay, [.. of, ("date", DateOf(day.StudyDate)), ("reference", day.ReferenceStudies),
                    ("difference", day.DifferenceStudies), ("equal", day.Equal), ("missing", day.Missing), ("extra", day.Extra),
                    ("partial", day.Partial), ("offline", day.Offline), ("different", day.Different), ("unknown", day.Unknown)])
                    .ConfigureAwait(false);
            }

            foreach (var row in part.Rows)
                await session.RunAsync(ComparisonSql.AddDifference, [.. of, .. Values(row).Select(Kept)]).ConfigureAwait(false);
            return true;
        }, cancellationToken);

    /// <summary>The comparison came to its end.</summary>
    public Task EndComparisonAsync(long comparison, CancellationToken cancellationToken) =>
        WriteAsync(session => session.RunAsync(ComparisonSql.End, ("id", comparison)), cancellationToken);

    private static string[] Words(string text) => text.Split([' '], StringSplitOptions.RemoveEmptyEntries);

    private static string? DateOf(DateTime? date) => date?.ToString(DateForm, CultureInfo.InvariantCulture);

    private static DateTime? DateAt(DbDataReader row, int at) =>
        row.Text(at) is { } text ? DateTime.ParseExact(text, DateForm, CultureInfo.InvariantCulture) : null;

    // What archives say is kept as far as people read it; what is needed to go on, such as the windows, is kept whole.
    private static (string, object?) Kept((string Name, object? Value) one) =>
        (one.Name, one.Value is string text ? StoreText.Short(text) : one.Value);

    private static (string, object?)[] Values(ArchiveDifference row) =>
    [
        ("kind", row.Difference), ("level", row.Level), ("date", DateOf(row.StudyDate)), ("patient_name", row.PatientName),
        ("patient_id", row.PatientID), ("accession", row.AccessionNumber), ("modalities", row.Modalities),
        ("description", row.StudyDescription), ("reference_series", (long?)row.ReferenceSeries),
        ("difference_series", (long?)row.DifferenceSeries), ("reference_instances", (long?)row.ReferenceInstances),
        ("difference_instances", (long?)row.DifferenceInstances), ("reference_availability", row.ReferenceAvailability),
        ("difference_availability", row.DifferenceAvailability), ("keys", row.Keys), ("reason", row.Reason),
        ("study", row.StudyInstanceUID), ("series", row.SeriesInstanceUID), ("instance", row.SOPInstanceUID),
    ];

    private static ArchiveDifference DifferenceOf(DbDataReader row) => new()
    {
        Kind = (ArchiveDifferenceKind)Enum.Parse(typeof(ArchiveDifferenceKind), row.GetString(0)),
        Level = row.GetString(1),
        StudyDate = DateAt(row, 2),
        PatientName = row.Text(3),
        PatientID = row.Text(4),
        AccessionNumber = row.Text(5),
        Modalities = row.Text(6),
        StudyDescription = row.Text(7),
        ReferenceSeries = (int?)row.Number(8),
        DifferenceSeries = (int?)row.Number(9),
        ReferenceInstances = (int?)row.Number(10),
        DifferenceInstances = (int?)row.Number(11),
        ReferenceAvailability = row.Text(12),
        DifferenceAvailability = row.Text(13),
        Keys = row.Text(14),
        Reason = row.Text(15),
        StudyInstanceUID = row.Text(16),
        SeriesInstanceUID = row.Text(17),
        SOPInstanceUID = row.Text(18),
    };
}
