using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>C-MOVE and C-GET as the server answers them, asked by this engine's own SCU.</summary>
public sealed class RetrieveScpTests : IDisposable
{
    private const string Move = Uids.StudyRootQueryRetrieveInformationModelMove, Get = Uids.StudyRootQueryRetrieveInformationModelGet;
    private readonly TempFolder _store = new();
    private readonly TempFolder _arrived = new();

    public void Dispose()
    {
        _store.Dispose();
        _arrived.Dispose();
    }

    [Fact]
    public async Task A_move_sends_every_instance_and_counts_down()
    {
        await using var target = Target();
        await using var server = Serve(await ManyAsync(3), title => title == "TARGET" ? target.Port : null);
        var responses = await MoveAsync(server, "TARGET");
        Assert.Equal([2, 1, null], responses.Select(r => (int?)r.Command.Remaining));
        Assert.Equal(((ushort)0, (ushort?)3, (ushort?)0, (ushort?)0), Final(responses));
        Assert.Equal(3, _arrived.Files().Length);
        Assert.True(target.TryReceive(out var instance));
        Assert.Equal(Instances.DatasetBytes(Path.Combine(_store.Path, "1.dcm")), Instances.DatasetBytes(instance.Path));
    }

    [Fact]
    public async Task An_unknown_destination_is_A801()
    {
        await using var server = Serve(await ManyAsync(1), _ => null);
        Assert.Equal(0xA801, Assert.Single(await MoveAsync(server, "NOBODY")).Command.Status!.Value);
    }

    [Fact]
    public async Task A_destination_that_does_not_answer_fails_every_instance_by_name()
    {
        await using var gone = Target();
        await gone.StopAsync(TimeSpan.Zero);
        var items = await ManyAsync(2);
        await using var server = Serve(items, _ => gone.Port);
        var final = (await MoveAsync(server, "TARGET"))[^1];
        Assert.Equal((0xA702, (ushort?)2), (final.Command.Status!.Value, final.Command.Failed));
        Assert.Equal(items.Select(i => i.SopInstanceUid), final.Dataset!.GetStrings(Tags.FailedSOPInstanceUIDList));
    }

    [Fact]
    public async Task One_lost_instance_makes_a_warning_that_names_it()
    {
        await using var target = Target();
        var items = await ManyAsync(3);
        File.Delete(items[1].Path);
        await using var server = Serve(items, _ => target.Port);
        var responses = await MoveAsync(server, "TARGET");
        Assert.Equal(((ushort)0xB000, (ushort?)2, (ushort?)1, (ushort?)0), Final(responses));
        Assert.Equal([items[1].SopInstanceUid], responses[^1].Dataset!.GetStrings(Tags.FailedSOPInstanceUIDList));
        Assert.Equal(2, _arrived.Files().Length);
    }

    [Fact]
    public async Task A_move_that_finds_nothing_is_a_success_of_zero()
    {
        await using var target = Target();
        await using var server = Serve([], _ => target.Port);
        Assert.Equal(((ushort)0, (ushort?)0, (ushort?)0, (ushort?)0), Final(await MoveAsync(server, "TARGET")));
    }

    [Fact]
    public async Task A_cancelled_move_tells_what_remains()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var goOn = new ManualResetEventSlim();
        await using var target = Target(goOn);
        await using var server = Serve(await ManyAsync(400), _ => target.Port);
        var responses = new List<ExchangeResponse>();
        await using var scu = await ConnectAsync(server, Move);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var response in scu.MoveAsync(scu.ContextFor(Move)!, Identifier(), "TARGET", null, DicomPriority.Medium,
                cancel.Token))
            {
                responses.Add(response);
                Cancel(cancel, goOn);
            }
        });
        Assert.Equal(AssociationState.Established, scu.Association.State);
        Assert.InRange(target.Received, 1, 399);
        var final = responses[^1].Command;
        Assert.Equal(0xFE00, final.Status!.Value);
        Assert.Equal(400, final.Remaining + final.Completed);
    }

    [Fact]
    public async Task A_cancelled_move_names_what_had_failed_until_then()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var goOn = new ManualResetEventSlim();
        await using var target = Target(goOn);
        var items = await ManyAsync(400);
        File.Delete(items[0].Path);
        await using var server = Serve(items, _ => target.Port);
        ExchangeResponse? last = null;
        await using var scu = await ConnectAsync(server, Move);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var response in scu.MoveAsync(scu.ContextFor(Move)!, Identifier(), "TARGET", null, DicomPriority.Medium,
                cancel.Token))
            {
                last = response;
                Cancel(cancel, goOn);
            }
        });
        Assert.Equal((0xFE00, (ushort?)1), (last!.Command.Status!.Value, last.Command.Failed));
        Assert.Equal(400, last.Command.Remaining + last.Command.Completed + last.Command.Failed);
        Assert.Equal([items[0].SopInstanceUid], last.Dataset!.GetStrings(Tags.FailedSOPInstanceUIDList));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2")]
    public async Task A_get_brings_every_instance_over_the_same_association(string syntax)
    {
        await using var server = Serve(await ManyAsync(3), _ => null);
        var (responses, datasets) = await GetAsync(server, syntax);
        Assert.Equal(((ushort)0, (ushort?)3, (ushort?)0, (ushort?)0), Final(responses));
        var sent = (await DicomFile.OpenAsync(Path.Combine(_store.Path, "1.dcm"), null, Token)).Dataset;
        Assert.Equal(DatasetWriter.ToArray(sent, TransferSyntax.Find(syntax)), datasets[0]);
        Assert.Equal(3, datasets.Count);
    }

    [Fact]
    public async Task A_get_without_a_context_for_the_class_fails_those_instances()
    {
        var items = await ManyAsync(1, Uids.MRImageStorage);
        await using var server = Serve(items, _ => null);
        var (responses, datasets) = await GetAsync(server, "1.2.840.10008.1.2.1");
        Assert.Equal((0xA702, (ushort?)1), (responses[^1].Command.Status!.Value, responses[^1].Command.Failed));
        Assert.Empty(datasets);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Instances_go_out_while_more_are_still_looked_for(bool byGet)
    {
        var items = await ManyAsync(3);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var target = Target();
        await using var server = Stream(Slowly, target.Port);
        var answers = byGet ? (await GetAsync(server, "1.2.840.10008.1.2.1", stored: _ => first.TrySetResult())).Responses
            : await MoveWatchedAsync();
        Assert.Equal(((ushort)0, (ushort?)3, (ushort?)0, (ushort?)0), Final(answers));
        // Nothing is announced that is not known.
        Assert.All(answers.SkipLast(1),
            response => Assert.InRange((int)response.Command.Remaining! + response.Command.Completed!.Value, 1, 3));

        async IAsyncEnumerable<StoredInstance> Slowly()
        {
            yield return items[0];
            await first.Task;
            yield return items[1];
            yield return items[2];
        }

        async Task<List<ExchangeResponse>> MoveWatchedAsync()
        {
            var moving = MoveAsync(server, "TARGET");
            while (target.Received == 0)
                await Task.Delay(10, Token);
            first.SetResult();
            return await moving;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_cannot_be_sent_is_one_failed_suboperation_and_what_ends_the_rest_counts_what_was_done(bool byGet)
    {
        var items = await ManyAsync(2);
        await using var target = Target();
        await using var server = Stream(Some, target.Port);
        var answers = byGet ? (await GetAsync(server, "1.2.840.10008.1.2.1")).Responses : await MoveAsync(server, "TARGET");
        Assert.Equal(((ushort)0xA900, (ushort?)2, (ushort?)1, (ushort?)0), Final(answers));
        Assert.Equal("no more", answers[^1].Command.ErrorComment);

        async IAsyncEnumerable<StoredInstance> Some()
        {
            yield return items[0];
            yield return new StoredInstance("", "", "", "") { Problem = new IOException("/srv/secret") };
            yield return items[1];
            await Task.Yield();
            throw new ServiceException(0xA900, "no more");
        }
    }

    [Fact]
    public async Task A_store_that_is_answered_for_another_instance_is_a_failed_suboperation()
    {
        await using var server = Serve(await ManyAsync(1), _ => null);
        var (responses, _) = await GetAsync(server, "1.2.840.10008.1.2.1",
            answer: request => request.Respond(0) with { AffectedSopInstanceUid = "1.2.777" });
        Assert.Equal(((ushort)0xA702, (ushort?)0, (ushort?)1, (ushort?)0), Final(responses));
    }

    private static DicomServer Stream(Func<IAsyncEnumerable<StoredInstance>> items, int port)
    {
        var handlers = new ServiceHandlers
        {
            MoveInstances = (_, _, destination, _) =>
            {
                destination(AssociationOptions.For(new DicomNode { AETitle = "TARGET", HostName = "127.0.0.1", Port = port }));
                return items();
            },
            GetInstances = (_, _, _) => items(),
        };
        return DicomServer.Start(new DicomServerOptions(), handlers.ToTable());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static (ushort, ushort?, ushort?, ushort?) Final(List<ExchangeResponse> responses) =>
        (responses[^1].Command.Status!.Value, responses[^1].Command.Completed, responses[^1].Command.Failed, responses[^1].Command.Warning);

    private StorageServer Target() => StorageServer.Start(new StorageServerOptions { Folder = _arrived.Path });

    // The tenth instance is under way until it is told to go on: on a busy machine all could be there before a cancel is.
    private StorageServer Target(ManualResetEventSlim goOn)
    {
        var stored = 0;
        return StorageServer.Start(new StorageServerOptions
        {
            Folder = _arrived.Path,
            Stored = _ =>
            {
                if (++stored >= 10)
                    goOn.Wait(TimeSpan.FromMinutes(1));
            },
        });
    }

    private static void Cancel(CancellationTokenSource cancel, ManualResetEventSlim goOn)
    {
        if (cancel.IsCancellationRequested)
            return;
        cancel.Cancel();
        // It is at the server by then.
        _ = Task.Delay(TimeSpan.FromSeconds(1)).ContinueWith(_ => goOn.Set(), TaskScheduler.Default);
    }

    private async Task<IReadOnlyList<StoredInstance>> ManyAsync(int count, string? sopClass = null)
    {
        var items = new List<StoredInstance>();
        for (var i = 0; i < count; i++)
        {
            var dataset = Instances.Dataset(sopClass);
            var path = await Instances.WriteAsync(_store, dataset);
            items.Add(new StoredInstance(path, dataset.GetString(Tags.SOPClassUID)!, dataset.GetString(Tags.SOPInstanceUID)!,
                Uids.ExplicitVRLittleEndian));
        }

        return items;
    }

    private static DicomServer Serve(IReadOnlyList<StoredInstance> items, Func<string, int?> port)
    {
        RetrieveHandler find = (_, _, _) => Task.FromResult(items);
        var move =
            new MoveScp(find,
                title => port(title) is { } known
                    ? AssociationOptions.For(new DicomNode { AETitle = title, HostName = "127.0.0.1", Port = known }) : null);
        var refuse = new ServiceRow(Uids.CTImageStorage, CommandField.CStoreRequest, (call, _) => call.Reply(0x0124), 0xC210, 0xC211);
        return DicomServer.Start(new DicomServerOptions(), new ServiceTable([move.Row(Move), new GetScp(find).Row(Get), refuse]));
    }

    private static Task<QueryScu> ConnectAsync(DicomServer server, string sopClass, params PresentationContextProposal[] storage) =>
        QueryScu.ConnectAsync(
        new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            PresentationContexts = [new PresentationContextProposal(sopClass, [Uids.ImplicitVRLittleEndian]), .. storage],
        }, TimeSpan.FromSeconds(60), Token);

    private static DicomDataset Identifier()
    {
        var identifier = new DicomDataset();
        identifier.Set(Tags.QueryRetrieveLevel, "STUDY");
        identifier.Set(Tags.StudyInstanceUID, "1.2.3");
        return identifier;
    }

    private static async Task<List<ExchangeResponse>> MoveAsync(DicomServer server, string destination)
    {
        await using var scu = await ConnectAsync(server, Move);
        var responses = new List<ExchangeResponse>();
        await foreach (var response in scu.MoveAsync(scu.ContextFor(Move)!, Identifier(), destination, null, DicomPriority.Medium, Token))
            responses.Add(response);
        await scu.ReleaseAsync(Token);
        return responses;
    }

    private static async Task<(List<ExchangeResponse> Responses, List<byte[]> Datasets)> GetAsync(
        DicomServer server, string syntax, Action<int>? stored = null, Func<CommandSet, CommandSet>? answer = null)
    {
        var datasets = new List<byte[]>();
        await using var scu = await ConnectAsync(server, Get,
            new PresentationContextProposal(Uids.CTImageStorage, [syntax]) { ScuRole = false, ScpRole = true });
        var responses = new List<ExchangeResponse>();
        await foreach (var response in scu.GetAsync(scu.ContextFor(Get)!, Identifier(), StoreAsync, DicomPriority.Medium, Token))
            responses.Add(response);
        await scu.ReleaseAsync(Token);
        return (responses, datasets);

        async Task<CommandSet> StoreAsync(DimseReader reader, DimseMessage message, CancellationToken token)
        {
            var whole = new List<byte>();
            while (await reader.ReadDataAsync(token) is { } piece)
                whole.AddRange(piece.Span);
            datasets.Add([.. whole]);
            stored?.Invoke(datasets.Count);
            return answer?.Invoke(message.Command) ?? message.Command.Respond(0);
        }
    }
}
