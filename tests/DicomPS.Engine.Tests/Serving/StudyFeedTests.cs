using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

/// <summary>Study-complete events of a storage server, from the associations that bring the instances.</summary>
public sealed class StudyFeedTests : IDisposable
{
    private readonly TempFolder _folder = new(), _source = new();

    public void Dispose()
    {
        _folder.Dispose();
        _source.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_is_told_when_its_association_is_released_and_not_before()
    {
        await using var server = Serve();
        var feed = server.GetStudyFeed()!;
        await using var scu = await ConnectAsync(server);
        await SendAsync(scu, "1.2.3.4.1");
        await SendAsync(scu, "1.2.3.4.2");
        Assert.False(feed.TryDequeue(_ => true, out _));
        Assert.Equal((2, 1), (feed.Find("1.2.3")!.Received, feed.Find("1.2.3")!.OpenAssociations));
        await scu.ReleaseAsync(Token);
        var study = await TakeAsync(feed);
        Assert.Equal(("1.2.3", 2, 0, Path.Combine(_folder.Path, "1.2.3"), "P1"),
            (study.StudyInstanceUID, study.Received, study.Aborted, study.Path, study.PatientID));
        Assert.Equal(1, server.CompletedStudies);
    }

    [Fact]
    public async Task An_association_that_breaks_off_is_told_with_its_study()
    {
        await using var server = Serve();
        await using var scu = await ConnectAsync(server);
        await SendAsync(scu, "1.2.3.4.1");
        await scu.Association.AbortAsync();
        Assert.Equal((1, 1), await TakeAsync(server.GetStudyFeed()!) is var study ? (study.Received, study.Aborted) : default);
    }

    [Fact]
    public async Task A_scripted_failure_is_counted_as_failed_and_stores_nothing()
    {
        await using var server = Serve(new FaultPlan { FailEvery = 2 });
        await using (var scu = await ConnectAsync(server))
        {
            var statuses = new List<int>();
            foreach (var last in new[] { "1", "2", "3" })
                statuses.Add((await SendAsync(scu, $"1.2.3.4.{last}")).Status!.Value);
            Assert.Equal([0, 0xC211, 0], statuses);
            await scu.ReleaseAsync(Token);
        }

        var study = await TakeAsync(server.GetStudyFeed()!);
        Assert.Equal((2, 1), (study.Received, study.Failed));
        Assert.Equal((2, 1, 2), (server.Received, server.Failed, _folder.Files().Length));
    }

    [Fact]
    public async Task Who_waits_for_one_study_leaves_the_others_to_others()
    {
        await using var server = Serve();
        foreach (var study in new[] { "1.1", "1.2", "1.3" })
        {
            await using var scu = await ConnectAsync(server);
            await SendAsync(scu, study + ".1", study);
            await scu.ReleaseAsync(Token);
        }

        var feed = server.GetStudyFeed()!;
        Assert.Equal("1.2", (await TakeAsync(feed, study => study.StudyInstanceUID == "1.2")).StudyInstanceUID);
        string?[] others = [(await TakeAsync(feed)).StudyInstanceUID, (await TakeAsync(feed)).StudyInstanceUID];
        Assert.Equal(["1.1", "1.3"], others.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_server_that_stops_tells_what_was_on_its_way_and_then_no_more()
    {
        await using var server = Serve(quiet: TimeSpan.FromHours(1));
        var feed = server.GetStudyFeed()!;
        await using (var scu = await ConnectAsync(server))
        {
            await SendAsync(scu, "1.2.3.4.1");
            await scu.ReleaseAsync(Token);
        }

        Assert.False(feed.TryDequeue(_ => true, out _));
        await server.StopAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("1.2.3", (await TakeAsync(feed)).StudyInstanceUID);
        Assert.True(feed.IsClosed);
        Assert.True(feed.Changed.IsCompleted);
    }

    [Theory]
    [InlineData("Patient", "P1/1.2.3")]
    [InlineData("Series", "1.2.3")]
    [InlineData("Flat", null)]
    [InlineData("{PatientID}/{StudyInstanceUID}-{SOPInstanceUID}.dcm", null)]
    [InlineData("{StudyInstanceUID}-{PatientID}/a/{SOPInstanceUID}.dcm", "1.2.3-P1")]
    public async Task The_folder_of_a_study_is_told_where_the_layout_gives_it_one(string layout, string? folder)
    {
        await using var server = Serve(layout: layout);
        await using var scu = await ConnectAsync(server);
        await SendAsync(scu, "1.2.3.4.1");
        await scu.ReleaseAsync(Token);
        Assert.Equal(folder is null ? null : Path.Combine(_folder.Path, folder), (await TakeAsync(server.GetStudyFeed()!)).Path);
    }

    private StorageServer Serve(FaultPlan? faults = null, TimeSpan quiet = default,
        string layout = "Study") => StorageServer.Start(new StorageServerOptions
        {
            Folder = _folder.Path,
            Layout = layout,
            StudyQuietPeriod = quiet,
            Server = new DicomServerOptions { Faults = faults },
        });

    private static async Task<CompletedStudy> TakeAsync(StudyFeed feed, Func<CompletedStudy, bool>? isWanted = null)
    {
        while (true)
        {
            var changed = feed.Changed;
            if (feed.TryDequeue(isWanted ?? (_ => true), out var study))
                return study;
            Assert.False(feed.IsClosed, "The study was not told.");
            await changed.WaitAsync(TimeSpan.FromMinutes(1), Token);
        }
    }

    private static Task<StoreScu> ConnectAsync(StorageServer server) => StoreScu.ConnectAsync(
        new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            CalledAETitle = "DICOMPS",
            CallingAETitle = "SENDER",
            PresentationContexts = [new PresentationContextProposal(Uids.CTImageStorage, ["1.2.840.10008.1.2.1"])],
        }, Token);

    private async Task<CommandSet> SendAsync(StoreScu scu, string instance, string study = "1.2.3")
    {
        var dataset = Instances.Dataset(instance: instance);
        dataset.Set(Tags.StudyInstanceUID, study);
        var file = DicomFileProbe.Read(await Instances.WriteAsync(_source, dataset));
        return await scu.SendAsync(file, scu.RouteFor(file, reencode: false)!, DicomPriority.Medium, null, Token);
    }
}
