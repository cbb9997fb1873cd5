using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Retrieving;

namespace DicomPS.Engine.Tests.Retrieving;

/// <summary>What the answer to a list of instances says of each.</summary>
public class RetrieveListTests
{
    private static readonly RetrieveFacts Away = new()
    {
        Method = RetrieveMethod.Move, Destination = "ELSEWHERE", StatusCode = 0, Asked = 3,
        Completed = 3, Failed = 0, Warning = 0
    };
    private static readonly RetrieveFacts Here = Away with { Destination = "OURS", Arrived = new RetrieveArrivals(2) };

    [Fact]
    public void Counts_of_all_say_that_each_is_there() => Assert.Equal(RetrieveVerdict.Complete, Verdict(Away));

    [Fact]
    public void Counts_that_fall_short_do_not_say_which() => Assert.Null(Of(Away with { Completed = 2 }));

    [Fact]
    public void Counts_of_too_many_say_nothing() => Assert.Null(Of(Away with { Completed = 4 }));

    [Fact]
    public void Announced_and_never_counted_says_nothing() => Assert.Null(Of(Away with { Announced = 4 }));

    [Fact]
    public void Counts_of_pending_responses_say_nothing() => Assert.Null(Of(Away with { OnlyPending = true }));

    [Fact]
    public void Failures_by_name_tell_the_others_apart()
    {
        var facts = Away with { StatusCode = 0xB000, Completed = 2, Failed = 1 };
        Assert.Equal(RetrieveVerdict.Failed, Verdict(facts, failed: ["1.2"]));
        Assert.Equal(RetrieveVerdict.Complete, Verdict(facts, failed: ["1.9"]));
        Assert.Null(Of(facts with { Failed = 2, Completed = 1 }, failed: ["1.9"]));
    }

    [Fact]
    public void What_arrived_is_complete_whatever_became_of_the_rest()
    {
        Assert.Equal(RetrieveVerdict.Complete, Verdict(Here with { StatusCode = null, Exception = new DicomException("It broke.") },
            arrived: new RetrieveArrivals(1)));
        Assert.Equal(RetrieveVerdict.Complete, Verdict(Here with { IsCancelled = true }, arrived: new RetrieveArrivals(1)));
        Assert.Equal(RetrieveVerdict.Complete, Verdict(Here with { StatusCode = 0xB000 }, arrived: new RetrieveArrivals(0, 1)));
    }

    [Fact]
    public void What_did_not_arrive_is_asked_for_again_or_failed_with_the_rest()
    {
        Assert.Null(Of(Here, arrived: new RetrieveArrivals(0)));
        Assert.Equal(RetrieveVerdict.Failed, Verdict(Here with { StatusCode = null, Exception = new DicomException("It broke.") },
            arrived: new RetrieveArrivals(0)));
        Assert.Equal(RetrieveVerdict.Cancelled, Verdict(Here with { IsCancelled = true }, arrived: new RetrieveArrivals(0)));
        Assert.Equal(RetrieveVerdict.Failed, Verdict(Here, failed: ["1.2"],
            arrived: new RetrieveArrivals(0, 0, 1) { LastError = "The disk is full" }));
    }

    [Fact]
    public void What_a_stranger_sent_counts_where_the_counts_of_all_fit()
    {
        var one = new RetrieveArrivals(1) { Elsewhere = 1, ElsewhereFrom = "127.0.0.2" };
        Assert.Equal(RetrieveVerdict.Complete, Verdict(Here with { Completed = 2 }, arrived: one));
        Assert.Null(Of(Here, arrived: one));
    }

    private static RetrieveFacts? Of(RetrieveFacts whole, string[]? failed = null, RetrieveArrivals? arrived = null) =>
        RetrieveList.Of(whole, "1.2", failed ?? [], arrived);

    private static RetrieveVerdict Verdict(RetrieveFacts whole, string[]? failed = null, RetrieveArrivals? arrived = null) =>
        RetrieveJudge.Judge(Of(whole, failed, arrived)!).Verdict;
}
