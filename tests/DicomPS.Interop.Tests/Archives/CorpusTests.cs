using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DicomPS.Archives;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>All of pydicom's .dcm files into an archive by every sender and out of it by every receiver: what was acknowledged comes back as it is kept, what was not is refused with a reason.</summary>
public sealed partial class CorpusTests
{
    private const string Other = "OTHER";

    // getscu proposes one transfer syntax beside the uncompressed ones: one run for each that the corpus has.
    private static readonly string[] Preferences = ["+xe", "+xi", "+xb", "+xs", "+xy", "+xx", "+xv", "+xw", "+xt", "+xu", "+xr", "+xd"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("engine")]
    [InlineData("storescu")]
    [InlineData("dcmsend")]
    [InlineData("orthanc")]
    public async Task What_a_sender_was_acknowledged_comes_back_by_movescu_byte_for_byte(string sender)
    {
        using var folder = new TempFolder();
        var files = Corpus.Files();
        await using var destination = await StorescpServer.StartAsync(Cancellation);
        await using var archive = await BoxArchive.StartAsync(folder.Subfolder("archive"), Cancellation, (Other, destination.Port));

        var (acknowledged, refused) = sender switch
        {
            "engine" => await EngineAsync(archive.Port, files),
            "storescu" => await StorescuAsync(archive.Port, files, folder),
            "dcmsend" => await DcmsendAsync(archive.Port, files),
            _ => await OrthancAsync(archive.Port, files),
        };

        Assert.Equal((acknowledged, refused), (archive.Received, archive.Failed));
        Assert.True(acknowledged >= 40, $"{acknowledged} of {files.Length} were acknowledged, {refused} refused. {archive.LastError}");
        // The only reason to refuse one of these.
        if (refused > 0)
            Assert.Contains("InstanceUID", archive.LastError, StringComparison.Ordinal);
        var kept = BoxArchive.Files(archive.Path);
        Assert.Equal(kept.Length, archive.Instances);

        var moved = await PeerProcess.RunAsync(
            Programs.Movescu, ["-v", "-S", "-aec", BoxArchive.AETitle, "-aem", Other, "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={Studies(kept)}", "127.0.0.1", $"{archive.Port}"], Cancellation);

        Assert.True(moved.ExitCode == 0, moved.Output);
        Assert.Contains("Final Move Response (Success)", moved.Output, StringComparison.Ordinal);
        Compare.SameDatasets(kept, destination.Files());
    }

    [Fact]
    public async Task What_is_sent_as_it_is_is_kept_as_it_is_and_comes_back_so_by_getscu_and_by_Orthanc()
    {
        using var folder = new TempFolder();
        var files = Corpus.Files();
        var orthancPort = 0;
        await using var archive = await ArchiveServer.StartAsync(
            new ArchiveServerOptions
            {
                Folder = folder.Subfolder("archive"),
                Destination = title => title == OrthancServer.AETitle ? AssociationOptions.For(Engine.Node(orthancPort, title) with { CallingAETitle = BoxArchive.AETitle }) : null,
                Server = new DicomServerOptions { AETitle = BoxArchive.AETitle, Address = System.Net.IPAddress.Loopback },
            },
            Cancellation);
        await EngineAsync(archive.Port, files);
        var kept = BoxArchive.Files(archive.Path).ToDictionary(file => DicomFileProbe.Read(file).SopInstanceUid, file => file);
        var sources = files.Select(DatasetBytes.DigestOf).ToHashSet();
        Assert.All(kept.Values, file => Assert.Contains(DatasetBytes.DigestOf(file), sources));

        var missing = kept.Keys.ToHashSet();
        foreach (var preference in Preferences)
        {
            var target = folder.Subfolder($"got{preference[1..]}");
            var got = await PeerProcess.RunAsync(
                Programs.Getscu, ["-v", "-S", "-B", preference, "-aec", BoxArchive.AETitle, "-od", target, "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={Studies(kept.Values)}", "127.0.0.1", $"{archive.Port}"], Cancellation);
            foreach (var file in Directory.GetFiles(target))
            {
                var uid = DicomFileProbe.Read(file).SopInstanceUid;
                if (DatasetBytes.DigestOf(file) == DatasetBytes.DigestOf(kept[uid]))
                    missing.Remove(uid);
            }

            // What could not go in these contexts is counted and named.
            var failed = kept.Count - Directory.GetFiles(target).Length;
            Assert.True(got.Output.Contains(failed == 0 ? "Success" : "0xB000", StringComparison.OrdinalIgnoreCase) || failed == 0, got.Output);
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing.Select(uid => $"{kept[uid]} {DicomFileProbe.Read(kept[uid]).TransferSyntax.Name}")));

        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (BoxArchive.AETitle, archive.Port));
        orthancPort = orthanc.Port;
        using var query = await orthanc.Http.PostAsJsonAsync("modalities/box/query", new JsonObject { ["Level"] = "Study", ["Query"] = new JsonObject { ["StudyDate"] = "*" } }, Cancellation);
        var path = (await query.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["Path"]!.GetValue<string>().TrimStart('/');
        using var retrieve = await orthanc.Http.PostAsJsonAsync($"{path}/retrieve", new JsonObject { ["TargetAet"] = OrthancServer.AETitle, ["Synchronous"] = true }, Cancellation);
        Assert.True(retrieve.IsSuccessStatusCode, archive.LastError + orthanc.Output);
        var arrived = await orthanc.FilesBySopInstanceUidAsync(Cancellation);
        Assert.Equal(kept.Keys.Order(StringComparer.Ordinal), arrived.Keys.Order(StringComparer.Ordinal));
        Assert.All(arrived, one => Assert.Equal(DatasetBytes.DigestOf(kept[one.Key]), DatasetBytes.Digest(DatasetBytes.Of(one.Value).Span)));
    }

    private static string Studies(IEnumerable<string> files) =>
        string.Join('\\', files.Select(file => DicomFileProbe.Read(file).Header.GetString(Tags.StudyInstanceUID)!).Distinct(StringComparer.Ordinal));

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
        var sent = await PeerProcess.RunAsync(Programs.Storescu, ["-v", "-nh", "-aec", BoxArchive.AETitle, "-xf", profile, StorescuProfile.Name, "127.0.0.1", $"{port}", .. files], Cancellation);
        var responses = StoreResponse().Matches(sent.Output).Select(match => match.Groups[1].Value).ToList();
        return (responses.Count(text => text == "Success"), responses.Count(text => text != "Success"));
    }

    private static async Task<(long Acknowledged, long Refused)> DcmsendAsync(int port, string[] files)
    {
        var sent = await PeerProcess.RunAsync(Programs.Dcmsend, ["-v", "-nh", "-dn", "-nuc", "-aec", BoxArchive.AETitle, "127.0.0.1", $"{port}", .. files], Cancellation);
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

        var store = new JsonObject { ["Resources"] = new JsonArray([.. (await orthanc.InstanceIdsAsync(Cancellation)).Select(id => JsonValue.Create(id))]), ["Synchronous"] = true, ["Permissive"] = true };
        using var sent = await orthanc.Http.PostAsJsonAsync("modalities/box/store", store, Cancellation);
        Assert.True(sent.IsSuccessStatusCode, orthanc.Output);
        var job = (await sent.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
        var failed = job["FailedInstancesCount"]!.GetValue<int>();
        return (job["InstancesCount"]!.GetValue<int>() - failed, failed);
    }

    [GeneratedRegex(@"Received Store Response \(([^)]*)\)")]
    private static partial Regex StoreResponse();

    [GeneratedRegex(@"with status SUCCESS\s*: (\d+)")]
    private static partial Regex Succeeded();

    [GeneratedRegex(@"with status (?!SUCCESS)\S+\s*: (\d+)")]
    private static partial Regex OtherStatus();
}
