using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>Two thousand studies of a thousand patients, stored by storescu and by us, are all found again, at each level.</summary>
public class GeneratedSetTests
{
    // dcmqrscp keeps 500 studies at most.
    private const int Studies = 2000, StudiesOfDcmqrscp = 200;

    private const string Root = "2.25.141421356237309";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_thousand_studies_are_found_at_each_level_as_generated_and_as_dcmqrscp_finds_them()
    {
        using var source = new TempFolder();
        using var folder = new TempFolder();
        var instances = Enumerable.Range(0, Studies).SelectMany(Instances).ToArray();
        var halves = new[] { source.Subfolder("by-storescu"), source.Subfolder("by-us") };
        var files = new List<string>(instances.Length);
        foreach (var instance in instances)
        {
            var path = Path.Combine(halves[instance.Study % 2], $"{files.Count:00000}.dcm");
            await new DicomFile(instance.ToDataset(), TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
            files.Add(path);
        }

        await using var archive = await BoxArchive.StartAsync(folder.Path, Cancellation);
        await using var reference = await DcmqrscpServer.StartAsync(Cancellation);
        var stored = await PeerProcess.RunAsync(Programs.Storescu,
            ["-nh", "-aec", BoxArchive.AETitle, "+sd", "127.0.0.1", $"{archive.Port}", halves[0]], Cancellation);
        Assert.True(stored.ExitCode == 0, stored.Output);
        var sent = await Engine.SendAsync(Engine.Node(archive.Port, BoxArchive.AETitle), Directory.GetFiles(halves[1]), Cancellation);
        Assert.True(sent.All(result => result.Success), Engine.Failures(sent));
        var few = files.Where((_, at) => instances[at].Study < StudiesOfDcmqrscp).ToArray();
        sent = await Engine.SendAsync(Engine.Node(reference.Port, DcmqrscpServer.AETitle), few, Cancellation);
        Assert.True(sent.All(result => result.Success), Engine.Failures(sent));

        Assert.Equal((Studies, instances.Select(one => one.SeriesUid).Distinct().Count(), instances.Length),
            (archive.Served.Studies, archive.Served.Series, archive.Served.Instances));
        Assert.Equal(instances.Length, BoxArchive.Files(folder.Path).Length);
        var all = await SweepAsync(archive.Port, BoxArchive.AETitle, "*");
        Assert.Equal(Expected(instances, one => one.PatientId), all.Patients);
        Assert.Equal(Expected(instances, one => $"{one.PatientId} {one.StudyUid} {one.Date}"), all.Studies);
        Assert.Equal(Expected(instances, one => $"{one.StudyUid} {one.SeriesUid} {one.Modality}"), all.Series);
        Assert.Equal(Expected(instances, one => $"{one.SeriesUid} {one.InstanceUid} {one.Number}"), all.Images);

        // The first patients have the studies that dcmqrscp holds.
        var (ours, theirs) = (await SweepAsync(archive.Port, BoxArchive.AETitle, "A0*"),
            await SweepAsync(reference.Port, DcmqrscpServer.AETitle, "A0*"));
        Assert.Equal(StudiesOfDcmqrscp / 2, ours.Patients.Length);
        Assert.Equal(theirs.Patients, ours.Patients);
        Assert.Equal(theirs.Studies, ours.Studies);
        Assert.Equal(theirs.Series, ours.Series);
        Assert.Equal(theirs.Images, ours.Images);
    }

    /// <summary>Asks a peer for everything of some patients, level by level, each in the hierarchical way (PS3.4 C.4.1.2.1).</summary>
    private static async Task<(string[] Patients, string[] Studies, string[] Series, string[] Images)> SweepAsync(int port, string title,
        string patients)
    {
        const string model = Uids.PatientRootQueryRetrieveInformationModelFind;
        var options = AssociationOptions.For(Engine.Node(port,
            title)) with
        { PresentationContexts = [new(model, [TransferSyntax.ImplicitVRLittleEndian.Uid])] };
        await using var scu = await QueryScu.ConnectAsync(options, TimeSpan.FromMinutes(1), Cancellation);
        var context = scu.ContextFor(model);
        Assert.NotNull(context);
        List<string> ids = [], studies = [], series = [], images = [];
        foreach (var patient in await AskAsync("PATIENT", [Tags.PatientName], (Tags.PatientID, patients)))
        {
            var id = Text(patient, Tags.PatientID);
            ids.Add(id);
            foreach (var study in await AskAsync("STUDY", [Tags.StudyInstanceUID, Tags.StudyDate], (Tags.PatientID, id)))
            {
                var uid = Text(study, Tags.StudyInstanceUID);
                studies.Add($"{id} {uid} {Text(study, Tags.StudyDate)}");
                foreach (var one in await AskAsync("SERIES", [Tags.SeriesInstanceUID, Tags.Modality], (Tags.PatientID, id),
                    (Tags.StudyInstanceUID, uid)))
                {
                    var below = Text(one, Tags.SeriesInstanceUID);
                    series.Add($"{uid} {below} {Text(one, Tags.Modality)}");
                    foreach (var image in await AskAsync("IMAGE", [Tags.SOPInstanceUID, Tags.InstanceNumber], (Tags.PatientID, id),
                        (Tags.StudyInstanceUID, uid), (Tags.SeriesInstanceUID, below)))
                        images.Add($"{below} {Text(image, Tags.SOPInstanceUID)} {Text(image, Tags.InstanceNumber)}");
                }
            }
        }

        await scu.ReleaseAsync(Cancellation);
        return (Sorted(ids), Sorted(studies), Sorted(series), Sorted(images));

        async Task<List<DicomDataset>> AskAsync(string level, DicomTag[] returned, params (DicomTag Tag, string Value)[] keys)
        {
            var identifier = QueryArchive.Keys([(Tags.QueryRetrieveLevel, level), .. keys]);
            foreach (var tag in returned)
                identifier.Set(tag);
            var answers = new List<DicomDataset>();
            await foreach (var response in scu.FindAsync(context, identifier, null, DicomPriority.Medium, Cancellation))
            {
                if (response is { IsPending: true, Dataset: { } answer })
                    answers.Add(answer);
                else
                    Assert.Equal(Statuses.Success, response.Command.Status);
            }

            return answers;
        }
    }

    private static string Text(DicomDataset dataset, DicomTag tag) => (dataset.GetString(tag) ?? "").Trim();

    private static string[] Sorted(IEnumerable<string> values) => [.. values.Order(StringComparer.Ordinal)];

    private static string[] Expected(IEnumerable<Instance> instances, Func<Instance, string> text) =>
        Sorted(instances.Select(text).Distinct());

    /// <summary>One or two series, the second of two instances.</summary>
    private static IEnumerable<Instance> Instances(int study)
    {
        yield return new Instance(study, 1, 1);
        if (study % 4 != 3)
            yield break;
        yield return new Instance(study, 2, 1);
        yield return new Instance(study, 2, 2);
    }

    private sealed record Instance(int Study, int Series, int Number)
    {
        private static readonly string[] Modalities = ["CT", "MR", "US", "CR"];

        public string PatientId => $"{(Study < StudiesOfDcmqrscp ? 'A' : 'B')}0{Study / 2}";

        public string StudyUid => $"{Root}.{Study + 1}";

        public string SeriesUid => $"{StudyUid}.{Series}";

        public string InstanceUid => $"{SeriesUid}.{Number}";

        public string Modality => Series == 2 ? "SR" : Modalities[Study % Modalities.Length];

        public string Date => new DateTime(2015, 1, 1).AddDays(Study).ToString("yyyyMMdd",
            System.Globalization.CultureInfo.InvariantCulture);

        public DicomDataset ToDataset() => QueryArchive.Keys(
            (Tags.SOPClassUID, Uids.CTImageStorage),
            (Tags.SOPInstanceUID, InstanceUid),
            (Tags.StudyDate, Date),
            (Tags.StudyTime, "120000"),
            (Tags.AccessionNumber, $"ACC{Study}"),
            (Tags.Modality, Modality),
            (Tags.PatientName, $"NAME{Study / 2}^GIVEN"),
            (Tags.PatientID, PatientId),
            (Tags.StudyInstanceUID, StudyUid),
            (Tags.SeriesInstanceUID, SeriesUid),
            (Tags.StudyID, $"{Study}"),
            (Tags.SeriesNumber, $"{Series}"),
            (Tags.InstanceNumber, $"{Number}"));
    }
}
