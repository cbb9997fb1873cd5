using DicomPS.Associations;
using DicomPS.Comparing;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Querying;
using DicomPS.Serialization;

namespace DicomPS.Interop.Tests.Comparing;

/// <summary>Archives of other makers compared with ours.</summary>
public class ArchiveComparisonTests
{
    private static readonly DateTime First = new(2024, 1, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_studies_are_equal_in_Orthanc_and_what_it_lacks_is_found_from_either_side()
    {
        using var folder = new TempFolder();
        using var kept = new TempFolder();
        var files = await WriteAsync(folder, 100, _ => true);
        await using var orthanc = await OrthancServer.StartAsync(Cancellation);
        await using var box = await BoxArchive.StartAsync(kept.Path, Cancellation);
        var (theirs, ours) = (Engine.Node(orthanc.Port, OrthancServer.AETitle), Engine.Node(box.Port, BoxArchive.AETitle));
        await SendAsync(theirs, files);
        await SendAsync(ours, files);
        // Without a range of days, so that what has no date is looked for among exactly a hundred.
        foreach (var (one, other) in new[] { (ours, theirs), (theirs, ours) })
        {
            var (rows, summary) = await CompareAsync(one, other, new QueryRequest { Split = QuerySplit.Auto });
            Assert.Empty(rows.Select(row => row.ToString() + row.Reason));
            Assert.True(summary.IsComplete, summary.Text);
            Assert.Equal(100, summary.Total.Equal);
        }

        await SendAsync(ours, [await SaveAsync(folder, 7, 2, First.AddDays(7)), await SaveAsync(folder, 200, 1, First.AddDays(3))]);
        var range = new QueryRequest { After = First, Before = First.AddDays(40), Split = QuerySplit.Auto };
        Assert.Equal("Missing 200; Partial 7", Text((await CompareAsync(ours, theirs, range)).Rows));
        Assert.Equal("Different 7; Extra 200", Text((await CompareAsync(theirs, ours, range)).Rows));
        Assert.Equal("Missing 200; Missing 7", Text((await CompareAsync(ours, theirs, range, ComparisonLevel.Instance)).Rows));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_Orthanc_that_stops_at_a_hundred_is_equal_only_where_its_answers_can_be_divided(bool ofOnePatient)
    {
        using var folder = new TempFolder();
        // A day that has more than the limit, in one hour: patients tell its studies apart, where there are several.
        var files = await WriteAsync(folder, 240, number => ofOnePatient || number % 2 == 0,
            number => number <= 130 ? First : First.AddDays(number), ofOnePatient ? "P1" : null);
        await using var orthanc = await OrthancServer.StartAsync(100, Cancellation);
        var node = Engine.Node(orthanc.Port, OrthancServer.AETitle);
        await SendAsync(node, files);
        var (rows, summary) = await CompareAsync(node, node,
            new QueryRequest { After = First, Before = First.AddDays(400), Split = QuerySplit.Auto });
        Assert.All(rows, row => Assert.Equal(("Unknown", "Days", First), (row.Difference, row.Level, row.StudyDate)));
        Assert.True(summary.IsComplete ? !ofOnePatient && summary.Total.Equal == 240 : rows.Count == 1, summary.Text);
        // Orthanc gives one answer more than its limit, and says that it was cut (FE00).
        Assert.Equal(ofOnePatient ? 110 + 101 : 240, summary.Total.Equal);
        Assert.All(rows, row => Assert.Contains("FE00", row.Reason));
    }

    [Fact]
    public async Task A_hundred_studies_are_equal_in_dcmqrscp_instance_by_instance()
    {
        using var folder = new TempFolder();
        using var kept = new TempFolder();
        var files = await WriteAsync(folder, 100, _ => true);
        await using var dcmqrscp = await DcmqrscpServer.StartAsync(Cancellation);
        await using var box = await BoxArchive.StartAsync(kept.Path, Cancellation);
        var (theirs, ours) = (Engine.Node(dcmqrscp.Port, DcmqrscpServer.AETitle), Engine.Node(box.Port, BoxArchive.AETitle));
        await SendAsync(theirs, files);
        await SendAsync(ours, files);
        var request = new QueryRequest { After = First, Before = First.AddDays(40), Split = QuerySplit.Auto };
        var (rows, summary) = await CompareAsync(ours, theirs, request, ComparisonLevel.Instance);
        Assert.Empty(rows.Select(row => row.ToString() + row.Reason));
        Assert.True(summary.IsComplete, summary.Text);
        await SendAsync(ours, [await SaveAsync(folder, 7, 2, First.AddDays(7))]);
        Assert.Equal("Missing 7", Text((await CompareAsync(ours, theirs, request, ComparisonLevel.Instance)).Rows));
    }

    private static async Task<(List<ArchiveDifference> Rows, ComparisonSummary Summary)> CompareAsync(
        DicomNode one, DicomNode other, QueryRequest request, ComparisonLevel level = ComparisonLevel.Study)
    {
        var rows = new List<ArchiveDifference>();
        ComparisonSummary? summary = null;
        var comparison = new ArchiveComparison(new ComparisonOptions
        {
            Reference = Of(one),
            Difference = Of(other),
            Request = request,
            Level = level,
        });
        await foreach (var value in comparison.RunAsync(Cancellation))
        {
            if (value is ComparisonFound found)
                rows.Add(found.Result);
            summary = value as ComparisonSummary ?? summary;
        }

        return (rows, summary!);

        static QueryJobOptions Of(DicomNode node) =>
            new() { Association = AssociationOptions.For(node), Node = node, Associations = 2 };
    }

    private static string Text(List<ArchiveDifference> rows) => string.Join("; ", rows
        .Select(row => $"{row.Difference} {row.StudyInstanceUID!.Split('.')[^1]}").Order(StringComparer.Ordinal));

    private static async Task SendAsync(DicomNode node, IReadOnlyList<string> files) =>
        Assert.All(await Engine.SendAsync(node, files, Cancellation), result => Assert.True(result.Success, result.Error));

    private static async Task<List<string>> WriteAsync(
        TempFolder folder, int studies, Func<int, bool> hasTime, Func<int, DateTime>? day = null, string? patient = null)
    {
        var files = new List<string>();
        for (var study = 1; study <= studies; study++)
            files.Add(await SaveAsync(folder, study, 1, day?.Invoke(study) ?? First.AddDays(study % 30), hasTime(study), patient));
        return files;
    }

    private static async Task<string> SaveAsync(
        TempFolder folder, int study, int instance, DateTime day, bool hasTime = true, string? patient = null)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        dataset.Set(Tags.SOPInstanceUID, $"{QueryArchive.Root}.8.{study}.1.{instance}");
        dataset.Set(Tags.SeriesInstanceUID, $"{QueryArchive.Root}.8.{study}.1");
        dataset.Set(Tags.StudyInstanceUID, $"{QueryArchive.Root}.8.{study}");
        dataset.Set(Tags.PatientID, patient ?? $"P{study}");
        dataset.Set(Tags.PatientName, "DOE^JOHN");
        dataset.Set(Tags.StudyDate, $"{day:yyyyMMdd}");
        dataset.Set(Tags.StudyTime, hasTime ? "101500" : "");
        dataset.Set(Tags.StudyID, $"{study}");
        dataset.Set(Tags.AccessionNumber, $"A{study}");
        dataset.Set(Tags.Modality, "CT");
        dataset.Set(Tags.SeriesNumber, "1");
        dataset.Set(Tags.InstanceNumber, $"{instance}");
        var path = folder.Combine($"{study}.{instance}.dcm");
        await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
        return path;
    }
}
