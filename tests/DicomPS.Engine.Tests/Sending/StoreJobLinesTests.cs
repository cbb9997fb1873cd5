using System.Collections.Concurrent;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using DicomPS.Sending;

namespace DicomPS.Engine.Tests.Sending;

/// <summary>Over how many associations files go, and which of them go together.</summary>
public sealed class StoreJobLinesTests : IDisposable
{
    private readonly TempFolder _sent = new();
    private readonly ConcurrentQueue<(string Study, string Association)> _came = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _sent.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_study_goes_over_one_association_however_its_files_are_mixed(bool isAdaptive)
    {
        // The first waits for a second association: on a busy machine one could be through with all before another is there.
        var gate = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Serve(isAdaptive ? null : async () =>
        {
            if (_came.Select(c => c.Association).Distinct().Count() > 1)
                gate.TrySetResult(true);
            await gate.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        });
        var files = await WriteAsync(studies: 7, each: 9);
        var results = await SendAsync(server.Port, files, o => o with { Associations = 5, IsAdaptive = isAdaptive });
        Assert.All(results, r => Assert.Equal(("Success", null), (r.Status, r.Error)));
        Assert.Equal(63, _came.Count);
        Assert.All(_came.GroupBy(c => c.Study), study => Assert.Single(study.Select(c => c.Association).Distinct()));
        if (!isAdaptive)
            Assert.InRange(server.Associations, 2, 5);
    }

    [Fact]
    public async Task A_study_whose_files_come_one_by_one_stays_on_its_association()
    {
        await using var server = Serve();
        var files = await WriteAsync(studies: 2, each: 6);
        await using var job = new StoreJob(Options(server.Port) with { Associations = 4 });
        await using var results = job.ResultsAsync(Token).GetAsyncEnumerator(Token);
        foreach (var file in files)
        {
            await job.AddAsync(file, Token);
            Assert.True(await results.MoveNextAsync() && results.Current.Success);
        }

        Assert.All(_came.GroupBy(c => c.Study), study => Assert.Single(study.Select(c => c.Association).Distinct()));
    }

    [Fact]
    public async Task With_SplitsStudies_one_study_goes_over_all()
    {
        var gate = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Serve(async () =>
        {
            if (_came.Count == 3)
                gate.TrySetResult(true);
            await gate.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        });
        var results = await SendAsync(server.Port, await WriteAsync(1, 12), o => o with { Associations = 3, SplitsStudies = true });
        Assert.Equal(12, results.Count(r => r.Success));
        Assert.Equal(3, server.Associations);
    }

    [Fact]
    public async Task On_a_line_with_a_long_way_the_associations_become_more()
    {
        await using var server = Serve();
        await using var line = SlowLine.To(server.Port, TimeSpan.FromMilliseconds(30));
        var results = await SendAsync(line.Port, await WriteAsync(24, 6), o => o with { Associations = 16, IsAdaptive = true });
        Assert.Equal(144, results.Count(r => r.Success));
        Assert.InRange(line.MostAtOnce, 3, 16);
        Assert.All(_came.GroupBy(c => c.Study), study => Assert.Single(study.Select(c => c.Association).Distinct()));
    }

    [Fact]
    public async Task A_peer_with_less_room_keeps_what_it_has_and_every_file_arrives_once()
    {
        await using var server = Serve(options: new DicomServerOptions { MaximumAssociations = 2 });
        await using var line = SlowLine.To(server.Port, TimeSpan.FromMilliseconds(10));
        var results = await SendAsync(line.Port, await WriteAsync(20, 5),
            o => o with { Associations = 32, IsAdaptive = true, RetryCount = 0, RetryDelay = TimeSpan.FromMilliseconds(20) });
        Assert.All(results, r => Assert.Equal(("Success", 1, null), (r.Status, r.Attempts, r.Error)));
        Assert.Equal(100, _came.Count);
        Assert.All(_came.GroupBy(c => c.Study), study => Assert.Single(study.Select(c => c.Association).Distinct()));
    }

    private DicomServer Serve(Func<Task>? before = null, DicomServerOptions? options = null) =>
        DicomServer.Start((options ?? new DicomServerOptions()) with { Port = 0 }, new ServiceTable([], uid => new ServiceRow(uid,
            CommandField.CStoreRequest, async (call, token) =>
            {
                var dataset = await call.Reader.ReadDatasetAsync(call.Message, null, token);
                _came.Enqueue((dataset.GetString(Tags.StudyInstanceUID)!, call.Association.RemoteEndPoint.ToString()));
                if (before is { })
                    await before();
                return call.Command.Respond(0);
            }, 0xC000, 0xC000)));

    // Study by study in turns, so that what belongs together does not come together.
    private async Task<List<string>> WriteAsync(int studies, int each)
    {
        var files = new List<string>();
        for (var i = 0; i < studies * each; i++)
        {
            var dataset = Instances.Dataset();
            dataset.Set(Tags.StudyInstanceUID, $"1.2.{i % studies}");
            files.Add(await Instances.WriteAsync(_sent, dataset));
        }

        return files;
    }

    private static StoreJobOptions Options(int port) =>
        new() { Association = AssociationOptions.For(new DicomNode { AETitle = "DICOMPS", HostName = "127.0.0.1", Port = port }) };

    private static async Task<List<StoreResult>> SendAsync(int port, List<string> files, Func<StoreJobOptions, StoreJobOptions> change)
    {
        await using var job = new StoreJob(change(Options(port)));
        foreach (var file in files)
            await job.AddAsync(file, Token);
        job.CompleteAdding();
        var results = new List<StoreResult>();
        await foreach (var result in job.ResultsAsync(Token))
            results.Add(result);
        Assert.Equal(files.Order(), results.Select(r => r.Path).Order());
        return results;
    }
}
