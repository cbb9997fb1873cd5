using DicomPS.Retrieving;

namespace DicomPS.Engine.Tests.Retrieving;

/// <summary>Each rule by which a retrieve is judged.</summary>
public class RetrieveJudgeTests
{
    private static readonly RetrieveFacts Away = new() { Method = RetrieveMethod.Move, Destination = "ELSEWHERE" };
    private static readonly RetrieveFacts Here = new() { Method = RetrieveMethod.Move, Destination = "OURS" };
    private static readonly RetrieveFacts Get = new() { Method = RetrieveMethod.Get };

    [Fact]
    public void Success_with_everything_counted_is_complete() =>
        Is(RetrieveVerdict.Complete, Away with { StatusCode = 0, Completed = 3, Failed = 0, Warning = 0 }, null);

    [Fact]
    public void Success_with_everything_arrived_is_complete() =>
        Is(RetrieveVerdict.Complete, Here with { StatusCode = 0, Completed = 3, Failed = 0, Warning = 0, Arrived = Arrived(3) }, null);

    [Fact]
    public void A_peer_that_fails_because_nothing_could_be_stored_here_is_not_to_blame()
    {
        var arrived = new RetrieveArrivals(0, 0, 10)
        {
            Port = 11113, Associations = 1,
            LastError = "1.2.3 could not be stored: The disk is full"
        };
        Is(RetrieveVerdict.Failed, Here with { StatusCode = 0xA702, Completed = 0, Failed = 10, Arrived = arrived },
            "10 instances came and could not be stored here", "The disk is full");
        Is(RetrieveVerdict.Failed, Get with { StatusCode = 0xA702, Completed = 0, Failed = 10, Arrived = arrived },
            "could not be stored here");
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xB000)]
    public void Failed_sub_operations_make_it_partial_whatever_the_status(int status) =>
        Is(RetrieveVerdict.Partial, Away with { StatusCode = (ushort)status, Completed = 2, Failed = 1, FailedUids = 1 }, "1 of 3",
            "FailedSOPInstanceUID");

    [Fact]
    public void Success_with_a_list_of_failed_instances_is_partial() =>
        Is(RetrieveVerdict.Partial, Away with { StatusCode = 0, Completed = 2, Failed = 0, FailedUids = 1 }, "FailedSOPInstanceUID");

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xB000)]
    public void Nothing_but_failed_sub_operations_is_failed(int status) =>
        Is(RetrieveVerdict.Failed, Away with { StatusCode = (ushort)status, Completed = 0, Failed = 3 }, "none of the instances");

    [Fact]
    public void Success_with_counts_of_nothing_is_suspect() =>
        Is(RetrieveVerdict.Suspect, Away with { StatusCode = 0, Completed = 0, Failed = 0, Warning = 0 }, "counts nothing at all", "busy");

    [Fact]
    public void Counts_of_nothing_with_arrivals_are_suspect_too() =>
        Is(RetrieveVerdict.Suspect, Here with { StatusCode = 0, Completed = 0, Failed = 0, Arrived = Arrived(2) }, "2 instances arrived");

    [Fact]
    public void Counted_but_not_arrived_after_the_grace_is_partial() =>
        Is(RetrieveVerdict.Partial, Here with { StatusCode = 0, Completed = 5, Failed = 0, Arrived = Arrived(3) },
            "counts 5 sent, but 3 arrived");

    [Fact]
    public void Accepted_but_nobody_called_names_port_and_title() => Is(
        RetrieveVerdict.Failed, Here with { StatusCode = 0, Completed = 5, Failed = 0, Arrived = Arrived(0) with { Associations = 0 } },
        "No inbound association was seen on port 11113: check the host and port that the PACS holds for AE OURS");

    [Fact]
    public void All_failed_and_nobody_called_names_port_and_title() => Is(
        RetrieveVerdict.Failed, Here with
        {
            StatusCode = 0xB000,
            Completed = 0,
            Failed = 5,
            Arrived = Arrived(0) with { Associations = 0 }
        },
        "All 5 instances failed", "No inbound association was seen on port 11113");

    [Fact]
    public void Called_but_nothing_stored_tells_the_last_error() => Is(
        RetrieveVerdict.Failed, Here with
        {
            StatusCode = 0xB000,
            Completed = 0,
            Failed = 2,
            Arrived = new RetrieveArrivals(0, 0, 2) { Port = 11113, Associations = 1, LastError = "The disk is full" }
        },
        "could not be stored", "The disk is full");

    [Fact]
    public void An_unknown_destination_is_named() =>
        Is(RetrieveVerdict.Failed, Away with { StatusCode = 0xA801 }, "does not know the AE title ELSEWHERE");

    [Theory]
    [InlineData(0xC000)]
    [InlineData(0xC001)]
    [InlineData(0xCFFF)]
    public void Unable_to_process_may_be_an_unknown_destination(int status) =>
        Is(RetrieveVerdict.Failed, Away with { StatusCode = (ushort)status }, "Orthanc", "ELSEWHERE");

    [Fact]
    public void Unable_to_process_after_some_were_moved_is_partial() =>
        Is(RetrieveVerdict.Partial, Away with { StatusCode = 0xC001, Completed = 2, Failed = 1 }, "2 instances had been moved");

    [Fact]
    public void Short_of_resources_is_failed_and_says_to_try_later() =>
        Is(RetrieveVerdict.Failed, Away with { StatusCode = 0xA702 }, "try again later");

    [Fact]
    public void Short_of_resources_when_nobody_called_names_the_port() =>
        Is(RetrieveVerdict.Failed, Here with { StatusCode = 0xA702, Arrived = Arrived(0) with { Associations = 0 } }, "port 11113");

    [Fact]
    public void Keys_that_the_model_does_not_take_are_said() =>
        Is(RetrieveVerdict.Failed, Away with { StatusCode = 0xA900 }, "model");

    [Fact]
    public void Warnings_alone_are_complete_and_told() =>
        Is(RetrieveVerdict.Complete, Away with { StatusCode = 0xB000, Completed = 1, Failed = 0, Warning = 2 },
            "2 instances went over with a warning");

    [Fact]
    public void A_warning_that_counts_no_failure_is_suspect() =>
        Is(RetrieveVerdict.Suspect, Away with { StatusCode = 0xB000, Completed = 3, Failed = 0, Warning = 0 }, "warns");

    [Fact]
    public void A_warning_that_counts_no_failure_is_complete_where_all_arrived() =>
        Is(RetrieveVerdict.Complete, Here with { StatusCode = 0xB000, Completed = 3, Failed = 0, Warning = 0, Arrived = Arrived(3) }, null);

    [Fact]
    public void Success_with_instances_left_is_partial() =>
        Is(RetrieveVerdict.Partial, Away with { StatusCode = 0, Completed = 3, Failed = 0, Remaining = 2 }, "2 instances left");

    [Fact]
    public void Without_counts_only_the_destination_can_tell() =>
        Is(RetrieveVerdict.Suspect, Away with { StatusCode = 0 }, "no counts", "ELSEWHERE");

    [Fact]
    public void Without_counts_nobody_knows_how_many_there_should_be() =>
        Is(RetrieveVerdict.Suspect, Here with { StatusCode = 0, Arrived = Arrived(4) }, "no counts", "4 instances arrived",
            "A query tells");

    [Fact]
    public void Without_counts_and_arrivals_it_is_suspect() =>
        Is(RetrieveVerdict.Suspect, Here with { StatusCode = 0, Arrived = Arrived(0) with { Associations = 0 } }, "nothing arrived",
            "port 11113");

    [Fact]
    public void Instances_that_were_here_and_kept_are_no_failures() =>
        Is(RetrieveVerdict.Complete, Get with { StatusCode = 0xB000, Completed = 1, Failed = 2, Arrived = new RetrieveArrivals(1, 2) },
            "2 instances had been here before");

    [Fact]
    public void Where_all_were_here_already_even_a_failure_is_complete() =>
        Is(RetrieveVerdict.Complete, Get with
        {
            StatusCode = 0xA702,
            Completed = 0,
            Failed = 2,
            Remaining = 0,
            Arrived = new RetrieveArrivals(0, 2)
        }, "2 instances had been here before");

    [Fact]
    public void Where_some_were_here_already_and_others_failed_it_is_partial() =>
        Is(RetrieveVerdict.Partial, Get with { StatusCode = 0xB000, Completed = 0, Failed = 3, Arrived = new RetrieveArrivals(0, 2) },
            "1 of 1");

    [Fact]
    public void Cancelled_by_us_tells_what_had_been_done() =>
        Is(RetrieveVerdict.Cancelled, Away with { IsCancelled = true, Completed = 4, Remaining = 6 },
            "4 instances had been moved, 6 were left");

    [Fact]
    public void Cancelled_by_the_peer_is_cancelled() =>
        Is(RetrieveVerdict.Cancelled, Here with { StatusCode = 0xFE00, Completed = 4, Remaining = 6, Arrived = Arrived(4) },
            "4 instances had arrived");

    [Fact]
    public void A_break_on_the_way_is_partial_with_what_had_arrived() =>
        Is(RetrieveVerdict.Partial, Here with { Exception = Broke(), Arrived = Arrived(2) }, "2 instances had arrived", "run it again");

    [Fact]
    public void A_break_before_anything_is_failed() =>
        Is(RetrieveVerdict.Failed, Here with { Exception = Broke(), Arrived = Arrived(0) }, "Look there");

    // Asked, announced, counted in the final response, and arrived; null is what nobody said or saw. The last pending response
    // stands for the counts where the final one has none.
    [Theory]
    // Announced and counted, elsewhere.
    [InlineData(null, 10, 10, null, RetrieveVerdict.Complete)]
    [InlineData(null, 10, 1, null, RetrieveVerdict.Partial)]
    [InlineData(null, 10, 0, null, RetrieveVerdict.Failed)]
    [InlineData(null, 3, 5, null, RetrieveVerdict.Complete)]
    [InlineData(null, null, 5, null, RetrieveVerdict.Complete)]
    [InlineData(null, null, 0, null, RetrieveVerdict.Suspect)]
    // The same, and what came here.
    [InlineData(null, 10, 10, 10, RetrieveVerdict.Complete)]
    [InlineData(null, 10, 1, 1, RetrieveVerdict.Partial)]
    [InlineData(null, 10, 10, 9, RetrieveVerdict.Partial)]
    [InlineData(null, 10, 9, 10, RetrieveVerdict.Partial)]
    [InlineData(null, null, 2, 3, RetrieveVerdict.Suspect)]
    [InlineData(null, null, 3, 3, RetrieveVerdict.Complete)]
    [InlineData(null, 10, 0, 0, RetrieveVerdict.Failed)]
    // Asked for by their UIDs.
    [InlineData(2, null, 2, null, RetrieveVerdict.Complete)]
    [InlineData(2, null, 1, null, RetrieveVerdict.Partial)]
    [InlineData(1, null, 3, null, RetrieveVerdict.Suspect)]
    [InlineData(2, 2, 2, 2, RetrieveVerdict.Complete)]
    [InlineData(2, 1, 1, 1, RetrieveVerdict.Partial)]
    [InlineData(1, 1, 0, 0, RetrieveVerdict.Failed)]
    [InlineData(1, null, 0, 0, RetrieveVerdict.Suspect)]
    public void What_was_asked_announced_counted_and_seen_is_held_against_each_other(int? asked, int? announced, int completed,
        int? arrived, RetrieveVerdict verdict) =>
        Is(verdict, Facts(asked, announced, completed, arrived) with { Failed = 0, Warning = 0 }, []);

    [Theory]
    [InlineData(null, null, null, null, RetrieveVerdict.Suspect)]
    [InlineData(null, 10, 1, null, RetrieveVerdict.Suspect)]
    [InlineData(null, 10, 9, null, RetrieveVerdict.Suspect)]
    [InlineData(null, 10, 10, null, RetrieveVerdict.Complete)]
    [InlineData(null, 10, null, null, RetrieveVerdict.Suspect)]
    [InlineData(null, null, null, 3, RetrieveVerdict.Suspect)]
    [InlineData(null, null, null, 0, RetrieveVerdict.Suspect)]
    [InlineData(null, 10, 1, 10, RetrieveVerdict.Complete)]
    [InlineData(null, 10, 9, 9, RetrieveVerdict.Partial)]
    [InlineData(null, 10, 9, 0, RetrieveVerdict.Failed)]
    [InlineData(1, null, null, 1, RetrieveVerdict.Complete)]
    [InlineData(2, null, null, 1, RetrieveVerdict.Partial)]
    [InlineData(1, null, null, null, RetrieveVerdict.Suspect)]
    [InlineData(1, null, null, 0, RetrieveVerdict.Suspect)]
    public void Without_counts_at_the_end_the_pending_ones_and_what_came_decide(int? asked, int? announced, int? pending, int? arrived,
        RetrieveVerdict verdict) =>
        Is(verdict, Facts(asked, announced, pending, arrived) with { OnlyPending = announced is { } }, []);

    [Fact]
    public void Failed_ones_are_counted_against_what_was_announced() =>
        Is(RetrieveVerdict.Partial, Away with { StatusCode = 0xB000, Announced = 10, Completed = 5, Failed = 1 },
            "1 of 10 instances failed");

    [Fact]
    public void More_announced_than_counted_says_both() =>
        Is(RetrieveVerdict.Partial, Away with { StatusCode = 0, Announced = 10, Completed = 1, Failed = 0 }, "announced 10 instances",
            "1 came", "Run it again");

    [Fact]
    public void An_announcement_that_grew_before_anything_was_done_gives_way_to_counts_and_arrivals_that_agree()
    {
        var facts = Here with { StatusCode = 0, Announced = 9, Wavers = true, Completed = 3, Failed = 0, Arrived = Arrived(3) };
        Is(RetrieveVerdict.Complete, facts, "announced up to 9");
        Is(RetrieveVerdict.Partial, facts with { Wavers = false }, "announced 9");
        Is(RetrieveVerdict.Partial, facts with { Arrived = null }, "announced 9");
        Is(RetrieveVerdict.Partial, facts with { Arrived = Arrived(2) }, "2 arrived");
    }

    [Fact]
    public void Kept_ones_do_not_make_up_for_what_was_announced() =>
        Is(RetrieveVerdict.Partial, Get with
        {
            StatusCode = 0xB000,
            Announced = 5,
            Completed = 1,
            Failed = 2,
            Arrived = new RetrieveArrivals(1, 2)
        }, "announced 5");

    [Fact]
    public void What_a_stranger_sent_is_complete_only_where_the_counts_fit()
    {
        var three = Arrived(3) with { Elsewhere = 2, ElsewhereFrom = "127.0.0.2" };
        var facts = Here with { StatusCode = 0, Completed = 3, Failed = 0, Warning = 0, Arrived = three };
        Is(RetrieveVerdict.Complete, facts, "2 instances came from 127.0.0.2", "-From");
        Is(RetrieveVerdict.Suspect, facts with { Completed = 2 }, "do not fit");
        Is(RetrieveVerdict.Suspect, facts with { Completed = 4 }, "do not fit");
        Is(RetrieveVerdict.Suspect, facts with { Completed = null, Failed = null, Warning = null }, "do not fit");
        Is(RetrieveVerdict.Suspect, facts with { OnlyPending = true, Announced = 3 }, "do not fit");
        Is(RetrieveVerdict.Suspect, facts with { Announced = 4 }, "do not fit");
        Is(RetrieveVerdict.Partial, facts with { Failed = 1, StatusCode = 0xB000 }, "1 of 4");
        Is(RetrieveVerdict.Cancelled, facts with { IsCancelled = true }, "127.0.0.2");
    }

    [Fact]
    public void The_same_instance_with_other_bytes_is_suspect() =>
        Is(RetrieveVerdict.Suspect, Here with { StatusCode = 0, Completed = 2, Failed = 0, Arrived = Arrived(2) with { Changed = 1 } },
            "other bytes");

    [Fact]
    public void What_was_not_asked_for_is_told_and_takes_nothing_away()
    {
        var facts = Here with { StatusCode = 0, Completed = 2, Failed = 0, Arrived = Arrived(2) with { Aside = 1, AsideOf = "study 9.9" } };
        Is(RetrieveVerdict.Complete, facts, "1 instance that was not asked for was set aside", "study 9.9");
        Is(RetrieveVerdict.Suspect, facts with { Completed = 3 }, "of which 2 are of what was asked for");
        Is(RetrieveVerdict.Failed, facts with { Arrived = facts.Arrived! with { Stored = 0 }, Completed = 1 }, "none of the 1 instance");
    }

    [Fact]
    public void Another_patient_id_at_the_level_of_patients_is_a_note() =>
        Is(RetrieveVerdict.Complete, Here with
        {
            StatusCode = 0,
            Completed = 2,
            Failed = 0,
            Arrived = Arrived(2) with { OtherPatients = 1, OtherPatient = "OLD" }
        }, "1 instance carries another Patient ID (OLD)");

    [Fact]
    public void A_C_GET_whose_instances_failed_is_not_short_of_resources()
    {
        var advice = Is(RetrieveVerdict.Failed,
            Get with { StatusCode = 0xA702, Completed = 0, Failed = 1, Arrived = new RetrieveArrivals(0) }, "-SOPClassUID",
            "not agreed on");
        Assert.DoesNotContain("resources", advice, StringComparison.Ordinal);
        Is(RetrieveVerdict.Failed, Get with { StatusCode = 0xA702, Arrived = new RetrieveArrivals(0) }, "resources");
    }

    private static RetrieveFacts Facts(int? asked, int? announced, int? completed, int? arrived) => (arrived is null ? Away : Here) with
    {
        StatusCode = 0,
        Asked = asked,
        Announced = announced,
        Completed = completed,
        Arrived = arrived is { } here ? Arrived(here) : null,
    };

    private static DicomNetworkException Broke() => new("It broke.") { Advice = "Look there." };

    private static RetrieveArrivals Arrived(int stored) => new(stored) { Port = 11113, Associations = 1 };

    private static string? Is(RetrieveVerdict verdict, RetrieveFacts facts, params string[]? advice)
    {
        var judgement = RetrieveJudge.Judge(facts);
        Assert.True(verdict == judgement.Verdict, $"{judgement.Verdict}: {judgement.Advice}");
        if (advice is null)
            Assert.Null(judgement.Advice);
        foreach (var words in advice ?? [])
            Assert.Contains(words, judgement.Advice, StringComparison.OrdinalIgnoreCase);
        return judgement.Advice;
    }
}
