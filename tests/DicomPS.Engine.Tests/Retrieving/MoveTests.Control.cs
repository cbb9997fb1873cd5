using System.Net;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Matching;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Retrieving;

// New tries, stopping, several at once, hours, models.
public sealed partial class MoveTests
{
    [Fact]
    public async Task A_dropped_association_is_tried_again()
    {
        var instances = Many(3);
        await using var archive = ScriptedArchive.Start(async call =>
        {
            if (call.Archive.Calls.Count == 1)
            {
                await call.SendToAsync(_port, instances.Take(2));
                await call.Association.AbortAsync();
                return;
            }

            await call.SendToAsync(_port, instances);
            await call.FinalAsync(0, 3, 0, 0);
        });
        var result = await MoveHereAsync(archive);
        Assert.Equal((RetrieveVerdict.Complete, 2, 3), (result.GetVerdict(), result.Attempts, result.Received));
    }

    [Theory]
    [InlineData(0xA701, 3)]
    [InlineData(0xA702, 3)]
    [InlineData(0xA801, 1)]
    [InlineData(0xA900, 1)]
    public async Task Only_failures_that_may_pass_are_tried_again_and_not_for_ever(int status, int attempts)
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync((ushort)status));
        var result = await MoveAsync(archive);
        Assert.Equal((attempts, attempts, RetrieveVerdict.Failed), (result.Attempts, archive.Calls.Count, result.GetVerdict()));
        Assert.Equal(1, archive.Associations);
    }

    [Fact]
    public async Task A_node_that_cannot_be_reached_is_tried_once_and_not_for_each_request()
    {
        var node = new DicomNode { AETitle = "DEAD", HostName = "127.0.0.1", Port = FreePort(), CallingAETitle = "OURS" };
        await using var job = new RetrieveJob(new RetrieveJobOptions
        {
            Association = AssociationOptions.For(node), Node = node, Destination = "ELSEWHERE", RetryCount = 1, RetryDelay = TimeSpan.Zero,
        });
        for (var i = 0; i < 20; i++)
            await job.AddAsync(Study, Token);
        job.CompleteAdding();
        var results = await AllAsync(job);
        Assert.Equal(20, results.Count);
        Assert.All(results,
            r => Assert.Equal((RetrieveVerdict.Failed, "NotSent", DicomStage.Tcp), (r.GetVerdict(), r.Status, r.Exception!.Stage)));
        Assert.Equal([2, .. Enumerable.Repeat(0, 19)], results.Select(r => r.Attempts));
    }

    [Fact]
    public async Task A_peer_with_room_for_fewer_associations_than_asked_for_gets_every_request()
    {
        await using var server = DicomServer.Start(
            new DicomServerOptions { MaximumAssociations = 1 },
            new ServiceTable([new ServiceRow(Uids.StudyRootQueryRetrieveInformationModelMove, CommandField.CMoveRequest,
                (call, _) => Task.FromResult<ServiceReply>(call.Command.Respond(0) with { Completed = 1, Failed = 0, Warning = 0 }),
                0xC510, 0xC511)]));
        var node = new DicomNode { AETitle = "SMALL", HostName = "127.0.0.1", Port = server.Port, CallingAETitle = "OURS" };
        await using var job = new RetrieveJob(new RetrieveJobOptions
        {
            Association = AssociationOptions.For(node), Node = node, Destination = "ELSEWHERE", RetryCount = 0, Throttle = 4,
            IdleRelease = TimeSpan.FromMilliseconds(200),
        });
        for (var i = 0; i < 40; i++)
            await job.AddAsync(Study, Token);
        job.CompleteAdding();
        Assert.Equal(Enumerable.Repeat((RetrieveVerdict.Complete, 1), 40), (await AllAsync(job)).Select(r => (r.GetVerdict(), r.Attempts)));
    }

    [Fact]
    public async Task Stopping_sends_C_CANCEL_and_tells_what_had_been_done()
    {
        var started = new TaskCompletionSource();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, Many(2));
            await call.PendingAsync(8, 2);
            started.SetResult();
            await call.WaitForCancelAsync();
            await call.FinalAsync(0xFE00, 2, 0, 0, 8);
        });
        await using var job = HereJob(archive);
        await job.AddAsync(Study, Token);
        await job.AddAsync(Study, Token);
        await started.Task;
        await job.StopAsync();
        var results = new List<RetrieveResult>();
        await foreach (var result in job.ResultsAsync(Token))
            results.Add(result);
        Assert.Equal(archive.Calls.Select(c => c.Command.MessageId), archive.Cancelled);
        Assert.Equal((RetrieveVerdict.Cancelled, (ushort?)0xFE00, 2, (int?)8),
            (results[0].GetVerdict(), results[0].StatusCode, results[0].Received, results[0].Remaining));
        Assert.Contains("2 instances had arrived, 8 were left", results[0].Advice);
        Assert.Equal((RetrieveVerdict.Cancelled, 0), (results[1].GetVerdict(), results[1].Attempts));
        Assert.Equal(2, results.Count);
    }

    [Fact]
    public async Task A_peer_that_ignores_C_CANCEL_is_left_after_the_grace()
    {
        var started = new TaskCompletionSource();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.PendingAsync(8, 2);
            started.SetResult();
            await Task.Delay(Timeout.Infinite, call.Token);
        });
        await using var job =
            new RetrieveJob(Options(archive) with { Destination = "ELSEWHERE", CancelGrace = TimeSpan.FromMilliseconds(200) });
        await job.AddAsync(Study, Token);
        await started.Task;
        while (job.Progress.Remaining is null)
            await Task.Delay(5, Token);
        await job.StopAsync();
        var result = await NextAsync(job);
        Assert.Equal((RetrieveVerdict.Cancelled, "Cancelled", (int?)2, (int?)8),
            (result.GetVerdict(), result.Status, result.Completed, result.Remaining));
    }

    [Fact]
    public async Task One_association_serves_all_requests()
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, 1, 0, 0));
        await using var job = new RetrieveJob(Options(archive) with { Destination = "ELSEWHERE" });
        for (var i = 0; i < 20; i++)
            await job.AddAsync(new RetrieveKeys { StudyInstanceUID = [$"1.2.{i}"] }, Token);
        job.CompleteAdding();
        var results = await AllAsync(job);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"1.2.{i}"), results.Select(r => r.StudyInstanceUID));
        Assert.Equal(1, archive.Associations);
    }

    [Fact]
    public async Task An_association_that_went_stale_between_requests_is_replaced_without_counting_a_try()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            if (call.Archive.Calls.Count == 2)
                await call.Association.AbortAsync();
            else
                await call.FinalAsync(0, 1, 0, 0);
        });
        await using var job = new RetrieveJob(Options(archive) with { Destination = "ELSEWHERE", RetryCount = 0 });
        await job.AddAsync(Study, Token);
        await job.AddAsync(Study, Token);
        job.CompleteAdding();
        Assert.All(await AllAsync(job), r => Assert.Equal((RetrieveVerdict.Complete, 1), (r.GetVerdict(), r.Attempts)));
        Assert.Equal(2, archive.Associations);
    }

    [Fact]
    public async Task Requests_run_side_by_side_and_arrivals_go_to_the_right_one()
    {
        var both = new CountdownEvent(2);
        var asked = new TaskCompletionSource();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            if (both.Signal())
                asked.SetResult();
            await asked.Task;
            var study = call.Identifier.GetString(Tags.StudyInstanceUID)!;
            var count = study == "1.2.3" ? 2 : 5;
            // The one says whose they are, the other leaves it to the study.
            await call.SendToAsync(_port, Many(count, study), originator: study == "1.2.3");
            await call.FinalAsync(0, count, 0, 0);
        });
        await using var job = HereJob(archive, o => o with { Throttle = 2 });
        await job.AddAsync(Study, Token);
        await job.AddAsync(new RetrieveKeys { StudyInstanceUID = ["1.2.4"] }, Token);
        job.CompleteAdding();
        var results = (await AllAsync(job)).ToDictionary(r => r.StudyInstanceUID!);
        Assert.Equal((2, 5), (results["1.2.3"].Received, results["1.2.4"].Received));
        Assert.Equal(2, archive.Associations);
    }

    [Fact]
    public async Task What_comes_unasked_is_set_aside_told_and_not_counted()
    {
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, Many(3, "7.7.7"), originator: false);
            await call.SendToAsync(_port, Many(1), originator: false);
            await call.FinalAsync(0, 1, 0, 0);
        });
        var result = await MoveHereAsync(archive);
        Assert.Equal((RetrieveVerdict.Complete, 1, (int?)3), (result.GetVerdict(), result.Received, result.NotAskedFor));
        Assert.Contains("3 instances that were not asked for were set aside in the folder not-asked-for, the first of study 7.7.7",
            result.Advice);
        Assert.Equal(3,
            _folder.Files().Count(f => f.StartsWith(Path.Combine(_folder.Path, "not-asked-for", "7.7.7"), StringComparison.Ordinal)));
        Assert.Equal(4, _folder.Files().Length);
    }

    [Fact]
    public async Task Instances_that_are_here_already_can_be_kept()
    {
        var instances = Many(3);
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.SendToAsync(_port, instances);
            await call.FinalAsync(0xB000, 1, 2, 0);
        });
        Directory.CreateDirectory(Path.Combine(_folder.Path, "1.2.3"));
        foreach (var instance in instances.Take(2))
            File.WriteAllText(Path.Combine(_folder.Path, "1.2.3", instance.GetString(Tags.SOPInstanceUID) + ".dcm"), "old");
        var result = await MoveHereAsync(archive, o => o with { Storage = o.Storage! with { Duplicates = DuplicatePolicy.Reject } });
        Assert.Equal((RetrieveVerdict.Complete, 1), (result.GetVerdict(), result.Received));
        Assert.Contains("2 instances had been here before", result.Advice);
        Assert.Equal(2, _folder.Files().Count(f => new FileInfo(f).Length == 3));
    }

    [Fact]
    public async Task New_requests_wait_for_their_hours()
    {
        var now = new DateTime(2024, 3, 1, 21, 0, 0);
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, 1, 0, 0));
        await using var job = new RetrieveJob(Options(archive) with
        {
            Destination = "ELSEWHERE",
            Between = DailyWindow.Parse("22:00-06:00"),
            Clock = () => now
        });
        await job.AddAsync(Study, Token);
        while (job.Progress.WaitingUntil is null)
            await Task.Delay(5, Token);
        Assert.Equal(new DateTime(2024, 3, 1, 22, 0, 0), job.Progress.WaitingUntil);
        Assert.Empty(archive.Calls);
        Assert.Equal(0, job.Progress.Done);
    }

    [Fact]
    public async Task Within_the_hours_requests_run()
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, 1, 0, 0));
        var result = await MoveAsync(archive,
            o => o with { Between = DailyWindow.Parse("22:00-06:00"), Clock = () => new DateTime(2024, 3, 1, 2, 0, 0) });
        Assert.Equal(RetrieveVerdict.Complete, result.GetVerdict());
    }

    [Fact]
    public async Task Where_Patient_Root_is_not_served_Study_Root_stands_in()
    {
        var policy = new AcceptorPolicy { AcceptsAbstractSyntax = uid => uid == Uids.StudyRootQueryRetrieveInformationModelMove };
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, 1, 0, 0), policy);
        var result = await MoveAsync(archive, keys: Study with { PatientID = "P1" });
        Assert.Equal((RetrieveVerdict.Complete, nameof(InformationModel.StudyRoot), "P1"),
            (result.GetVerdict(), result.Model, result.PatientID));
        Assert.False(Assert.Single(archive.Calls).Identifier.Contains(Tags.PatientID));
    }

    [Fact]
    public async Task A_model_that_was_asked_for_and_is_not_served_is_said()
    {
        var policy = new AcceptorPolicy { AcceptsAbstractSyntax = uid => uid == Uids.StudyRootQueryRetrieveInformationModelMove };
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, 1, 0, 0), policy);
        var result = await MoveAsync(archive, keys: Study with { PatientID = "P1", Model = InformationModel.PatientRoot });
        Assert.Equal((RetrieveVerdict.Failed, "NotSent", DicomStage.PresentationContext),
            (result.GetVerdict(), result.Status, result.Exception!.Stage));
        Assert.Contains("Patient Root", result.Exception.Message);
        Assert.Empty(archive.Calls);
    }

    [Fact]
    public async Task A_peer_that_cannot_be_reached_fails_each_request()
    {
        var node = new DicomNode { AETitle = "NOBODY", HostName = "127.0.0.1", Port = FreePort() };
        await using var job = new RetrieveJob(new RetrieveJobOptions
        {
            Association = AssociationOptions.For(node), Node = node,
            Destination = "ELSEWHERE", RetryCount = 1, RetryDelay = TimeSpan.FromMilliseconds(10)
        });
        await job.AddAsync(Study, Token);
        job.CompleteAdding();
        var result = Assert.Single(await AllAsync(job));
        Assert.Equal((RetrieveVerdict.Failed, "NotSent", 2, DicomStage.Tcp),
            (result.GetVerdict(), result.Status, result.Attempts, result.Exception!.Stage));
        Assert.NotNull(result.Advice);
    }

    [Fact]
    public async Task A_missing_key_is_refused_before_anything_is_sent()
    {
        await using var archive = ScriptedArchive.Start(call => call.FinalAsync(0, 1, 0, 0));
        await using var job = new RetrieveJob(Options(archive) with { Destination = "ELSEWHERE" });
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await job.AddAsync(new RetrieveKeys { SeriesInstanceUID = ["1.2"] }, Token));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await job.AddAsync(new RetrieveKeys { SOPInstanceUID = ["1.2"], Model = InformationModel.WithoutBulkData }, Token));
        Assert.Equal(0, archive.Associations);
    }

    [Fact]
    public void A_place_to_go_to_is_needed()
    {
        var options =
            new RetrieveJobOptions { Association = AssociationOptions.For(new DicomNode { AETitle = "A", HostName = "localhost" }) };
        Assert.Throws<ArgumentException>(() => new RetrieveJob(options));
        Assert.Throws<ArgumentException>(() => new RetrieveJob(options with { Method = RetrieveMethod.Get }));
        Assert.Throws<ArgumentException>(
            () => new RetrieveJob(options with { Destination = "A", Storage = new StorageServerOptions { Folder = _folder.Path } }));
        Assert.Throws<ArgumentException>(() => new RetrieveJob(options with { Destination = "SEVENTEEN_LETTERS" }));
    }
}
