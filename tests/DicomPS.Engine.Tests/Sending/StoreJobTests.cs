using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Sending;

public sealed class StoreJobTests : IDisposable
{
    private readonly TempFolder _sent = new();
    private readonly TempFolder _received = new();

    public void Dispose()
    {
        _sent.Dispose();
        _received.Dispose();
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.2")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    public async Task A_file_arrives_in_the_bytes_and_the_syntax_that_it_had(string syntax)
    {
        await using var server = Serve();
        var file = await Instances.WriteAsync(_sent, Instances.Dataset(pixelBytes: 700_000), TransferSyntax.Find(syntax));
        var result = Assert.Single(await SendAsync(server, [file]));
        Assert.Equal(("Success", (ushort?)0, true, syntax), (result.Status, result.StatusCode, result.Success, result.TransferSyntaxUID));
        var arrived = Assert.Single(_received.Files());
        Assert.Equal(Instances.DatasetBytes(file), Instances.DatasetBytes(arrived));
        Assert.Equal(Instances.DatasetBytes(file).Length, result.Bytes);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.2", "1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")]
    public async Task A_peer_that_does_not_take_the_syntax_gets_another_uncompressed_one(string native, string taken)
    {
        await using var server = Serve(o => o with { TransferSyntaxes = [taken] });
        var dataset = Instances.Dataset(pixelBytes: 700_000);
        var file = await Instances.WriteAsync(_sent, dataset, TransferSyntax.Find(native));
        var result = Assert.Single(await SendAsync(server, [file]));
        Assert.Equal(("Success", taken), (result.Status, result.TransferSyntaxUID));
        Assert.Equal(DatasetWriter.ToArray(dataset, TransferSyntax.Find(taken)), Instances.DatasetBytes(Assert.Single(_received.Files())));
    }

    [Fact]
    public async Task Without_reencoding_the_file_is_not_sent_and_the_reason_is_told()
    {
        await using var server = Serve(o => o with { TransferSyntaxes = ["1.2.840.10008.1.2"] });
        var file = await Instances.WriteAsync(_sent, Instances.Dataset(), TransferSyntax.ExplicitVRBigEndian);
        var result = Assert.Single(await SendAsync(server, [file], o => o with { Reencode = false }));
        Assert.Equal(("NotSent", DicomStage.PresentationContext, 0L), (result.Status, result.Exception!.Stage, result.Bytes));
        Assert.Contains("CT Image Storage", result.Error);
        Assert.Contains("Big Endian", result.Error);
        Assert.Empty(_received.Files());
    }

    [Fact]
    public async Task A_broken_file_fails_alone()
    {
        await using var server = Serve();
        var good = await Instances.WriteAsync(_sent, Instances.Dataset());
        var cut = await Instances.WriteAsync(_sent, Instances.Dataset());
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^100]);
        var text = _sent.NewPath(".txt");
        File.WriteAllText(text, "no DICOM");
        var results = await SendAsync(server, [cut, text, good, _sent.NewPath(".missing")]);
        Assert.Equal(4, results.Count);
        Assert.Equal(good, Assert.Single(results, r => r.Success).Path);
        Assert.All(results.Where(r => !r.Success), r =>
        {
            Assert.Equal("NotSent", r.Status);
            Assert.NotNull(r.Error);
            Assert.NotNull(r.Advice);
        });
        Assert.Single(_received.Files());
    }

    [Fact]
    public async Task More_kinds_than_one_association_can_carry_go_over_several()
    {
        await using var server = Serve(unknownClasses: true);
        var files = new List<string>();
        for (var i = 0; i < 150; i++)
            files.Add(await Instances.WriteAsync(_sent, Instances.Dataset($"1.2.826.0.1.3680043.9.9999.{i}", pixelBytes: 16)));
        var results = await SendAsync(server, files);
        Assert.Equal(150, results.Count(r => r.Success));
        Assert.Equal(150, _received.Files().Length);
        Assert.InRange(server.Associations, 3, 20);
    }

    [Fact]
    public async Task Several_associations_share_the_work()
    {
        await using var server = Serve();
        var files = new List<string>();
        for (var i = 0; i < 60; i++)
            files.Add(await Instances.WriteAsync(_sent, Instances.Dataset(pixelBytes: 20_000)));
        var results = await SendAsync(server, files, o => o with { Associations = 3, SplitsStudies = true });
        Assert.Equal(files.Order(), results.Where(r => r.Success).Select(r => r.Path).Order());
        Assert.InRange(server.Associations, 2, 3);
    }

    [Fact]
    public async Task An_abort_costs_one_file_a_new_try_and_the_rest_nothing()
    {
        var calls = 0;
        await using var server = Script((call, _) => Interlocked.Increment(ref calls) == 3 ? AbortAsync(call) : call.Reply(0));
        var files = await ManyAsync(6);
        var results = await SendAsync(server, files, o => o with { RetryDelay = TimeSpan.FromMilliseconds(10) });
        Assert.Equal(6, results.Count(r => r.Success));
        Assert.Equal(7, calls);
    }

    [Fact]
    public async Task A_file_that_always_breaks_the_association_is_never_called_sent()
    {
        var poison = Uid.New();
        await using var server = Script((call, _) => call.Command.AffectedSopInstanceUid == poison ? AbortAsync(call) : call.Reply(0));
        var files = await ManyAsync(3);
        files.Insert(1, await Instances.WriteAsync(_sent, Instances.Dataset(instance: poison)));
        var results = await SendAsync(server, files, o => o with { RetryCount = 1, RetryDelay = TimeSpan.FromMilliseconds(10) });
        Assert.Equal(3, results.Count(r => r.Success));
        var failed = Assert.Single(results, r => !r.Success);
        Assert.Equal((poison, "Unknown", (ushort?)null), (failed.SOPInstanceUID, failed.Status, failed.StatusCode));
        Assert.Contains("may or may not", failed.Advice);
        Assert.IsType<AssociationAbortedException>(failed.Exception);
    }

    [Theory]
    [InlineData(0xA700)]
    [InlineData(0xA7FF)]
    [InlineData(0x0213)]
    public async Task Out_of_resources_is_tried_again_and_a_refusal_is_not(int passing)
    {
        var calls = 0;
        await using var server =
            Script((call, _) => call.Reply(Interlocked.Increment(ref calls) switch { 1 => (ushort)passing, 2 => 0, _ => 0xC123 }));
        var files = await ManyAsync(2);
        var results = await SendAsync(server, files, o => o with { RetryDelay = TimeSpan.FromMilliseconds(10) });
        Assert.Equal(3, calls);
        Assert.Equal(2, Assert.Single(results, r => r.Success).Attempts);
        var refused = Assert.Single(results, r => !r.Success);
        Assert.Equal(((ushort?)0xC123, 1, "Failure: Cannot Understand"), (refused.StatusCode, refused.Attempts, refused.Status));
    }

    [Fact]
    public async Task A_warning_counts_as_stored_and_is_told()
    {
        await using var server = Script((call, _) => call.Reply(0xB000));
        var result = Assert.Single(await SendAsync(server, await ManyAsync(1)));
        Assert.Equal((true, "Warning: Coercion of Data Elements", (ushort?)0xB000), (result.Success, result.Status, result.StatusCode));
    }

    [Theory]
    [InlineData(0xB000)]
    [InlineData(0xC123)]
    public async Task What_the_peer_says_and_objects_to_is_in_the_result(int status)
    {
        await using var server = Script((call, _) => Task.FromResult<ServiceReply>(
            call.Command.Respond((ushort)status) with
            {
                ErrorComment = "coerced",
                OffendingElements = [Tags.PatientID.Value, Tags.PatientName.Value]
            }));
        var result = Assert.Single(await SendAsync(server, await ManyAsync(1)));
        Assert.Equal(((ushort?)status, "coerced", "PatientID, PatientName"),
            (result.StatusCode, result.ErrorComment, result.OffendingElement));
    }

    [Fact]
    public async Task A_file_that_was_encoded_again_may_have_arrived_when_the_association_breaks()
    {
        // Spelt in implicit VR it is shorter than the file, so its length tells nothing.
        await using var server = DicomServer.Start(
            new DicomServerOptions { TransferSyntaxes = ["1.2.840.10008.1.2"] },
            new ServiceTable([new ServiceRow(Uids.CTImageStorage, CommandField.CStoreRequest, async (call, token) =>
            {
                while (await call.Reader.ReadDataAsync(token) is { })
                {
                    // To its end.
                }

                await call.Association.AbortAsync();
                return call.Command.Respond(0);
            }, 0xC210, 0xC211)]));
        var file = await Instances.WriteAsync(_sent, Instances.Dataset(), TransferSyntax.ExplicitVRLittleEndian);
        var result = Assert.Single(await SendAsync(server, [file], o => o with { RetryCount = 0 }));
        Assert.Equal(("Unknown", false), (result.Status, result.Success));
    }

    [Fact]
    public async Task A_peer_with_room_for_fewer_associations_than_asked_for_gets_every_file()
    {
        await using var server = Serve(o => o with { MaximumAssociations = 1 });
        var results = await SendAsync(server, await ManyAsync(40),
            o => o with { Associations = 4, RetryCount = 0, IdleRelease = TimeSpan.FromMilliseconds(200) });
        Assert.All(results, r => Assert.Equal(("Success", null), (r.Status, r.Error)));
        Assert.Equal(40, _received.Files().Length);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public async Task A_node_that_served_and_is_gone_is_waited_for_unless_no_retries_are_asked_for(int retries, bool isWaitedFor)
    {
        var attempts = 0;
        await using var server = Serve();
        var files = await ManyAsync(2);
        var options = Options(server) with { RetryCount = retries, RetryDelay = TimeSpan.FromMilliseconds(50) };
        await using var job = new StoreJob(options with
        {
            Association =
                options.Association with
                {
                    Trace =
                    step => Interlocked.Add(ref attempts, step.Kind == AssociationEventKind.NameResolved ? 1 : 0)
                },
        });
        await job.AddAsync(files[0], Token);
        Assert.True((await NextAsync(job)).Success);
        Assert.Null(job.Trouble);
        await server.StopAsync(TimeSpan.Zero);
        await job.AddAsync(files[1], Token);
        if (isWaitedFor)
        {
            while (Volatile.Read(ref attempts) < 5)
                await Task.Delay(10, Token);
            Assert.Contains("Nothing listens", job.Trouble);
            await using var again = Serve(o => o with { Port = server.Port });
            Assert.True((await NextAsync(job)).Success);
            Assert.Null(job.Trouble);
        }
        else
        {
            // The whole dataset had gone out over the association that turned out to be gone; nobody answered it.
            Assert.Equal("Unknown", (await NextAsync(job)).Status);
            Assert.Null(job.Trouble);
            Assert.Equal(2, attempts);
        }
    }

    [Fact]
    public async Task A_refused_association_is_every_files_reason()
    {
        await using var server = Serve(o => o with { AllowedCallingAETitles = ["SOMEBODY"] });
        var results = await SendAsync(server, await ManyAsync(3));
        Assert.Equal(3, results.Count);
        Assert.All(results,
            r => Assert.Equal(("NotSent", (byte)3), (r.Status, Assert.IsType<AssociationRejectedException>(r.Exception).Reason)));
    }

    [Fact]
    public async Task An_association_is_kept_over_a_pause_and_released_after_a_long_one()
    {
        await using var server = Serve();
        var files = await ManyAsync(3);
        await using var job = new StoreJob(Options(server) with { IdleRelease = TimeSpan.FromSeconds(2) });
        await job.AddAsync(files[0], Token);
        await NextAsync(job);
        await job.AddAsync(files[1], Token);
        await NextAsync(job);
        Assert.Equal(1, server.Associations);
        for (var i = 0; i < 1200 && server.ActiveAssociations > 0; i++)
            await Task.Delay(50, Token);
        Assert.Equal(0, server.ActiveAssociations);
        await job.AddAsync(files[2], Token);
        Assert.True((await NextAsync(job)).Success);
        Assert.Equal(2, server.Associations);
    }

    [Fact]
    public async Task A_cancelled_job_counts_nothing_that_was_not_answered()
    {
        var reached = new TaskCompletionSource();
        await using var server = Script(async (call, token) =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return call.Command.Respond(0);
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var job = new StoreJob(Options(server));
        await job.AddAsync((await ManyAsync(1))[0], Token);
        var results = Task.Run(async () =>
        {
            await foreach (var _ in job.ResultsAsync(stop.Token))
            {
                // None is expected.
            }
        }, Token);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => results);
        Assert.Equal(0, job.FilesDone);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static StoreJobOptions Options(StorageServer server) => Options(server.Port);

    private static StoreJobOptions Options(DicomServer server) => Options(server.Port);

    private static StoreJobOptions Options(int port) =>
        new() { Association = AssociationOptions.For(new DicomNode { AETitle = "DICOMPS", HostName = "127.0.0.1", Port = port }) };

    private static Task<List<StoreResult>> SendAsync(StorageServer server, IReadOnlyList<string> files,
        Func<StoreJobOptions, StoreJobOptions>? change = null) =>
        SendAsync(server.Port, files, change);

    private static Task<List<StoreResult>> SendAsync(DicomServer server, IReadOnlyList<string> files,
        Func<StoreJobOptions, StoreJobOptions>? change = null) =>
        SendAsync(server.Port, files, change);

    private static async Task<List<StoreResult>> SendAsync(int port, IReadOnlyList<string> files,
        Func<StoreJobOptions, StoreJobOptions>? change)
    {
        await using var job = new StoreJob((change ?? (o => o))(Options(port)));
        foreach (var file in files)
            await job.AddAsync(file, Token);
        job.CompleteAdding();
        var results = new List<StoreResult>();
        await foreach (var result in job.ResultsAsync(Token))
            results.Add(result);
        Assert.Equal(files.Order(), results.Select(r => r.Path).Order());
        return results;
    }

    private static async Task<StoreResult> NextAsync(StoreJob job)
    {
        await foreach (var result in job.ResultsAsync(Token))
            return result;
        throw new InvalidOperationException("There was no result.");
    }

    private static async Task<ServiceReply> AbortAsync(ServiceCall call)
    {
        while (await call.Reader.ReadDataAsync(Token) is { })
        {
            // The whole dataset has come, and still there is no answer.
        }

        await call.Association.AbortAsync();
        throw new AssociationAbortedException("as planned");
    }

    private static DicomServer Script(ServiceHandler handler) =>
        DicomServer.Start(new DicomServerOptions(),
            new ServiceTable([new ServiceRow(Uids.CTImageStorage, CommandField.CStoreRequest, handler, 0xC210, 0xC211)]));

    private StorageServer Serve(Func<DicomServerOptions, DicomServerOptions>? change = null,
        bool unknownClasses = false) => StorageServer.Start(new StorageServerOptions
        {
            Folder = _received.Path,
            AcceptUnknownSopClasses = unknownClasses,
            Server = (change ?? (o => o))(new DicomServerOptions()),
        });

    private async Task<List<string>> ManyAsync(int count)
    {
        var files = new List<string>();
        for (var i = 0; i < count; i++)
            files.Add(await Instances.WriteAsync(_sent, Instances.Dataset()));
        return files;
    }
}
