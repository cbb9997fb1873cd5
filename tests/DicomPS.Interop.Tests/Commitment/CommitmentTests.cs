using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;

namespace DicomPS.Interop.Tests.Commitment;

/// <summary>
/// Storage commitment with Orthanc, which reports over an association of its own and releases that of its requests at once.
/// </summary>
public class CommitmentTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orthanc_calls_back_and_answers_for_what_it_has()
    {
        using var study = new TempFolder();
        var files = GeneratedStudy.Write(study.Path);
        var localPort = FreePort.Next();
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (DicomNode.DefaultCallingAETitle, localPort));
        var node = Engine.Node(orthanc.Port, OrthancServer.AETitle);
        var results = await Engine.SendAsync(node, [.. files.Skip(1)], Cancellation);
        Assert.Equal("", Engine.Failures(results));
        CommitmentItem[] items = [.. files.Select(file => DicomFileProbe.Read(file))
            .Select(file => new CommitmentItem(file.SopClassUid, file.SopInstanceUid, file.Path))];

        var commitment = await StorageCommitment.RequestAsync(
            new CommitmentOptions
            {
                Association = AssociationOptions.For(node), Node = node,
                Listener = new DicomServerOptions { Port = localPort }
            }, items, Cancellation);
        await commitment.WhenCompleted().WaitAsync(Patience, Cancellation);

        Assert.True(commitment.GetState() == CommitmentState.Completed, commitment.Error + orthanc.Output);
        Assert.Equal(files.Skip(1), commitment.Results().Where(result => result.Committed).Select(result => result.Path));
        Assert.Equal((files[0], "No such object instance (0112H)"),
            commitment.Results().Where(result => !result.Committed).Select(result => (result.Path, result.FailureReason)).Single());
    }

    [Fact]
    public async Task The_archive_calls_Orthanc_back_and_answers_for_what_it_has()
    {
        using var folder = new TempFolder();
        using var study = new TempFolder();
        var files = GeneratedStudy.Write(study.Path);
        // Each has to know the other's port: the archive learns Orthanc's when it reports.
        var orthancPort = 0;
        await using var archive = await ArchiveHost.StartAsync(
            new ArchiveServerOptions
            {
                Folder = folder.Path,
                Destination = title => title == OrthancServer.AETitle
                    ? AssociationOptions.For(Engine.Node(orthancPort, title) with { CallingAETitle = BoxArchive.AETitle }) : null,
                Server = new DicomServerOptions { AETitle = BoxArchive.AETitle, Address = IPAddress.Loopback },
            },
            Cancellation);
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (BoxArchive.AETitle, archive.Port));
        orthancPort = orthanc.Port;
        Assert.Equal("", Engine.Failures(await Engine.SendAsync(Engine.Node(archive.Port, BoxArchive.AETitle), files, Cancellation)));
        // Known to the index, and gone.
        var lost = DicomFileProbe.Read(BoxArchive.Files(folder.Path)[0]);
        File.Delete(lost.Path);
        var instances = new JsonArray();
        foreach (var file in files.Select(file => DicomFileProbe.Read(file)))
            instances.Add(new JsonArray(file.SopClassUid, file.SopInstanceUid));

        using var asked = await orthanc.Http.PostAsJsonAsync("modalities/box/storage-commitment",
            new JsonObject { ["DicomInstances"] = instances }, Cancellation);
        Assert.True(asked.IsSuccessStatusCode, archive.LastError + orthanc.Output);
        var path = (await asked.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["Path"]!.GetValue<string>().TrimStart('/');
        var report = await ReportAsync(orthanc, path);

        Assert.True(report["Status"]!.GetValue<string>() == "Failure", archive.LastError + orthanc.Output);
        Assert.Equal(files.Count - 1, report["Success"]!.AsArray().Count);
        var failure = Assert.Single(report["Failures"]!.AsArray())!;
        Assert.Equal(lost.SopInstanceUid, failure["SOPInstanceUID"]!.GetValue<string>());
        Assert.Equal(0x0112, failure["FailureReason"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("killed")]
    public async Task A_report_that_an_archive_owes_when_it_is_gone_comes_after_its_next_start_once(string gone)
    {
        using var folder = new TempFolder();
        using var study = new TempFolder();
        var files = GeneratedStudy.Write(study.Path);
        var localPort = FreePort.Next();
        SopReference[] instances = [.. files.Select(file => DicomFileProbe.Read(file))
            .Select(file => new SopReference(file.SopClassUid, file.SopInstanceUid))];
        await using (var first = await ArchiveProcess.StartAsync(folder.Path, Cancellation, localPort))
        {
            Assert.Equal("", Engine.Failures(await Engine.SendAsync(Engine.Node(first.Port, BoxArchive.AETitle), files, Cancellation)));
            await using (var asker = await CommitmentScu.ConnectAsync(new AssociationOptions
            {
                Host = "127.0.0.1", Port = first.Port,
                CalledAETitle = BoxArchive.AETitle, CallingAETitle = "ASKER"
            }, _ => true, Cancellation))
            {
                Assert.Equal(0, (await asker.RequestAsync(new CommitmentRequest("1.2.9", instances), Cancellation)).Status!.Value);
                if (gone == "killed")
                    first.Kill();
                else
                    await asker.Association.ReleaseAsync(Cancellation);
            }

            if (gone == "stopped")
                await first.StopAsync(Cancellation).WaitAsync(Patience, Cancellation);
        }

        // The answer is what is true when it is given.
        var lost = DicomFileProbe.Read(BoxArchive.Files(folder.Path)[0]);
        File.Delete(lost.Path);

        await using var second = await ArchiveProcess.StartAsync(folder.Path, Cancellation, localPort);
        var reports = Channel.CreateUnbounded<CommitmentReport>();
        await using var requester = DicomServer.Start(
            new DicomServerOptions { Address = IPAddress.Loopback, Port = localPort },
            new ServiceTable([CommitmentReportScp.Row(reports.Writer.TryWrite)]));
        var report = await reports.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation);
        // The archive has to read the answer to it as well.
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            limit.CancelAfter(Patience);
            while (Directory.GetFiles(folder.Path, ".dicomps-commitment-*").Length > 0)
                await Task.Delay(20, limit.Token);
        }

        await second.StopAsync(Cancellation).WaitAsync(Patience, Cancellation);

        var missing = new SopReference(lost.SopClassUid, lost.SopInstanceUid);
        Assert.Equal("1.2.9", report.TransactionUid);
        Assert.Equal(instances.Where(instance => instance != missing), report.Committed);
        Assert.Equal([new FailedSopReference(missing, CommitmentReasons.NoSuchInstance)], report.Failed);
        Assert.False(reports.Reader.TryRead(out _));
        Assert.Empty(Directory.GetFiles(folder.Path, ".dicomps-*"));
    }

    private static async Task<JsonNode> ReportAsync(OrthancServer orthanc, string path)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        while (true)
        {
            var report = (await orthanc.Http.GetFromJsonAsync<JsonNode>(path, limit.Token))!;
            if (report["Status"]!.GetValue<string>() != "Pending")
                return report;
            await Task.Delay(50, limit.Token);
        }
    }
}
