using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Retrieving;

/// <summary>C-GET against a peer that behaves as each test wants.</summary>
public sealed partial class GetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    public async Task Instances_come_over_the_same_association_in_the_bytes_that_they_have(string syntax)
    {
        var instances = Many(3);
        await using var archive = ScriptedArchive.Start(call => AnswerAsync(call, instances, syntax));
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Complete, 3, (int?)3, null),
            (result.GetVerdict(), result.Received, result.Completed, result.Destination));
        Assert.Equal(
            instances.Select(i => Convert.ToHexString(DatasetWriter.ToArray(i, TransferSyntax.Find(syntax)))).Order(),
            _folder.Files().Select(f => Convert.ToHexString(Instances.DatasetBytes(f))).Order());
        Assert.Equal(1, archive.Associations);
    }

    [Fact]
    public async Task Classes_that_the_first_association_has_no_room_for_come_over_another_and_nothing_twice()
    {
        // The last class of the list is in nobody's first association.
        var rare = DicomDictionary.SopClasses(SopClassService.Storage).Last(c => c.Uid != Uids.CTImageStorage).Uid;
        var instances = Many(2);
        instances.Add(Instances.Dataset(rare));
        await using var archive = ScriptedArchive.Start(call => AnswerAsync(call, instances));
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Complete, "Success", 3, (int?)3, (int?)0),
            (result.GetVerdict(), result.Status, result.Received, result.Completed, result.Failed));
        Assert.Equal(3, _folder.Files().Length);
        Assert.Empty(result.FailedSOPInstanceUID);
        Assert.InRange(archive.Associations, 2, 3);
    }

    [Fact]
    public async Task A_class_that_is_known_beforehand_comes_over_the_first_association()
    {
        const string own = "1.2.826.0.1.3680043.9.9999.1";
        var instances = new List<DicomDataset> { Instances.Dataset(own) };
        await using var archive = ScriptedArchive.Start(call => AnswerAsync(call, instances));
        var result = await GetAsync(archive, keys: Study with { SOPClassUID = [own] });
        Assert.Equal((RetrieveVerdict.Complete, 1), (result.GetVerdict(), archive.Associations));
    }

    [Fact]
    public async Task What_no_association_can_carry_is_partial_and_named()
    {
        var foreign = Instances.Dataset("1.2.826.0.1.3680043.9.9999.1");
        var instances = Many(2);
        instances.Add(foreign);
        await using var archive = ScriptedArchive.Start(call => AnswerAsync(call, instances));
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Partial, 2, (int?)2, (int?)1, (ushort?)0xB000),
            (result.GetVerdict(), result.Received, result.Completed, result.Failed, result.StatusCode));
        Assert.Equal([foreign.GetString(Tags.SOPInstanceUID)!], result.FailedSOPInstanceUID);
    }

    [Fact]
    public async Task A_class_for_want_of_whose_context_nothing_came_is_looked_up_and_tried_by_itself()
    {
        var dose = Instances.Dataset(Uids.RTDoseStorage);
        await using var archive = ScriptedArchive.Start(call => HoldAsync(call, dose, Uids.ExplicitVRBigEndian, answersQueries: true));
        await using var job = new RetrieveJob(Options(archive));
        await job.AddAsync(Study, Token);
        await job.AddAsync(new RetrieveKeys { StudyInstanceUID = ["1.2.3.99"] }, Token);
        job.CompleteAdding();
        var results = await AllAsync(job);
        Assert.All(results,
            r => Assert.Equal((RetrieveVerdict.Complete, "Success", 1, (int?)1, (int?)0),
                (r.GetVerdict(), r.Status, r.Attempts, r.Received, r.Failed)));
        var gets = archive.Calls.Where(c => c.Command.Field == CommandField.CGetRequest)
            .Select(c => (c.Identifier.GetString(Tags.StudyInstanceUID), Offered(c))).ToList();
        // Nothing is repeated as it was, and the second study finds the way at once.
        Assert.Equal(gets.Distinct().Count(), gets.Count);
        Assert.Equal(2, gets.Count(g => g.Item1 == "1.2.3.99"));
        Assert.Equal("1.2.840.10008.1.2.2", DicomFileProbe.Read(_folder.Files()[1]).TransferSyntax.Uid);
    }

    [Fact]
    public async Task A_class_that_nobody_names_is_said_and_not_asked_for_again()
    {
        var dose = Instances.Dataset(Uids.RTDoseStorage);
        await using var archive = ScriptedArchive.Start(call => HoldAsync(call, dose, Uids.ExplicitVRBigEndian, answersQueries: false));
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Failed, (ushort?)0xA702, 1), (result.GetVerdict(), result.StatusCode, result.Attempts));
        Assert.Contains("-SOPClassUID", result.Advice);
        Assert.DoesNotContain("resources", result.Advice, StringComparison.Ordinal);
        Assert.Equal(archive.Calls.Select(Offered).Distinct().Count(), archive.Calls.Count);
        Assert.False(result.Exception!.IsTransient);
    }

    [Fact]
    public async Task A_peer_that_is_short_of_resources_is_asked_again()
    {
        await using var archive = ScriptedArchive.Start(
            call => call.Archive.Calls.Count < 3 ? call.FinalAsync(0xA702) : AnswerAsync(call, Many(1)));
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Complete, 3), (result.GetVerdict(), result.Attempts));
    }

    [Fact]
    public async Task A_peer_that_takes_the_first_context_of_a_class_sends_explicit_vr()
    {
        foreach (var sopClass in new[] { Uids.SegmentationStorage, Uids.EncapsulatedPDFStorage })
        {
            await using var archive = ScriptedArchive.Start(async call =>
            {
                var first = call.Association.AcceptedContexts.First(c => c.AbstractSyntax == sopClass);
                await call.StoreAsync(Instances.Dataset(sopClass), first.TransferSyntax);
                await call.FinalAsync(0, 1, 0, 0);
            },
                new AcceptorPolicy
                {
                    ChooseTransferSyntax =
                    c => c.TransferSyntaxes.Contains("1.2.840.10008.1.2") ? "1.2.840.10008.1.2" : c.TransferSyntaxes[0]
                });
            Assert.Equal(RetrieveVerdict.Complete, (await GetAsync(archive)).GetVerdict());
        }

        Assert.All(_folder.Files(), f => Assert.Equal("1.2.840.10008.1.2.1", DicomFileProbe.Read(f).TransferSyntax.Uid));
    }

    [Fact]
    public async Task An_instance_that_cannot_be_stored_is_answered_with_the_reason()
    {
        var instances = Many(2);
        var statuses = new List<ushort?>();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            foreach (var instance in instances)
                statuses.Add(await call.StoreAsync(instance));
            await call.FinalAsync(0xB000, 1, 1, 0);
        });
        instances[1].Set(Tags.PixelData, Vr.OW, new byte[100_000]);
        var result = await GetAsync(archive, o => o with { Storage = o.Storage! with { MaximumObjectBytes = 50_000 } });
        Assert.Equal([(ushort)0, (ushort)0xA700], statuses.Select(s => s!.Value));
        Assert.Equal((RetrieveVerdict.Partial, 1), (result.GetVerdict(), result.Received));
        Assert.Equal([instances[1].GetString(Tags.SOPInstanceUID)!], result.FailedSOPInstanceUID);
        Assert.Contains("more than 50000 bytes", result.Advice);
    }

    [Fact]
    public async Task A_dropped_association_is_tried_again_and_stores_nothing_twice()
    {
        var instances = Many(3);
        await using var archive = ScriptedArchive.Start(async call =>
        {
            if (call.Archive.Calls.Count > 1)
            {
                await AnswerAsync(call, instances);
                return;
            }

            await call.StoreAsync(instances[0]);
            await call.StoreAsync(instances[1]);
            await call.Association.AbortAsync();
        });
        var result = await GetAsync(archive, o => o with { Storage = o.Storage! with { Duplicates = DuplicatePolicy.KeepBoth } });
        Assert.Equal((RetrieveVerdict.Complete, 2, 3), (result.GetVerdict(), result.Attempts, result.Received));
        Assert.Equal(3, _folder.Files().Length);
    }

    [Fact]
    public async Task Stopping_sends_C_CANCEL_and_keeps_what_arrived()
    {
        var instances = Many(5);
        var some = new TaskCompletionSource();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            var sent = 0;
            while (call.Archive.Cancelled.IsEmpty)
            {
                await call.StoreAsync(Instances.Dataset());
                await call.PendingAsync(1000 - ++sent, sent);
                if (sent == 3)
                    some.SetResult();
            }

            await call.FinalAsync(0xFE00, sent, 0, 0, 1000 - sent);
        });
        await using var job = new RetrieveJob(Options(archive));
        await job.AddAsync(Study, Token);
        await some.Task;
        await job.StopAsync();
        var result = Assert.Single(await AllAsync(job));
        Assert.Equal((RetrieveVerdict.Cancelled, (ushort?)0xFE00, result.Completed),
            (result.GetVerdict(), result.StatusCode, result.Received));
        Assert.Equal(result.Received, _folder.Files().Length);
        Assert.Equal(1000 - result.Received, result.Remaining);
        Assert.Single(archive.Cancelled);
    }

    [Fact]
    public async Task What_the_peer_sends_after_C_CANCEL_is_taken_and_answered_and_the_association_is_released()
    {
        var started = new TaskCompletionSource();
        var statuses = new List<ushort?>();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            statuses.Add(await call.StoreAsync(Instances.Dataset()));
            started.SetResult();
            await call.WaitForCancelAsync();
            statuses.Add(await call.StoreAsync(Instances.Dataset()));
            statuses.Add(await call.StoreAsync(Instances.Dataset()));
            await call.FinalAsync(0xFE00, 3, 0, 0, 7);
        });
        await using var job = new RetrieveJob(Options(archive));
        await job.AddAsync(Study, Token);
        await started.Task;
        await job.StopAsync();
        var result = Assert.Single(await AllAsync(job));
        Assert.Equal((RetrieveVerdict.Cancelled, (ushort?)0xFE00, 3, (int?)7),
            (result.GetVerdict(), result.StatusCode, result.Received, result.Remaining));
        Assert.Equal([(ushort)0, (ushort)0, (ushort)0], statuses.Select(s => s!.Value));
        Assert.Equal(3, _folder.Files().Length);
        Assert.Null(result.Exception);
    }

    [Fact]
    public async Task A_peer_without_C_GET_is_told_with_the_way_around()
    {
        var policy = new AcceptorPolicy { AcceptsAbstractSyntax = uid => uid == Uids.CTImageStorage };
        await using var archive = ScriptedArchive.Start(call => AnswerAsync(call, []), policy);
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Failed, "NotSent", DicomStage.PresentationContext),
            (result.GetVerdict(), result.Status, result.Exception!.Stage));
        Assert.Contains("C-MOVE", result.Advice);
    }

    [Fact]
    public async Task A_peer_that_does_not_change_roles_is_told()
    {
        var policy = new AcceptorPolicy { ChooseRoles = _ => null };
        await using var archive = ScriptedArchive.Start(call => AnswerAsync(call, []), policy);
        var result = await GetAsync(archive);
        Assert.Equal((RetrieveVerdict.Failed, DicomStage.PresentationContext), (result.GetVerdict(), result.Exception!.Stage));
        Assert.Contains("roles", result.Exception.Message);
    }

    [Theory]
    [InlineData(InformationModel.CompositeInstanceRoot, "1.2.840.10008.5.1.4.1.2.4.3")]
    [InlineData(InformationModel.WithoutBulkData, "1.2.840.10008.5.1.4.1.2.5.3")]
    public async Task Single_instances_come_by_their_uid_alone(InformationModel model, string sopClass)
    {
        var instances = Many(1);
        instances[0].Set(Tags.SOPInstanceUID, "1.2.3.5");
        await using var archive = ScriptedArchive.Start(call => AnswerAsync(call, instances));
        var result = await GetAsync(archive, keys: Study with { SOPInstanceUID = ["1.2.3.5"], Model = model });
        var call = Assert.Single(archive.Calls);
        Assert.Equal((RetrieveVerdict.Complete, sopClass, "IMAGE", "1.2.3.5", 2), (
            result.GetVerdict(), call.Message.Context.AbstractSyntax, call.Identifier.GetString(Tags.QueryRetrieveLevel),
            call.Identifier.GetString(Tags.SOPInstanceUID), call.Identifier.Count));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static RetrieveKeys Study => new() { StudyInstanceUID = ["1.2.3"] };

    private static List<DicomDataset> Many(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Instances.Dataset(pixelBytes: 1000 * (i + 1)))];

    // As an honest archive does it.
    private static async Task AnswerAsync(ArchiveCall call, IReadOnlyList<DicomDataset> instances, string syntax = "1.2.840.10008.1.2.1")
    {
        var failed = new List<string>();
        var completed = 0;
        foreach (var instance in instances)
        {
            if (await call.StoreAsync(instance, syntax) is 0)
                completed++;
            else
                failed.Add(instance.GetString(Tags.SOPInstanceUID)!);
            await call.PendingAsync(instances.Count - completed - failed.Count, completed, failed.Count);
        }

        await call.FinalAsync(failed.Count == 0 ? (ushort)0 : (ushort)0xB000, completed, failed.Count, 0, null, [.. failed]);
    }

    // As qrscp does it: what is held in one transfer syntax goes in that alone, and a query tells what there is.
    private static async Task HoldAsync(ArchiveCall call, DicomDataset instance, string syntax, bool answersQueries)
    {
        var uid = instance.GetString(Tags.SOPInstanceUID)!;
        if (call.Command.Field == CommandField.CGetRequest)
        {
            instance.Set(Tags.StudyInstanceUID, call.Identifier.GetString(Tags.StudyInstanceUID)!);
            var isSent = await call.StoreAsync(instance, syntax) is 0;
            await call.FinalAsync(isSent ? (ushort)0 : (ushort)0xA702, isSent ? 1 : 0, isSent ? 0 : 1, 0, null, isSent ? [] : [uid]);
            return;
        }

        if (!answersQueries)
        {
            await call.FinalAsync(0xC000);
            return;
        }

        var match = new DicomDataset();
        if (call.Identifier.GetString(Tags.QueryRetrieveLevel) == "SERIES")
            match.Set(Tags.SeriesInstanceUID, "1.2.3.4");
        else
        {
            Assert.Equal("1.2.3.4", call.Identifier.GetString(Tags.SeriesInstanceUID));
            match.Set(Tags.SOPInstanceUID, uid);
            match.Set(Tags.SOPClassUID, instance.GetString(Tags.SOPClassUID)!);
        }

        await call.MatchAsync(match);
        await call.FinalAsync(0);
    }

    private static string Offered(ArchiveCall call) =>
        call.Command.Field + string.Join(" ", call.Association.AcceptedContexts.Select(c => $"{c.AbstractSyntax} {c.TransferSyntax}"));

    private static async Task<List<RetrieveResult>> AllAsync(RetrieveJob job)
    {
        var results = new List<RetrieveResult>();
        await foreach (var result in job.ResultsAsync(Token))
            results.Add(result);
        return results;
    }

    private RetrieveJobOptions Options(ScriptedArchive archive) => new()
    {
        Association = AssociationOptions.For(archive.Node),
        Node = archive.Node,
        Method = RetrieveMethod.Get,
        RetryDelay = TimeSpan.FromMilliseconds(10),
        Storage = new StorageServerOptions { Folder = _folder.Path },
    };

    private async Task<RetrieveResult> GetAsync(ScriptedArchive archive, Func<RetrieveJobOptions, RetrieveJobOptions>? change = null,
        RetrieveKeys? keys = null)
    {
        await using var job = new RetrieveJob((change ?? (o => o))(Options(archive)));
        await job.AddAsync(keys ?? Study, Token);
        job.CompleteAdding();
        var results = new List<RetrieveResult>();
        await foreach (var result in job.ResultsAsync(Token))
            results.Add(result);
        return Assert.Single(results);
    }
}
