using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DicomPS.Archiving.Serving;
using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>
/// All of pydicom's .dcm files into an archive by every sender and out of it by every receiver: what was acknowledged comes back as it
/// is kept, what was not is refused with a reason.
/// </summary>
public sealed partial class CorpusTests
{
    private const string Other = "OTHER";

    // getscu proposes one transfer syntax beside the uncompressed ones: one run for each that the corpus has.
    private static readonly string[] Preferences = ["+xe", "+xb", "+xs", "+xy", "+xx", "+xv", "+xw", "+xt", "+xu", "+xr", "+xd"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("engine", 58)]
    [InlineData("storescu", 50)]
    [InlineData("dcmsend", 50)]
    [InlineData("orthanc", 45)]
    public async Task What_a_sender_was_acknowledged_comes_back_by_movescu_byte_for_byte(string sender, long least)
    {
        long acknowledgedInAll = 0, refusedInAll = 0;
        foreach (var files in Batches(Corpus.Files()))
        {
            using var folder = new TempFolder();
            var refusals = new ConcurrentQueue<string>();
            await using var destination = await StorescpServer.StartAsync(Cancellation);
            await using var archive = await StartAsync(folder.Subfolder("archive"),
                title => title == Other ? destination.Port : null, refusals);

            var (acknowledged, refused) = sender switch
            {
                "engine" => await EngineAsync(archive.Port, files),
                "storescu" => await StorescuAsync(archive.Port, files, folder),
                "dcmsend" => await DcmsendAsync(archive.Port, files),
                _ => await OrthancAsync(archive.Port, files),
            };

            (acknowledgedInAll, refusedInAll) = (acknowledgedInAll + acknowledged, refusedInAll + refused);
            Assert.Equal((acknowledged, refused), (archive.Served.Received, archive.Served.Failed));
            // The only reasons there are to refuse one of these.
            Assert.Equal(refused, refusals.Count);
            Assert.All(refusals,
                reason => Assert.Matches("name different SOP (instances|classes)|has no (Study|Series)InstanceUID|has no SOPClassUID",
                    reason));
            var kept = BoxArchive.Files(archive.Served.Archive.Folder);
            Assert.Equal(acknowledged, kept.Length);
            Assert.Equal(kept.Length, archive.Served.Instances);
            if (kept.Length == 0)
                continue;

            var moved = await PeerProcess.RunAsync(
                Programs.Movescu, ["-v", "-S", "-aec", BoxArchive.AETitle, "-aem", Other, "-k", "QueryRetrieveLevel=STUDY", "-k",
                    $"StudyInstanceUID={Studies(kept)}", "127.0.0.1", $"{archive.Port}"], Cancellation);

            Assert.True(moved.ExitCode == 0, moved.Output);
            Assert.Contains("Received Final Move Response (Success)", moved.Output, StringComparison.Ordinal);
            Compare.SameDatasets(kept, destination.Files());
        }

        Assert.True(acknowledgedInAll >= least, $"{acknowledgedInAll} were acknowledged, {refusedInAll} refused.");
    }

    [Fact]
    public async Task What_is_sent_as_it_is_is_kept_as_it_is_and_comes_back_so_by_getscu_and_by_Orthanc()
    {
        using var folder = new TempFolder();
        var files = Corpus.Files();
        var orthancPort = 0;
        await using var archive = await StartAsync(folder.Subfolder("archive"),
            title => title == OrthancServer.AETitle ? orthancPort : null, new ConcurrentQueue<string>());
        await EngineAsync(archive.Port, files);
        var kept = BoxArchive.Files(archive.Served.Archive.Folder)
            .ToDictionary(file => DicomFileProbe.Read(file).SopInstanceUid, file => file);
        var sources = files.Select(DatasetBytes.DigestOf).ToHashSet();
        Assert.All(kept.Values, file => Assert.Contains(DatasetBytes.DigestOf(file), sources));

        var missing = kept.Keys.ToHashSet();
        foreach (var preference in Preferences)
        {
            var target = folder.Subfolder($"got{preference[1..]}");
            var got = await PeerProcess.RunAsync(
                Programs.Getscu, ["-v", "-S", "+B", preference, "-aec", BoxArchive.AETitle, "-od", target, "-k", "QueryRetrieveLevel=STUDY",
                    "-k", $"StudyInstanceUID={Studies(kept.Values)}", "127.0.0.1", $"{archive.Port}"], Cancellation);
            foreach (var file in Directory.GetFiles(target))
            {
                var uid = DicomFileProbe.Read(file).SopInstanceUid;
                if (DatasetBytes.DigestOf(file) == DatasetBytes.DigestOf(kept[uid]))
                    missing.Remove(uid);
            }

            // What could not go in these contexts is counted. getscu does not read the list of it.
            var arrivedNow = Directory.GetFiles(target).Length;
            Assert.Matches($@"Completed Suboperations : {arrivedNow}\s[\s\S]*Failed Suboperations +: {kept.Count - arrivedNow}\s",
                got.Output);
        }

        // getscu has no way to ask for implicit VR alone: such files come in another spelling.
        Assert.All(missing, uid => Assert.Equal(Uids.ImplicitVRLittleEndian, DicomFileProbe.Read(kept[uid]).TransferSyntax.Uid));
        await Compare.SameContentAsync(missing.Select(uid => kept[uid]),
            missing.Select(uid => Path.Combine(folder.Path, "got" + Preferences[0][1..], uid)), Cancellation);

        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (BoxArchive.AETitle, archive.Port));
        orthancPort = orthanc.Port;
        using var query = await orthanc.Http.PostAsJsonAsync("modalities/box/query",
            new JsonObject { ["Level"] = "Study", ["Query"] = new JsonObject { ["StudyDate"] = "*" } }, Cancellation);
        var path = (await query.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["Path"]!.GetValue<string>().TrimStart('/');
        using var retrieve = await orthanc.Http.PostAsJsonAsync($"{path}/retrieve",
            new JsonObject { ["TargetAet"] = OrthancServer.AETitle, ["Synchronous"] = true, ["Permissive"] = true }, Cancellation);
        Assert.True(retrieve.IsSuccessStatusCode, archive.LastError + orthanc.Output);
        // Orthanc spells what it keeps in its own way, so the instances are compared here, and their content in OrthancTests.
        var arrived = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in await orthanc.InstanceIdsAsync(Cancellation))
        {
            var copy = folder.Combine($"{id}.dcm");
            await File.WriteAllBytesAsync(copy, await orthanc.FileAsync(id, Cancellation), Cancellation);
            arrived.Add(DicomFileProbe.Read(copy).SopInstanceUid);
        }

        Assert.True(arrived.Count >= 25, $"{arrived.Count} of {kept.Count} arrived. {orthanc.Output}");
        Assert.Subset(kept.Keys.ToHashSet(), arrived);
        // Orthanc refuses a few odd ones, whoever sends them.
        var refused = await Engine.SendAsync(Engine.Node(orthanc.Port, OrthancServer.AETitle),
            [.. kept.Keys.Except(arrived).Select(uid => kept[uid])], Cancellation);
        Assert.All(refused, result => Assert.False(result.Success, $"{result.Path} did not arrive."));
    }

    // An archive keeps one file for each instance, and several of these are the same one: they go one after the other.
    private static IEnumerable<string[]> Batches(IEnumerable<string> files) => files
        .GroupBy(file =>
        {
            try
            {
                return DicomFileProbe.Read(file).SopInstanceUid;
            }
            catch (DicomException)
            {
                return file;
            }
        })
        .SelectMany(same => same.Select((file, batch) => (file, batch))).GroupBy(one => one.batch, one => one.file)
        .Select(batch => batch.ToArray());

    private static Task<ArchiveHost> StartAsync(string folder, Func<string, int?> portOf, ConcurrentQueue<string> refusals) =>
        ArchiveHost.StartAsync(
        new ArchiveServerOptions
        {
            Folder = folder,
            Destination = title => portOf(title) is { } port
                ? AssociationOptions.For(Engine.Node(port, title) with { CallingAETitle = BoxArchive.AETitle }) : null,
            Server = new DicomServerOptions
            {
                AETitle = BoxArchive.AETitle,
                Address = System.Net.IPAddress.Loopback,
                Trace = told =>
                {
                    if (told is { Operation: "C-STORE", Problem: { } problem })
                        refusals.Enqueue(problem.Message);
                },
            },
        },
        Cancellation);

    private static string Studies(IEnumerable<string> files) =>
        string.Join('\\', files.Select(file => DicomFileProbe.Read(file).Header.GetString(Tags.StudyInstanceUID)!)
            .Distinct(StringComparer.Ordinal));

    private static async Task<(long Acknowledged, long Refused)> EngineAsync(int port, string[] files)
    {
        var results = await Engine.SendAsync(Engine.Node(port, BoxArchive.AETitle), files, Cancellation);
        // A file that is no whole instance is not sent; it has a reason too.
        Assert.All(results.Where(result => !result.Success), result => Assert.False(string.IsNullOrEmpty(result.Error), result.Path));
        return (results.Count(result => result.Success), results.Count(result => result.StatusCode is > 0 && !result.Success));
    }

    private static async Task<(long Acknowledged, long Refused)> StorescuAsync(int port, string[] files, TempFolder folder)
    {
        var profile = folder.Combine("storescu.cfg");
        StorescuProfile.Write(profile, files);
        var sent = await PeerProcess.RunAsync(Programs.Storescu,
            ["-v", "-nh", "-aec", BoxArchive.AETitle, "-xf", profile, StorescuProfile.Name, "127.0.0.1", $"{port}", .. files],
            Cancellation);
        var responses = StoreResponse().Matches(sent.Output).Select(match => match.Groups[1].Value).ToList();
        return (responses.Count(text => text == "Success"), responses.Count(text => text != "Success"));
    }

    private static async Task<(long Acknowledged, long Refused)> DcmsendAsync(int port, string[] files)
    {
        var sent = await PeerProcess.RunAsync(Programs.Dcmsend,
            ["-v", "-nh", "-dn", "-nuc", "-aec", BoxArchive.AETitle, "127.0.0.1", $"{port}", .. files], Cancellation);
        var success = Succeeded().Match(sent.Output);
        Assert.True(success.Success, sent.Output);
        var other = OtherStatus().Matches(sent.Output).Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        return (long.Parse(success.Groups[1].Value, CultureInfo.InvariantCulture), other);
    }

    private static async Task<(long Acknowledged, long Refused)> OrthancAsync(int port, string[] files)
    {
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (BoxArchive.AETitle, port));
        foreach (var file in files)
        {
            // Orthanc does not take all of them; what it takes it has to hand on.
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file, Cancellation));
            using var uploaded = await orthanc.Http.PostAsync(new Uri("instances", UriKind.Relative), content, Cancellation);
        }

        var store =
            new JsonObject
            {
                ["Resources"] = new JsonArray(
                [.. (await orthanc.InstanceIdsAsync(Cancellation)).Select(id => JsonValue.Create(id))]), ["Synchronous"] = true,
                ["Permissive"] = true
            };
        using var sent = await orthanc.Http.PostAsJsonAsync("modalities/box/store", store, Cancellation);
        Assert.True(sent.IsSuccessStatusCode, orthanc.Output);
        var job = (await sent.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
        var failed = job["FailedInstancesCount"]!.GetValue<int>();
        // A file whose bytes are not what its meta says, Orthanc proposes no context for, and does not count that as a failure.
        var passedOver = orthanc.Output.Split("Ignoring an error in a permissive job").Length - 1;
        return (job["InstancesCount"]!.GetValue<int>() - failed - passedOver, failed);
    }

    [GeneratedRegex(@"Received Store Response \(([^)]*)\)")]
    private static partial Regex StoreResponse();

    [GeneratedRegex(@"with status SUCCESS\s*: (\d+)")]
    private static partial Regex Succeeded();

    [GeneratedRegex(@"with status (?!SUCCESS)\S+\s*: (\d+)")]
    private static partial Regex OtherStatus();
}
