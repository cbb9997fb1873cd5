using System.Net;
using DicomPS.Interop.Tests.Support;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Interop.Tests.Scp;

/// <summary>
/// Real clients send to us. storescu may rewrite a dataset before it sends it, so what came to us is compared with what
/// came from the same command to storescp, which writes bit by bit.
/// </summary>
public class StoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_whole_corpus_from_storescu_is_stored_byte_for_byte()
    {
        using var folder = new TempFolder();
        var all = Directory.GetFiles(Path.GetDirectoryName(Corpus.Files()[0])!, "*", SearchOption.AllDirectories);
        var profile = folder.Combine("storescu.cfg");
        StorescuProfile.Write(profile, all);
        string[] options = ["-nh", "-xf", profile, StorescuProfile.Name, "+sd", "+r"];

        var (server, reference) = await SendToBothAsync(options, [Corpus.Folder], folder);

        Assert.True(reference.Length >= 100, $"storescu sent {reference.Length} instances only.");
        Assert.Equal(0, server.Failed);
        Compare.SameDatasets(reference, Directory.GetFiles(server.Path));
    }

    [Fact]
    public async Task A_generated_study_from_storescu_is_stored_byte_for_byte()
    {
        using var folder = new TempFolder();
        var study = folder.Subfolder("study");
        var files = GeneratedStudy.Write(study);
        var profile = folder.Combine("storescu.cfg");
        StorescuProfile.Write(profile, files);

        var (server, reference) = await SendToBothAsync(["-xf", profile, StorescuProfile.Name, "+sd", "+r"], [study], folder);

        Assert.Equal(files.Count, reference.Length);
        Compare.SameDatasets(reference, Directory.GetFiles(server.Path));
    }

    [Fact]
    public async Task A_received_instance_is_described()
    {
        using var folder = new TempFolder();
        using var study = new TempFolder();
        var file = GeneratedStudy.WriteSlices(study.Path, 1)[0];
        await using var server = Engine.Receive(folder);

        var result = await PeerProcess.RunAsync(
            Programs.Storescu, ["-aet", "MODALITY", "-aec", "OURS", "127.0.0.1", $"{server.Port}", file], Cancellation);

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.True(server.TryReceive(out var instance));
        Assert.Equal(Assert.Single(folder.Files()), instance.Path);
        Assert.Equal(("PID 1", "Grün^Zoë"), (instance.PatientID, instance.PatientName));
        Assert.Equal(("CT Image Storage", "Explicit VR Little Endian"), (instance.SOPClass, instance.TransferSyntax));
        Assert.Equal(("MODALITY", "OURS"), (instance.CallingAETitle, instance.CalledAETitle));
        Assert.StartsWith("127.0.0.1:", instance.RemoteEndPoint, StringComparison.Ordinal);
        Assert.Equal(DatasetBytes.Of(file).Length, instance.Bytes);
        Assert.Equal(1, server.Received);
    }

    [Fact]
    public async Task What_is_stored_is_a_file_that_dcmdump_reads()
    {
        using var folder = new TempFolder();
        using var study = new TempFolder();
        GeneratedStudy.Write(study.Path);
        await using var server = Engine.Receive(folder);

        await PeerProcess.RunAsync(Programs.Storescu, ["-nh", "+sd", "+r", "127.0.0.1", $"{server.Port}", study.Path], Cancellation);

        Assert.NotEmpty(folder.Files());
        foreach (var file in folder.Files())
        {
            // -f: only files with preamble and meta will do.
            var result = await PeerProcess.RunAsync(Programs.Dcmdump, ["+fo", "-q", file], Cancellation);
            Assert.True(result.ExitCode == 0, result.Output);
            Assert.Contains("ImplementationVersionName", result.Output, StringComparison.Ordinal);
            Assert.Contains("DICOMPS", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Several_storescu_at_once_lose_nothing()
    {
        using var folder = new TempFolder();
        using var study = new TempFolder();
        await using var server = Engine.Receive(folder);
        var sent = new List<string>();
        var senders = new List<Task<PeerResult>>();
        for (var i = 0; i < 4; i++)
        {
            var part = study.Subfolder($"{i}");
            sent.AddRange(GeneratedStudy.WriteSlices(part, 25));
            senders.Add(PeerProcess.RunAsync(Programs.Storescu, ["+sd", "127.0.0.1", $"{server.Port}", part], Cancellation));
        }

        Assert.All(await Task.WhenAll(senders), result => Assert.True(result.ExitCode == 0, result.Output));

        Compare.SameDatasets(sent, folder.Files());
        Assert.Equal(100, server.Received);
    }

    [Fact]
    public async Task A_sender_that_is_killed_leaves_no_file_and_no_association()
    {
        using var folder = new TempFolder();
        using var study = new TempFolder();
        GeneratedStudy.WriteSlices(study.Path, 100);
        await using var server = Engine.Receive(folder);
        await using (var sender = PeerProcess.Start(Programs.Storescu,
            ["+sd", "--repeat", "1000", "127.0.0.1", $"{server.Port}", study.Path]))
        {
            while (server.Received < 10)
                await Task.Delay(10, Cancellation);
        }

        while (server.ActiveAssociations > 0)
            await Task.Delay(10, Cancellation);

        // Whole files or none: the half one is gone with its association.
        Assert.DoesNotContain(folder.Files(), file => !file.EndsWith(".dcm", StringComparison.Ordinal));
        var next = await PeerProcess.RunAsync(Programs.Echoscu, ["127.0.0.1", $"{server.Port}"], Cancellation);
        Assert.True(next.ExitCode == 0, next.Output);
    }

    /// <summary>The same command to storescp and to us.</summary>
    private static async Task<(StorageServer Server, string[] Reference)> SendToBothAsync(string[] options, string[] what,
        TempFolder folder)
    {
        await using var storescp = await StorescpServer.StartAsync(Cancellation, "--unique-filenames");
        await using var server = StorageServer.Start(new StorageServerOptions
        {
            Folder = folder.Subfolder("received"),
            Layout = "Flat",
            Duplicates = DuplicatePolicy.KeepBoth,
            AcceptUnknownSopClasses = true,
            Server = new DicomServerOptions { Address = IPAddress.Loopback },
        });

        await PeerProcess.RunAsync(Programs.Storescu, [.. options, "127.0.0.1", $"{storescp.Port}", .. what], Cancellation);
        var result = await PeerProcess.RunAsync(Programs.Storescu, [.. options, "127.0.0.1", $"{server.Port}", .. what], Cancellation);

        var kept = folder.Subfolder("reference");
        foreach (var file in storescp.Files())
            File.Copy(file, Path.Combine(kept, Path.GetFileName(file)));
        Assert.True(server.LastError is null, server.LastError + result.Output);
        return (server, Directory.GetFiles(kept));
    }
}
