using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Retrieving;

/// <summary>Lists of instances against peers that take them, that take the first one only, and that refuse them.</summary>
public sealed class ListTests : IDisposable
{
    private static readonly string[] Uids = ["1.2.3.1", "1.2.3.2", "1.2.3.3"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_list_that_is_counted_whole_is_asked_once_and_told_for_each()
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, Asked(call).Length, 0, 0));
        var results = await RunAsync(archive, "ELSEWHERE", Uids);
        Assert.Equal(Uids.Select(uid => (uid, RetrieveVerdict.Complete, (int?)1)),
            results.Select(r => (r.SOPInstanceUID!, r.GetVerdict(), r.Completed)));
        Assert.Equal(Uids, Asked(Assert.Single(archive.Calls)));
    }

    [Fact]
    public async Task A_list_that_falls_short_is_asked_one_by_one()
    {
        // One of them is not there, and the counts do not say which.
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, Asked(call).Count(uid => uid != "1.2.3.2"), 0, 0));
        var results = await RunAsync(archive, "ELSEWHERE", Uids);
        Assert.Equal([RetrieveVerdict.Complete, RetrieveVerdict.Suspect, RetrieveVerdict.Complete], results.Select(r => r.GetVerdict()));
        Assert.Equal(["1.2.3.1\\1.2.3.2\\1.2.3.3", "1.2.3.1", "1.2.3.2", "1.2.3.3"],
            archive.Calls.Select(c => string.Join("\\", Asked(c))));
    }

    [Fact]
    public async Task What_a_list_did_not_bring_here_is_asked_for_by_itself()
    {
        // It takes the first of a list only.
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.StoreAsync(Instances.Dataset(instance: Asked(call)[0]));
            await call.FinalAsync(0, 1, 0, 0);
        });
        var results = await RunAsync(archive, null, Uids);
        Assert.Equal(Uids.Select(uid => (uid, RetrieveVerdict.Complete, (int?)1)),
            results.Select(r => (r.SOPInstanceUID!, r.GetVerdict(), r.Received)));
        Assert.Equal(3, archive.Calls.Count);
        Assert.All(results, r => Assert.True(r.Bytes > 2048));
        Assert.Equal(3, _folder.Files().Length);
    }

    [Fact]
    public async Task A_refusal_that_the_first_alone_gets_too_stands_for_all()
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0xA801));
        var results = await RunAsync(archive, "ELSEWHERE", [.. Enumerable.Range(1, 50).Select(i => $"1.2.3.{i}")]);
        Assert.All(results, r => Assert.Equal((RetrieveVerdict.Failed, (ushort?)0xA801), (r.GetVerdict(), r.StatusCode)));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"1.2.3.{i}"), results.Select(r => r.SOPInstanceUID));
        Assert.Equal(2, archive.Calls.Count);
    }

    [Fact]
    public async Task A_peer_that_refuses_lists_is_asked_one_by_one()
    {
        await using var archive = ScriptedArchive.Start(
            call => Asked(call).Length > 1 ? call.FinalAsync(0xA900) : call.FinalAsync(0, 1, 0, 0));
        Assert.All(await RunAsync(archive, "ELSEWHERE", Uids), r => Assert.Equal(RetrieveVerdict.Complete, r.GetVerdict()));
        Assert.Equal(4, archive.Calls.Count);
    }

    [Fact]
    public async Task An_instance_of_the_series_that_was_not_asked_for_is_set_aside()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.StoreAsync(Instances.Dataset(instance: "1.2.3.1"));
            await call.StoreAsync(Instances.Dataset(instance: "1.2.3.9"));
            await call.FinalAsync(0, 2, 0, 0);
        });
        var result = Assert.Single(await RunAsync(archive, null, ["1.2.3.1"]));
        Assert.Equal((RetrieveVerdict.Suspect, (int?)1, (int?)1), (result.GetVerdict(), result.Received, result.NotAskedFor));
        Assert.Contains(_folder.Files(), f => f.EndsWith(Path.Combine("not-asked-for", "1.2.3", "1.2.3.9.dcm"), StringComparison.Ordinal));
    }

    private static string[] Asked(ArchiveCall call) => [.. call.Identifier.GetStrings(Tags.SOPInstanceUID)];

    private async Task<List<RetrieveResult>> RunAsync(ScriptedArchive archive, string? destination, string[] uids)
    {
        await using var job = new RetrieveJob(new RetrieveJobOptions
        {
            Association = AssociationOptions.For(archive.Node),
            Node = archive.Node,
            Method = destination is null ? RetrieveMethod.Get : RetrieveMethod.Move,
            Destination = destination,
            RetryDelay = TimeSpan.FromMilliseconds(10),
            Storage = destination is null ? new StorageServerOptions { Folder = _folder.Path } : null,
        });
        await job.AddAsync(new RetrieveKeys { StudyInstanceUID = ["1.2.3"], SeriesInstanceUID = ["1.2.3.4"], SOPInstanceUID = uids },
            TestContext.Current.CancellationToken);
        job.CompleteAdding();
        var results = new List<RetrieveResult>();
        await foreach (var result in job.ResultsAsync(TestContext.Current.CancellationToken))
            results.Add(result);
        Assert.Equal(results.Count, job.Progress.Requests);
        return results;
    }
}
