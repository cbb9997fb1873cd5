using DicomPS.Interop.Tests.Support;
using DicomPS.Matching;
using DicomPS.Retrieving;
using DicomPS.Scp;

namespace DicomPS.Interop.Tests.Scu;

/// <summary>C-MOVE and C-GET with dcmqrscp, which serves all three models.</summary>
public class RetrieveTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_model_and_level_brings_what_it_names_by_move_and_by_get()
    {
        using var source = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 3);
        var port = FreePort.Next();
        await using var pacs = await DcmqrscpServer.StartAsync(Cancellation, (Retrieval.OurAETitle, port));
        var node = Retrieval.Node(pacs.Port, DcmqrscpServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        (InformationModel Model, QueryLevel Level)[] rows =
        [
            .. Retrieval.ModelsAndLevels,
            (InformationModel.PatientStudyOnly, QueryLevel.Patient), (InformationModel.PatientStudyOnly, QueryLevel.Study),
        ];
        foreach (var (model, level) in rows)
        {
            var keys = Retrieval.KeysOf(files[0]) with { Model = model, Level = level };
            var expected = level == QueryLevel.Image ? files.Take(1) : files;
            var (move, get) = await Retrieval.BringsAsync(expected, node, port, keys, () => pacs.Output, Cancellation);
            Assert.Equal(($"{model}", $"{level}", expected.Count(), expected.Count()),
                (move.Model, get.Level, move.Received, get.Received));
        }
    }

    [Fact]
    public async Task Several_instances_go_as_a_list_and_have_a_result_each()
    {
        using var source = new TempFolder();
        using var got = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 5);
        await using var pacs = await DcmqrscpServer.StartAsync(Cancellation);
        var node = Retrieval.Node(pacs.Port, DcmqrscpServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        var keys =
            Retrieval.KeysOf(
                files[0]) with
            { SOPInstanceUID = [.. files.Take(3).SelectMany(file => Retrieval.KeysOf(file).SOPInstanceUID), "1.2.999"] };
        var results = await Retrieval.EachAsync(Retrieval.Get(node, got), keys, Cancellation);

        Assert.Equal(keys.SOPInstanceUID, results.Select(result => result.SOPInstanceUID!));
        Assert.All(results.Take(3), result => Retrieval.Is(RetrieveVerdict.Complete, result, pacs.Output));
        Assert.NotEqual(RetrieveVerdict.Complete, results[3].GetVerdict());
        await Compare.SameContentAsync(files.Take(3), got.Files(), Cancellation);
    }

    [Fact]
    public async Task A_move_to_storescp_is_counted_by_the_peer()
    {
        using var source = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 4);
        await using var store = await StorescpServer.StartAsync(Cancellation);
        await using var pacs = await DcmqrscpServer.StartAsync(Cancellation, ("STORE", store.Port));
        var node = Retrieval.Node(pacs.Port, DcmqrscpServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        var result = await Retrieval.RunAsync(Retrieval.MoveTo(node, "STORE"),
            Retrieval.KeysOf(files[0]) with { Level = QueryLevel.Study }, Cancellation);

        Retrieval.Is(RetrieveVerdict.Complete, result, pacs.Output);
        Assert.Equal(((int?)4, (int?)0, null, null), (result.Completed, result.Failed, result.Received, result.Path));
        Assert.Equal(4, store.Files().Length);
    }

    [Fact]
    public async Task An_unknown_destination_is_A801()
    {
        using var source = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 1);
        await using var pacs = await DcmqrscpServer.StartAsync(Cancellation);
        var node = Retrieval.Node(pacs.Port, DcmqrscpServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        var result = await Retrieval.RunAsync(Retrieval.MoveTo(node, "NOBODY"), Retrieval.KeysOf(files[0]), Cancellation);

        Retrieval.Is(RetrieveVerdict.Failed, result, pacs.Output);
        Assert.Equal((ushort)0xA801, result.StatusCode);
        Assert.Contains("does not know the AE title NOBODY", result.Advice);
    }

    [Fact]
    public async Task A_wrong_port_for_us_at_the_peer_is_found_at_the_listener()
    {
        using var source = new TempFolder();
        using var moved = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 2);
        await using var pacs = await DcmqrscpServer.StartAsync(Cancellation, (Retrieval.OurAETitle, FreePort.Next()));
        var node = Retrieval.Node(pacs.Port, DcmqrscpServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        var port = FreePort.Next();
        var result = await Retrieval.RunAsync(Retrieval.MoveHere(node, moved, port), Retrieval.KeysOf(files[0]), Cancellation);

        Retrieval.Is(RetrieveVerdict.Failed, result, pacs.Output);
        Assert.Contains($"No inbound association was seen on port {port}: check the host and port that the PACS holds for AE OURS",
            result.Advice);
    }

    [Theory]
    [InlineData(RetrieveMethod.Move)]
    [InlineData(RetrieveMethod.Get)]
    public async Task Stopping_in_the_middle_ends_with_what_had_arrived(RetrieveMethod method)
    {
        using var source = new TempFolder();
        using var arrived = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 900);
        var port = FreePort.Next();
        await using var pacs = await DcmqrscpServer.StartAsync(Cancellation, (Retrieval.OurAETitle, port));
        var node = Retrieval.Node(pacs.Port, DcmqrscpServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        // The 60th is under way until it was stopped: all could be here before a busy machine says so.
        using var goOn = new ManualResetEventSlim();
        var stored = 0;
        var move = Retrieval.MoveHere(node, arrived, port);
        await using var job = new RetrieveJob((method == RetrieveMethod.Move
            ? move with { Storage = move.Storage! with { Stored = _ => Hold(++stored) } }
            : Retrieval.Get(node, arrived) with { Responded = progress => Hold(progress.Completed ?? 0) }) with
        {
            CancelGrace = TimeSpan.FromMinutes(1),
        });
        await job.AddAsync(Retrieval.KeysOf(files[0]) with { Level = QueryLevel.Study }, Cancellation);
        while (job.Progress.Received < 20 && !job.Completion.IsCompleted)
            await Task.Delay(1, Cancellation);
        var progress = job.Progress;
        var stopping = job.StopAsync();
        // It is at the peer by then.
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        goOn.Set();
        await stopping;
        var results = new List<RetrieveResult>();
        await foreach (var one in job.ResultsAsync(Cancellation))
            results.Add(one);
        var result = Assert.Single(results);

        Retrieval.Is(RetrieveVerdict.Cancelled, result, pacs.Output);
        Assert.NotNull(progress.Remaining);
        Assert.InRange(result.Received!.Value, 20, 899);
        Assert.Equal(result.Received, arrived.Files().Length);
        Assert.Contains($"{result.Received} instances had arrived", result.Advice);
        // The peer was asked, not cut off.
        Assert.Equal((ushort)0xFE00, result.StatusCode);

        void Hold(long count)
        {
            if (count >= 60)
                goOn.Wait(TimeSpan.FromMinutes(1), Cancellation);
        }
    }

    [Fact]
    public async Task Many_requests_go_over_one_association_each_to_its_folder()
    {
        using var source = new TempFolder();
        using var arrived = new TempFolder();
        var studies = Enumerable.Range(0, 6).Select(number => GeneratedStudy.WriteSlices(source.Combine($"{number}"), 2)).ToList();
        var port = FreePort.Next();
        await using var pacs = await DcmqrscpServer.StartAsync(Cancellation, (Retrieval.OurAETitle, port));
        var node = Retrieval.Node(pacs.Port, DcmqrscpServer.AETitle);
        await Engine.SendAsync(node, [.. studies.SelectMany(files => files)], Cancellation);

        var options = Retrieval.MoveHere(node, arrived, port);
        var opened = 0;
        options = options with
        {
            Throttle = 2,
            Association =
                options.Association with
                {
                    Trace =
                    step => _ = step.Kind == Associations.AssociationEventKind.Accepted ? Interlocked.Increment(ref opened) : 0
                },
        };
        await using var job = new RetrieveJob(options);
        foreach (var files in studies)
            await job.AddAsync(Retrieval.KeysOf(files[0]) with { Level = QueryLevel.Study }, Cancellation);
        job.CompleteAdding();
        var results = new List<RetrieveResult>();
        await foreach (var result in job.ResultsAsync(Cancellation))
            results.Add(result);

        Assert.All(results, result => Retrieval.Is(RetrieveVerdict.Complete, result, pacs.Output));
        Assert.All(results,
            result => Assert.Equal((2, Path.Combine(arrived.Path, result.StudyInstanceUID!)), (result.Received, result.Path)));
        Assert.InRange(opened, 1, 2);
    }
}
