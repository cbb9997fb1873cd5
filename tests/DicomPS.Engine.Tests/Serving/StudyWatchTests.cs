using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

public class StudyWatchTests
{
    private const string First = "10.0.0.1:1000", Second = "10.0.0.2:2000";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private readonly StudyWatch _watch;
    private TimeSpan _now = TimeSpan.FromHours(1);

    public StudyWatchTests() => _watch = new StudyWatch(Quiet, () => _now);

    [Fact]
    public void A_study_is_complete_when_it_was_quiet_and_its_association_is_over()
    {
        Store(First, "1", "1.1");
        Store(First, "1", "1.2");
        Pass(60);
        Assert.Empty(_watch.CollectDue());
        _watch.Ended(First, true);
        var study = Assert.Single(_watch.CollectDue());
        Assert.Equal(("1", 1, 2, 2, 1, 0, 0), (study.StudyInstanceUID, study.Batch, study.Received, study.Instances, study.Series,
            study.Failed, study.Aborted));
        Assert.Equal(("P1", "PHANTOM^ONE", "CT", "SENDER", 200L),
            (study.PatientID, study.PatientName, study.Modalities, study.CallingAETitle, study.Bytes));
        Assert.Empty(_watch.CollectDue());
    }

    [Fact]
    public void It_waits_for_the_quiet_period_after_the_last_instance()
    {
        Store(First, "1", "1.1");
        _watch.Ended(First, true);
        Pass(9);
        Assert.Empty(_watch.CollectDue());
        Assert.Equal(TimeSpan.FromSeconds(1), _watch.UntilNext());
        Store(Second, "1", "1.2");
        Assert.Null(_watch.UntilNext());
        _watch.Ended(Second, true);
        Pass(9);
        Assert.Empty(_watch.CollectDue());
        Pass(1);
        Assert.Equal(2, Assert.Single(_watch.CollectDue()).Received);
    }

    [Fact]
    public void Every_association_that_brought_some_of_it_is_waited_for()
    {
        Store(First, "1", "1.1", "CT1");
        Store(Second, "1", "1.2", "CT2");
        _watch.Ended(First, true);
        Pass(60);
        Assert.Empty(_watch.CollectDue());
        Assert.Equal((2, 1), (_watch.Find("1")!.Received, _watch.Find("1")!.OpenAssociations));
        _watch.Ended(Second, true);
        Assert.Equal("CT1, CT2", Assert.Single(_watch.CollectDue()).CallingAETitle);
        Assert.Null(_watch.Find("1"));
    }

    [Fact]
    public void What_comes_later_is_told_again_as_the_next_batch()
    {
        Store(First, "1", "1.1");
        End(First);
        Store(Second, "1", "1.2");
        Store(Second, "1", "1.1", replaced: true);
        End(Second);
        Pass(60);
        // A third of another kind, to see that nothing of the batches before is left.
        var second = Assert.Single(_watch.CollectDue());
        Assert.Equal((2, 2, 2), (second.Batch, second.Received, second.Instances));

        void End(string association)
        {
            _watch.Ended(association, true);
            if (association == First)
            {
                Pass(60);
                Assert.Equal(1, Assert.Single(_watch.CollectDue()).Batch);
            }
        }
    }

    [Fact]
    public void Failures_and_broken_associations_are_told_with_the_study()
    {
        Store(First, "1", "1.1");
        _watch.Failed(First);
        _watch.Failed(First);
        _watch.Failed(Second);
        _watch.Ended(First, isReleased: false);
        _watch.Ended(Second, isReleased: false);
        Pass(60);
        var study = Assert.Single(_watch.CollectDue());
        Assert.Equal((1, 2, 1), (study.Received, study.Failed, study.Aborted));
    }

    [Fact]
    public void An_instance_that_came_and_was_not_stored_makes_no_study()
    {
        _watch.Coming(First, Header("1", "1.1"));
        Assert.NotNull(_watch.Find("1"));
        _watch.Failed(First);
        _watch.Ended(First, true);
        Pass(60);
        Assert.Empty(_watch.CollectDue());
        Assert.Null(_watch.Find("1"));
        Assert.Equal(0, _watch.Count);
    }

    [Fact]
    public void Two_studies_of_one_association_are_told_apart()
    {
        Store(First, "1", "1.1");
        Pass(60);
        Store(First, "2", "2.1");
        _watch.Ended(First, true);
        Assert.Equal("1", Assert.Single(_watch.CollectDue()).StudyInstanceUID);
        Pass(10);
        Assert.Equal("2", Assert.Single(_watch.CollectDue()).StudyInstanceUID);
    }

    [Fact]
    public void What_one_instance_leaves_empty_another_says()
    {
        var report = Header("1", "1.1");
        report.Remove(Tags.PatientName);
        _watch.Coming(First, report);
        _watch.Stored(Instance(First, "1", "1.1"));
        var image = Header("1", "1.2");
        image.Set(Tags.SeriesInstanceUID, "1.9");
        image.Set(Tags.Modality, "MR");
        image.Set(Tags.StudyDate, "20240102");
        _watch.Coming(First, image);
        _watch.Stored(Instance(First, "1", "1.2") with { SeriesInstanceUID = "1.9" });
        _watch.Ended(First, true);
        Pass(10);
        var study = Assert.Single(_watch.CollectDue());
        Assert.Equal(("PHANTOM^ONE", new DateTime(2024, 1, 2), "CT\\MR", 2),
            (study.PatientName, study.StudyDate, study.Modalities, study.Series));
    }

    [Fact]
    public void Of_more_studies_than_it_holds_the_quietest_is_told_early_and_none_is_lost()
    {
        const int more = 10;
        for (var i = 0; i < StudyWatch.Capacity + more; i++)
        {
            Store(First, $"1.{i}", $"1.{i}.1");
            Pass(1);
        }

        Assert.Equal(StudyWatch.Capacity, _watch.Count);
        Assert.Equal(Enumerable.Range(0, more).Select(i => $"1.{i}"), _watch.CollectDue().Select(study => study.StudyInstanceUID));
        _watch.Ended(First, true);
        Pass(60);
        Assert.Equal(StudyWatch.Capacity, _watch.CollectDue().Count);
        // Those that were told are what makes room from now on.
        Store(Second, "2", "2.1");
        Assert.Equal(1, _watch.Count);
    }

    [Fact]
    public void What_the_modality_has_named_is_complete_as_soon_as_it_is_here()
    {
        Store(First, "1", "1.1");
        _watch.Expect("1", ["1.1", "1.2"]);
        _watch.Arrived("1", ["1.1"]);
        Assert.Empty(_watch.CollectDue());
        Assert.Null(_watch.UntilNext());
        Store(First, "1", "1.2");
        Assert.Equal(TimeSpan.Zero, _watch.UntilNext());
        Assert.Equal(2, Assert.Single(_watch.CollectDue()).Received);
        // What comes beyond it waits as ever.
        Store(Second, "1", "1.3");
        Assert.Empty(_watch.CollectDue());
        _watch.Ended(Second, true);
        Pass(9);
        Assert.Empty(_watch.CollectDue());
        Pass(1);
        Assert.Equal(2, Assert.Single(_watch.CollectDue()).Batch);
    }

    [Fact]
    public void What_the_modality_has_named_and_does_not_come_waits_for_the_quiet_period()
    {
        _watch.Expect("1", ["1.1", "1.2"]);
        Store(First, "1", "1.1");
        _watch.Ended(First, true);
        Assert.Empty(_watch.CollectDue());
        Pass(10);
        Assert.Single(_watch.CollectDue());
    }

    [Fact]
    public void At_the_end_everything_is_told_as_far_as_it_came()
    {
        Store(First, "1", "1.1");
        Store(Second, "2", "2.1");
        Assert.Equal(["1", "2"], _watch.CollectAll().Select(study => study.StudyInstanceUID));
        Assert.Empty(_watch.CollectAll());
    }

    private void Pass(int seconds) => _now += TimeSpan.FromSeconds(seconds);

    private void Store(string association, string study, string instance, string sender = "SENDER", bool replaced = false)
    {
        _watch.Coming(association, Header(study, instance));
        _watch.Stored(Instance(association, study, instance, sender) with { Replaced = replaced });
    }

    private static DicomDataset Header(string study, string instance)
    {
        var header = Instances.Dataset(instance: instance, pixelBytes: 2);
        header.Set(Tags.StudyInstanceUID, study);
        header.Set(Tags.SeriesInstanceUID, study + ".0");
        return header;
    }

    private static ReceivedInstance Instance(string association, string study, string instance, string sender = "SENDER") => new()
    {
        Path = $"/in/{study}/{instance}.dcm",
        StudyInstanceUID = study,
        SeriesInstanceUID = study + ".0",
        SOPInstanceUID = instance,
        SOPClass = "CT Image Storage",
        SOPClassUID = Uids.CTImageStorage,
        TransferSyntax = "",
        TransferSyntaxUID = "",
        CallingAETitle = sender,
        CalledAETitle = "DICOMPS",
        RemoteEndPoint = association,
        Bytes = 100,
    };
}
