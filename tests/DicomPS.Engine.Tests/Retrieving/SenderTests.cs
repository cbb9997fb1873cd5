using System.Net;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Retrieving;

/// <summary>
/// Who sends to the port of a move: the peer at 127.0.0.1, and others at 127.0.0.2 and 127.0.0.3, with and without naming the request.
/// </summary>
public sealed class SenderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private int _port;

    public void Dispose() => _folder.Dispose();

    [Theory]
    // From the peer's own address it counts, whoever it says has asked.
    [InlineData("127.0.0.1", null, 0)]
    [InlineData("127.0.0.1", "OTHER", 0)]
    // From elsewhere it counts where it names the request.
    [InlineData("127.0.0.2", "OURS", 0)]
    [InlineData("127.0.0.2", null, 2)]
    [InlineData("127.0.0.3", "OTHER", 2)]
    public async Task What_was_asked_for_counts_and_says_where_it_came_from(string from, string? originator, int elsewhere)
    {
        var result = await MoveAsync(async call =>
        {
            await RawSender.SendAsync(from, _port, Many(2), originator is null ? null : (originator, call.Command.MessageId));
            await call.FinalAsync(0, 2, 0, 0);
        });
        Assert.Equal((RetrieveVerdict.Complete, (int?)2, (int?)elsewhere), (result.GetVerdict(), result.Received, result.FromElsewhere));
        Assert.Equal(elsewhere > 0 ? from : null, result.GetSenders());
        Assert.Equal(elsewhere > 0,
            result.Advice?.Contains($"from {from}, which is no address of the peer", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData("127.0.0.2")]
    [InlineData("::ffff:127.0.0.2")]
    public async Task A_sender_that_was_named_is_the_peer(string name)
    {
        var result = await MoveAsync(
            async call =>
            {
                await RawSender.SendAsync("127.0.0.2", _port, Many(2));
                await call.FinalAsync(0, 2, 0, 0);
            }, o => o with { From = ["127.0.0.9", name] });
        Assert.Equal((RetrieveVerdict.Complete, (int?)0, null), (result.GetVerdict(), result.FromElsewhere, result.Advice));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Counts_that_a_stranger_does_not_fit_make_it_suspect(int counted)
    {
        var result = await MoveAsync(async call =>
        {
            await RawSender.SendAsync("127.0.0.1", _port, Many(1));
            await RawSender.SendAsync("127.0.0.2", _port, Many(1));
            await call.FinalAsync(0, counted, 0, 0);
        });
        Assert.Equal((RetrieveVerdict.Suspect, (int?)2, (int?)1), (result.GetVerdict(), result.Received, result.FromElsewhere));
        Assert.Contains("counts do not fit", result.Advice);
    }

    [Fact]
    public async Task A_peer_without_counts_does_not_vouch_for_a_stranger()
    {
        var result = await MoveAsync(async call =>
        {
            await RawSender.SendAsync("127.0.0.2", _port, Many(1));
            await call.FinalAsync(0);
        });
        Assert.Equal((RetrieveVerdict.Suspect, (int?)1), (result.GetVerdict(), result.FromElsewhere));
    }

    [Fact]
    public async Task What_the_peer_sends_after_a_stranger_has_made_up_the_number_is_not_missed()
    {
        var sending = Task.CompletedTask;
        var result = await MoveAsync(async call =>
        {
            await RawSender.SendAsync("127.0.0.2", _port, Many(1));
            sending = Task.Run(async () =>
            {
                await Task.Delay(200);
                await RawSender.SendAsync("127.0.0.1", _port, Many(1));
            });
            await call.FinalAsync(0, 1, 0, 0);
        }, o => o with { ArrivalGrace = TimeSpan.FromSeconds(5) });
        await sending;
        Assert.Equal((RetrieveVerdict.Suspect, (int?)2), (result.GetVerdict(), result.Received));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    public async Task The_same_instance_with_other_bytes_makes_it_suspect(string second)
    {
        var (one, other) = (Many(1)[0], Many(1)[0]);
        other.Set(Tags.SOPInstanceUID, one.GetString(Tags.SOPInstanceUID)!);
        other.Set(Tags.PatientName, "PHANTOM^TWO");
        var result = await MoveAsync(async call =>
        {
            await RawSender.SendAsync("127.0.0.1", _port, [one]);
            await RawSender.SendAsync(second, _port, [other]);
            await call.FinalAsync(0, 1, 0, 0);
        });
        Assert.Equal((RetrieveVerdict.Suspect, (int?)1), (result.GetVerdict(), result.Received));
        Assert.Contains("more than once and with other bytes", result.Advice);
    }

    [Fact]
    public async Task The_same_instance_with_the_same_bytes_is_borne_out_by_the_peer()
    {
        var instances = Many(1);
        var result = await MoveAsync(async call =>
        {
            await RawSender.SendAsync("127.0.0.2", _port, instances);
            await RawSender.SendAsync("127.0.0.1", _port, instances);
            await call.FinalAsync(0, 1, 0, 0);
        });
        Assert.Equal((RetrieveVerdict.Complete, (int?)1, (int?)0), (result.GetVerdict(), result.Received, result.FromElsewhere));
    }

    [Theory]
    [InlineData("127.0.0.2", false)]
    [InlineData("127.0.0.1", true)]
    public async Task What_was_not_asked_for_is_set_aside_told_and_never_counted(string from, bool isNamed)
    {
        var result = await MoveAsync(async call =>
        {
            await RawSender.SendAsync("127.0.0.1", _port, Many(1));
            await RawSender.SendAsync(from, _port, Many(1, "7.7.7"), isNamed ? ("OURS", call.Command.MessageId) : null);
            await call.FinalAsync(0, 1, 0, 0);
        });
        Assert.Equal((RetrieveVerdict.Complete, (int?)1, (int?)1), (result.GetVerdict(), result.Received, result.NotAskedFor));
        Assert.Contains("of study 7.7.7", result.Advice);
        Assert.Single(_folder.Files(), f => f.StartsWith(Path.Combine(_folder.Path, "not-asked-for", "7.7.7"), StringComparison.Ordinal));
        Assert.Equal(Path.Combine(_folder.Path, "1.2.3"), result.Path);
    }

    [Fact]
    public async Task At_the_level_of_patients_nothing_is_set_aside()
    {
        var old = Many(1, "7.7.7")[0];
        old.Set(Tags.PatientID, "OLD");
        var result = await MoveAsync(
            async call =>
            {
                await RawSender.SendAsync("127.0.0.1", _port, [.. Many(1), old]);
                await call.FinalAsync(0, 2, 0, 0);
            }, keys: new RetrieveKeys { PatientID = "P1" });
        Assert.Equal((RetrieveVerdict.Complete, (int?)2, (int?)0), (result.GetVerdict(), result.Received, result.NotAskedFor));
        Assert.Contains("another Patient ID (OLD)", result.Advice);
    }

    [Fact]
    public async Task What_comes_late_for_a_request_that_has_ended_is_in_its_place()
    {
        var late = Many(1);
        await using var archive = ScriptedArchive.Start(async call =>
        {
            if (call.Archive.Calls.Count == 2)
                await RawSender.SendAsync("127.0.0.1", _port, late);
            var study = call.Identifier.GetString(Tags.StudyInstanceUID)!;
            await RawSender.SendAsync("127.0.0.1", _port, Many(1, study));
            await call.FinalAsync(0, 1, 0, 0);
        });
        await using var job = Job(archive, null);
        await job.AddAsync(new RetrieveKeys { StudyInstanceUID = ["1.2.3", "1.2.4"] }, TestContext.Current.CancellationToken);
        job.CompleteAdding();
        var results = await AllAsync(job);
        Assert.All(results, r => Assert.Equal((RetrieveVerdict.Complete, (int?)1, (int?)0), (r.GetVerdict(), r.Received, r.NotAskedFor)));
        Assert.Contains(_folder.Files(), f => f == Path.Combine(_folder.Path, "1.2.3", late[0].GetString(Tags.SOPInstanceUID) + ".dcm"));
    }

    private static List<DicomDataset> Many(int count, string study = "1.2.3") => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var dataset = Instances.Dataset();
        dataset.Set(Tags.StudyInstanceUID, study);
        return dataset;
    })];

    private static async Task<List<RetrieveResult>> AllAsync(RetrieveJob job)
    {
        var results = new List<RetrieveResult>();
        await foreach (var result in job.ResultsAsync(TestContext.Current.CancellationToken))
            results.Add(result);
        return results;
    }

    private RetrieveJob Job(ScriptedArchive archive, Func<RetrieveJobOptions, RetrieveJobOptions>? change)
    {
        var job = new RetrieveJob((change ?? (o => o))(new RetrieveJobOptions
        {
            Association = AssociationOptions.For(archive.Node),
            Node = archive.Node,
            ArrivalGrace = TimeSpan.FromSeconds(1.5),
            RetryCount = 0,
            Storage = new StorageServerOptions
            {
                Folder = _folder.Path,
                Server = new DicomServerOptions { AETitle = "OURS", Address = IPAddress.Loopback }
            },
        }));
        _port = job.ListenerPort!.Value;
        return job;
    }

    private async Task<RetrieveResult> MoveAsync(Func<ArchiveCall, Task> answer,
        Func<RetrieveJobOptions, RetrieveJobOptions>? change = null, RetrieveKeys? keys = null)
    {
        await using var archive = ScriptedArchive.Start(answer);
        await using var job = Job(archive, change);
        await job.AddAsync(keys ?? new RetrieveKeys { StudyInstanceUID = ["1.2.3"] }, TestContext.Current.CancellationToken);
        job.CompleteAdding();
        return Assert.Single(await AllAsync(job));
    }
}
