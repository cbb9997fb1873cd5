using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Retrieving;

/// <summary>C-MOVE against a peer that behaves as each test wants.</summary>
public sealed partial class MoveTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private int _port;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_moved_here_lies_in_the_folder_and_is_counted()
    {
        var instances = Many(3);
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, instances.Take(1));
            await call.PendingAsync(2, 1);
            await call.SendToAsync(_port, instances.Skip(1));
            await call.FinalAsync(0, completed: 3, failed: 0, warning: 0);
        });
        var result = await MoveHereAsync(archive);
        Assert.Equal((RetrieveVerdict.Complete, "Success", 3, (int?)3, (int?)0),
            (result.GetVerdict(), result.Status, result.Received, result.Completed, result.Remaining));
        Assert.Equal(3, _folder.Files().Length);
        Assert.Equal(Path.Combine(_folder.Path, "1.2.3"), result.Path);
        Assert.Equal(_folder.Files().Sum(f => (long)Instances.DatasetBytes(f).Length), result.Bytes);
        Assert.Null(result.Advice);
        var call = Assert.Single(archive.Calls);
        Assert.Equal(("OURS", "STUDY", "1.2.3"),
            (call.Command.MoveDestination, call.Identifier.GetString(Tags.QueryRetrieveLevel),
                call.Identifier.GetString(Tags.StudyInstanceUID)));
    }

    [Fact]
    public async Task Success_before_the_last_store_waits_for_it()
    {
        var late = new TaskCompletionSource();
        var sending = Task.CompletedTask;
        await using var archive = ScriptedArchive.Start(async call =>
        {
            sending = Task.Run(async () =>
            {
                await late.Task;
                await Task.Delay(300);
                await call.SendToAsync(_port, Many(4));
            });
            await call.FinalAsync(0, completed: 4, failed: 0, warning: 0);
            late.SetResult();
        });
        // It is over when all are there, and on a busy machine that may be late.
        var result = await MoveHereAsync(archive, o => o with { ArrivalGrace = TimeSpan.FromMinutes(1) });
        await sending;
        Assert.Equal((RetrieveVerdict.Complete, 4), (result.GetVerdict(), result.Received));
    }

    [Fact]
    public async Task What_never_arrives_is_not_called_complete()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, Many(2));
            await call.FinalAsync(0, completed: 5, failed: 0, warning: 0);
        });
        var result = await MoveHereAsync(archive);
        Assert.Equal((RetrieveVerdict.Partial, (ushort?)0, 2), (result.GetVerdict(), result.StatusCode, result.Received));
        Assert.Contains("counts 5 sent, but 2 arrived", result.Advice);
    }

    [Fact]
    public async Task A_study_that_was_not_asked_for_is_no_success()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, Many(2, "1.2.99"));
            await call.FinalAsync(0, completed: 2, failed: 0, warning: 0);
        });
        var result = await MoveHereAsync(archive);
        Assert.Equal((RetrieveVerdict.Failed, (ushort?)0, 0, (int?)2),
            (result.GetVerdict(), result.StatusCode, result.Received, result.NotAskedFor));
        Assert.Contains("2 instances that were not asked for were set aside in the folder not-asked-for, the first of study 1.2.99",
            result.Advice);
        Assert.All(_folder.Files(), file => Assert.StartsWith(Path.Combine(_folder.Path, "not-asked-for", "1.2.99"), file));
    }

    [Fact]
    public async Task A_stranger_among_the_instances_makes_the_whole_suspect()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, [.. Many(2), .. Many(1, "1.2.99")]);
            await call.FinalAsync(0, completed: 3, failed: 0, warning: 0);
        });
        var result = await MoveHereAsync(archive);
        Assert.Equal((RetrieveVerdict.Suspect, 2, (int?)1), (result.GetVerdict(), result.Received, result.NotAskedFor));
        Assert.Contains("1 instance that was not asked for was set aside in the folder not-asked-for, of study 1.2.99", result.Advice);
    }

    [Fact]
    public async Task Instances_that_come_twice_are_not_missed()
    {
        var instances = Many(2);
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, [.. instances, instances[0]]);
            await call.FinalAsync(0, completed: 3, failed: 0, warning: 0);
        });
        var result = await MoveHereAsync(archive, o => o with { ArrivalGrace = TimeSpan.FromMinutes(10) })
            .WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal((RetrieveVerdict.Complete, 2), (result.GetVerdict(), result.Received));
        Assert.Contains("1 instance came more than once", result.Advice);
    }

    [Fact]
    public async Task What_came_in_an_earlier_try_does_not_stand_for_what_is_missing()
    {
        var instances = Many(3);
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, instances.Take(2));
            if (call.Archive.Calls.Count == 1)
                await call.Association.AbortAsync();
            else
                await call.FinalAsync(0, completed: 3, failed: 0, warning: 0);
        });
        var result = await MoveHereAsync(archive,
            o => o with { ArrivalGrace = TimeSpan.FromMilliseconds(300), RetryDelay = TimeSpan.Zero });
        Assert.Equal((RetrieveVerdict.Partial, 2, 2), (result.GetVerdict(), result.Received, result.Attempts));
    }

    [Theory]
    [InlineData(0xA801)]
    [InlineData(0xC000)]
    [InlineData(0x0122)]
    public async Task A_peer_that_failed_before_it_sent_anything_is_not_waited_for(int status)
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync((ushort)status));
        var result = await MoveHereAsync(archive, o => o with { ArrivalGrace = TimeSpan.FromMinutes(10) })
            .WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal((RetrieveVerdict.Failed, 0), (result.GetVerdict(), result.Received));
    }

    [Fact]
    public async Task What_remains_follows_from_the_counts_of_a_failure()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.PendingAsync(remaining: 1, completed: 1, failed: 2);
            await call.FinalAsync(0xA702, completed: 1, failed: 3, warning: 0);
        });
        var result = await MoveAsync(archive, o => o with { RetryCount = 0 });
        Assert.Equal((1, 3, 0), (result.Completed, result.Failed, result.Remaining));
    }

    [Fact]
    public async Task Accepted_but_nobody_called_names_the_port()
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, completed: 5, failed: 0, warning: 0));
        var result = await MoveHereAsync(archive);
        Assert.Equal(RetrieveVerdict.Failed, result.GetVerdict());
        Assert.Contains($"No inbound association was seen on port {_port}: check the host and port that the PACS holds for AE OURS",
            result.Advice);
    }

    [Fact]
    public async Task Success_with_failures_is_partial_and_names_the_instances()
    {
        await using var archive = ScriptedArchive.Start(
            call => call.FinalAsync(0, completed: 2, failed: 2, warning: 0, failedUids: ["1.2.3.9.1", "1.2.3.9.2"]));
        var result = await MoveAsync(archive);
        Assert.Equal(RetrieveVerdict.Partial, result.GetVerdict());
        Assert.Equal(["1.2.3.9.1", "1.2.3.9.2"], result.FailedSOPInstanceUID);
        Assert.IsType<DicomStatusException>(result.Exception);
    }

    [Fact]
    public async Task Counts_of_nothing_are_suspect()
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, completed: 0, failed: 0, warning: 0));
        Assert.Equal((RetrieveVerdict.Suspect, "Success"), await VerdictAsync(archive));
    }

    [Theory]
    [InlineData(0xA801, "Failure: Move destination unknown", "does not know the AE title ELSEWHERE")]
    [InlineData(0xC000, "Failure: Unable to Process", "ELSEWHERE")]
    public async Task An_unknown_destination_is_told_by_either_status(int status, string words, string advice)
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync((ushort)status));
        var result = await MoveAsync(archive);
        Assert.Equal((RetrieveVerdict.Failed, words, 1), (result.GetVerdict(), result.Status, result.Attempts));
        Assert.Contains(advice, result.Advice);
    }

    [Fact]
    public async Task A_peer_without_pending_responses_is_followed_at_the_listener()
    {
        var half = new TaskCompletionSource();
        var rest = new TaskCompletionSource();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, Many(2));
            half.SetResult();
            await rest.Task;
            await call.SendToAsync(_port, Many(2));
            await call.FinalAsync(0);
        });
        await using var job = HereJob(archive);
        await job.AddAsync(Study, Token);
        job.CompleteAdding();
        await half.Task;
        var progress = job.Progress;
        rest.SetResult();
        var result = await NextAsync(job);
        Assert.Equal((2L, null, 0L), (progress.Received, progress.Remaining, progress.Done));
        Assert.True(progress.Bytes > 0);
        Assert.Equal((RetrieveVerdict.Suspect, 4), (result.GetVerdict(), result.Received));
        Assert.Contains("no counts", result.Advice);
    }

    [Fact]
    public async Task Pending_responses_show_as_progress()
    {
        var seen = new TaskCompletionSource();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.PendingAsync(7, 2, 1);
            await seen.Task;
            await call.FinalAsync(0, 9, 1, 0);
        });
        await using var job = new RetrieveJob(Options(archive) with { Destination = "ELSEWHERE" });
        await job.AddAsync(Study, Token);
        while (job.Progress.Remaining is null)
            await Task.Delay(5, Token);
        var progress = job.Progress;
        seen.SetResult();
        await NextAsync(job);
        Assert.Equal((7L, 2L, 1L), (progress.Remaining, progress.Completed, progress.Failed));
    }

    [Fact]
    public async Task Instances_that_keep_coming_are_signs_of_life()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            for (var i = 0; i < 12; i++)
            {
                await Task.Delay(400);
                await call.SendToAsync(_port, Many(1));
            }

            await call.FinalAsync(0);
        });
        var result = await MoveHereAsync(archive, o => o with { Silence = TimeSpan.FromSeconds(4), RetryCount = 0 });
        Assert.Equal((RetrieveVerdict.Suspect, 12), (result.GetVerdict(), result.Received));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_falls_silent_is_asked_to_stop_and_left(bool isHere)
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.PendingAsync(9, 1);
            await Task.Delay(Timeout.Infinite, call.Token);
        });
        Func<RetrieveJobOptions, RetrieveJobOptions> impatient =
            o => o with { Silence = TimeSpan.FromSeconds(1), CancelGrace = TimeSpan.FromMilliseconds(200), RetryCount = 0 };
        var result = isHere ? await MoveHereAsync(archive, impatient) : await MoveAsync(archive, impatient);
        var timeout = Assert.IsType<DicomTimeoutException>(result.Exception);
        Assert.Equal(("response", TimeSpan.FromSeconds(1), "Unknown"), (timeout.Name, timeout.Value, result.Status));
        Assert.Equal(isHere ? RetrieveVerdict.Failed : RetrieveVerdict.Partial, result.GetVerdict());
    }

    [Fact]
    public async Task A_dropped_association_leaves_what_arrived_and_says_so()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, Many(2));
            await call.PendingAsync(3, 2);
            await call.Association.AbortAsync();
        });
        var result = await MoveHereAsync(archive, o => o with { RetryCount = 0 });
        Assert.Equal((RetrieveVerdict.Partial, "Unknown", null, 2),
            (result.GetVerdict(), result.Status, result.StatusCode, result.Received));
        Assert.IsType<AssociationAbortedException>(result.Exception);
        Assert.Contains("2 instances had arrived, 3 were left before the association broke", result.Advice);
        Assert.Equal(2, _folder.Files().Length);
    }

    [Fact]
    public async Task Each_study_is_asked_for_by_itself_and_has_its_own_result()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            var isThere = call.Identifier.GetString(Tags.StudyInstanceUID) == "1.2.3";
            if (isThere)
                await call.SendToAsync(_port, Many(2));
            await call.FinalAsync(0, completed: isThere ? 2 : 0, failed: 0, warning: 0);
        });
        await using var job = HereJob(archive);
        await job.AddAsync(new RetrieveKeys { StudyInstanceUID = ["1.2.3", "1.2.999"] }, Token);
        job.CompleteAdding();
        var results = await AllAsync(job);
        Assert.Equal([("1.2.3", RetrieveVerdict.Complete), ("1.2.999", RetrieveVerdict.Suspect)],
            results.Select(r => (r.StudyInstanceUID!, r.GetVerdict())));
        Assert.Equal(["1.2.3", "1.2.999"], archive.Calls.Select(c => c.Identifier.GetString(Tags.StudyInstanceUID)));
        Assert.Equal((1, 2L), (archive.Associations, job.Progress.Requests));
    }

    [Fact]
    public async Task Each_series_has_its_own_result()
    {
        await using var archive = ScriptedArchive.Start(
            call => call.FinalAsync(0, call.Identifier.GetString(Tags.SeriesInstanceUID) == "1.2.3.4" ? 1 : 0, 0, 0));
        await using var job = new RetrieveJob(Options(archive) with { Destination = "ELSEWHERE" });
        await job.AddAsync(Study with { SeriesInstanceUID = ["1.2.3.4", "1.2.3.5"] }, Token);
        job.CompleteAdding();
        Assert.Equal([("1.2.3.4", RetrieveVerdict.Complete), ("1.2.3.5", RetrieveVerdict.Suspect)],
            (await AllAsync(job)).Select(r => (r.SeriesInstanceUID!, r.GetVerdict())));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static RetrieveKeys Study => new() { StudyInstanceUID = ["1.2.3"] };

    private static List<DicomDataset> Many(int count, string study = "1.2.3") => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var dataset = Instances.Dataset();
        dataset.Set(Tags.StudyInstanceUID, study);
        return dataset;
    })];

    private static RetrieveJobOptions Options(ScriptedArchive archive) => new()
    {
        Association = AssociationOptions.For(archive.Node),
        Node = archive.Node,
        RetryDelay = TimeSpan.FromMilliseconds(10),
        ArrivalGrace = TimeSpan.FromSeconds(1),
    };

    private static Task<RetrieveResult> MoveAsync(ScriptedArchive archive, Func<RetrieveJobOptions, RetrieveJobOptions>? change = null,
        RetrieveKeys? keys = null) =>
        RunAsync(new RetrieveJob((change ?? (o => o))(Options(archive) with { Destination = "ELSEWHERE" })), keys);

    private Task<RetrieveResult> MoveHereAsync(ScriptedArchive archive, Func<RetrieveJobOptions, RetrieveJobOptions>? change = null) =>
        RunAsync(HereJob(archive, change), null);

    private static async Task<(RetrieveVerdict Verdict, string Status)> VerdictAsync(ScriptedArchive archive)
    {
        var result = await MoveAsync(archive);
        return (result.GetVerdict(), result.Status);
    }

    private RetrieveJob HereJob(ScriptedArchive archive, Func<RetrieveJobOptions, RetrieveJobOptions>? change = null)
    {
        var job = new RetrieveJob((change ?? (o => o))(Options(archive) with
        {
            Storage = new StorageServerOptions
            {
                Folder = _folder.Path,
                Server = new DicomServerOptions { AETitle = "OURS", Address = IPAddress.Loopback }
            },
        }));
        _port = job.ListenerPort!.Value;
        return job;
    }

    private static async Task<RetrieveResult> RunAsync(RetrieveJob job, RetrieveKeys? keys)
    {
        await using (job)
        {
            await job.AddAsync(keys ?? Study, Token);
            job.CompleteAdding();
            return Assert.Single(await AllAsync(job));
        }
    }

    private static async Task<List<RetrieveResult>> AllAsync(RetrieveJob job)
    {
        var results = new List<RetrieveResult>();
        await foreach (var result in job.ResultsAsync(Token))
            results.Add(result);
        return results;
    }

    private static async Task<RetrieveResult> NextAsync(RetrieveJob job)
    {
        await foreach (var result in job.ResultsAsync(Token))
            return result;
        throw new InvalidOperationException("The job ended without a result.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
