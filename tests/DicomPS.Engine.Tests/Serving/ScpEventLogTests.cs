using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

public sealed class ScpEventLogTests
{
    private static readonly DateTime Noon = new(2024, 1, 2, 12, 0, 0, DateTimeKind.Local);
    private readonly ScpEventLog _log = new("BOX");

    [Fact]
    public void What_happens_again_is_one_event_with_a_count_and_goes_to_the_end()
    {
        Add(Refused("10.0.0.1:4000", "CT9"), 0);
        Add(Refused("10.0.0.2:4000", "CT8"), 1);
        Add(Refused("10.0.0.1:4001", "CT9"), 2);
        var events = _log.All(7);
        Assert.Equal(["CT8", "CT9"], events.Select(one => one.CallingAETitle));
        Assert.Equal((2, Noon, Noon.AddSeconds(2), "10.0.0.1", 4001, 7),
            (events[1].Times, events[1].FirstTime, events[1].Time, events[1].RemoteAddress, events[1].RemotePort, events[1].ServerId));
        Assert.Equal(3, _log.Refused);
    }

    [Fact]
    public void Five_hundred_are_kept_and_the_oldest_goes_first()
    {
        for (var i = 0; i < ScpEventLog.Capacity + 3; i++)
            Add(Refused("10.0.0.1:1", $"CT{i}"), i);
        var events = _log.All(1);
        Assert.Equal((ScpEventLog.Capacity, "CT3", 3), (events.Count, events[0].CallingAETitle, _log.Forgotten));
        // The one that was forgotten is counted anew.
        Add(Refused("10.0.0.1:1", "CT0"), 9999);
        Assert.Equal(1, _log.All(1)[^1].Times);
    }

    [Fact]
    public void A_full_disk_is_one_event_for_all_instances()
    {
        for (var i = 0; i < 1000; i++)
            Add(new ServerEvent("[2001:db8::1]:104", "CT1", "C-STORE failed: no room", null)
            {
                Kind = ServerEventKind.Failed,
                Status = 0xA700, SOPInstanceUID = $"1.2.{i}"
            }, i);
        var only = Assert.Single(_log.All(1));
        Assert.Equal((1000, "1.2.999", "2001:db8::1", 104), (only.Times, only.SOPInstanceUID, only.RemoteAddress, only.RemotePort));
        Assert.Equal((ushort)0xA700, only.StatusCode!.Value);
        Assert.Equal(0, _log.Refused);
    }

    [Fact]
    public void An_answer_is_no_event()
    {
        Add(new ServerEvent("10.0.0.1:1", "CT1", "C-ECHO was answered with 0000H.", null) { IsAnswer = true, Status = 0 }, 0);
        Assert.Empty(_log.All(1));
    }

    [Fact]
    public void Nothing_is_told_twice_and_what_happens_again_is_told_again()
    {
        Add(Refused("10.0.0.1:1", "CT1"), 0);
        Assert.Single(_log.TakeUntold(1));
        Assert.Empty(_log.TakeUntold(1));
        Add(Refused("10.0.0.1:2", "CT1"), 1);
        Assert.Equal(2, Assert.Single(_log.TakeUntold(1)).Times);
    }

    [Fact]
    public void What_strangers_say_steers_no_terminal()
    {
        Add(Refused("10.0.0.1:1", "\u001b]0;pwn\a") with
        {
            CalledAETitle = "\u001b[2J",
            SOPClassUID = "1.2\u001b[2J",
            Advice = "add '\u001b[2J'"
        }, 0);
        var only = Assert.Single(_log.All(1));
        var texts = new[] { only.CallingAETitle, only.CalledAETitle, only.SOPClass, only.SOPClassUID, only.Message, only.Advice,
            $"{only}" };
        Assert.All(texts, text => Assert.DoesNotContain('\u001b', text!));
    }

    private static ServerEvent Refused(string remote, string calling) =>
        new(remote, calling, $"{remote} {calling} refused", null) { Kind = ServerEventKind.Refused, Reason = $"{calling} may not call" };

    private void Add(ServerEvent what, int seconds) => _log.Add(what, Noon.AddSeconds(seconds));
}
