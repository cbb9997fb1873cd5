using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Retrieving;

/// <summary>
/// What a retrieve came to. A status alone proves little: peers answer Success with failed sub-operations, with counts
/// of nothing at all, or before the last instance has left. So counts and arrivals decide. Pure.
/// </summary>
internal static class RetrieveJudge
{
    // No status of the standard; some peers say it of keys that they do not take.
    private const ushort DoesNotMatchEither = 0xA901;

    /// <summary>The statuses of a method.</summary>
    /// <param name="method">C-MOVE or C-GET.</param>
    public static StatusTable TableOf(RetrieveMethod method) => method == RetrieveMethod.Move ? StatusTable.QrMove : StatusTable.QrGet;

    /// <summary>Whether a status says that the peer is short of resources, which may pass; those of C-GET are the same.</summary>
    /// <param name="status">The status.</param>
    public static bool IsShort(ushort? status) =>
        status is Statuses.QrMove.UnableToCountMatches or Statuses.QrMove.UnableToPerformSubOperations;

    /// <summary>Judges.</summary>
    /// <param name="facts">What is known.</param>
    public static RetrieveJudgement Judge(RetrieveFacts facts)
    {
        var judgement = JudgeBroken(facts, JudgeCounts(facts));
        if (facts.Arrived is not { } arrived)
            return judgement;
        var (verdict, advice) = (judgement.Verdict, judgement.Advice);
        var wasComplete = verdict == RetrieveVerdict.Complete;
        if (arrived.Changed > 0)
        {
            verdict = wasComplete ? RetrieveVerdict.Suspect : verdict;
            advice =
                Join(
                    $"{Instances(arrived.Changed)} came more than once and with other bytes; the last one may have replaced the first. "
                    + "Compare them with the peer's.", advice);
        }

        if (arrived.Elsewhere > 0)
        {
            var came =
                $"{Instances(arrived.Elsewhere)} came from {arrived.ElsewhereFrom}, which is no address of the peer, without naming this "
                + "request";
            if (FitsExactly(facts))
                advice = Join($"{came}; the peer's counts fit. If that is a sender of the peer, name it with -From.", advice);
            else
            {
                // A failure that the peer itself tells stays one.
                if (wasComplete || (verdict == RetrieveVerdict.Partial && IsGood(facts) && Failures(facts) == 0))
                    verdict = RetrieveVerdict.Suspect;
                advice = Join($"{came}, and the peer's counts do not fit. Look at them, and name senders of the peer with -From.", advice);
            }
        }

        if (arrived.Aside > 0)
        {
            var (what, of) = arrived.Aside == 1 ? ("1 instance that was not asked for was", "of")
                : ($"{arrived.Aside} instances that were not asked for were", "the first of");
            advice =
                Join(
                    $"{what} set aside in the folder {RetrieveResult.AsideFolder}, {of} {arrived.AsideOf}: look at "
                    + $"{(arrived.Aside == 1 ? "it" : "them")}.", advice);
        }

        return new(verdict, advice is { Length: > 0 } ? advice : null);
    }

    // What a stranger sent is taken for the peer's only where its own counts bear every single one out.
    internal static bool FitsExactly(RetrieveFacts facts) =>
        facts is { OnlyPending: false, Arrived: { } arrived } && (facts.Completed ?? facts.Warning) is { }
        && (facts.Completed ?? 0) + (facts.Warning ?? 0) == arrived.Stored && arrived.Kept == 0
        && (facts.Announced is null || facts.Announced == arrived.Stored + (facts.Failed ?? 0));

    /// <summary>What came broken has not arrived, whatever the peer counts.</summary>
    private static RetrieveJudgement JudgeBroken(RetrieveFacts facts, RetrieveJudgement judgement)
    {
        if (facts.Arrived is not { Broken: > 0 and var broken } arrived)
            return judgement;
        var verdict = judgement.Verdict is RetrieveVerdict.Complete or RetrieveVerdict.Suspect
            ? arrived.Stored + arrived.Kept > 0 ? RetrieveVerdict.Partial : RetrieveVerdict.Failed
            : judgement.Verdict;
        var what =
            $"{Instances(broken)} came broken and {(broken == 1 ? "lies" : "lie")} aside in the folder 'broken': {arrived.WhyBroken}. "
            + $"Fetch {(broken == 1 ? "it" : "them")} again, or ask who keeps {(broken == 1 ? "it" : "them")} whether a whole copy is "
            + "there.";
        return new(verdict, Join(what, judgement.Advice));
    }

    private static RetrieveJudgement JudgeCounts(RetrieveFacts facts)
    {
        if (facts.IsCancelled || facts.StatusCode == Statuses.Cancel)
            return new(RetrieveVerdict.Cancelled,
                $"{Done(facts)} before it was stopped. What arrived is whole; run it again for the rest.");
        if (facts.StatusCode is not { } status)
            return Broken(facts);
        var category = DimseStatus.Describe(TableOf(facts.Method), status).Category;
        // A peer that was told "here already" for everything calls the whole request failed.
        if (facts.Arrived is { Kept: > 0, NotStored: 0 } kept
            && kept.Stored + kept.Kept >= Math.Max(facts.Announced ?? 0, Counted(facts) + (facts.Remaining ?? 0)))
            return new(RetrieveVerdict.Complete, Notes(facts));
        return category is DimseStatusCategory.Success or DimseStatusCategory.Warning ? Finished(facts, category) : Refused(facts, status);
    }

    private static RetrieveJudgement Broken(RetrieveFacts facts)
    {
        var advice = facts.Exception?.Advice;
        return There(facts) > 0
            ? new(RetrieveVerdict.Partial,
                Join($"{Done(facts)} before the association broke. What arrived is whole; run it again for the rest.", advice))
            : new(RetrieveVerdict.Failed, advice ?? "Nothing was retrieved. An echo shows how far the peer can be reached.");
    }

    private static RetrieveJudgement Refused(RetrieveFacts facts, ushort status)
    {
        var advice = status switch
        {
            // The peer only repeats what it heard from here.
            _ when facts.Arrived is { NotStored: > 0, LastError: { } error } here =>
                $"{Instances(here.NotStored)} came and could not be stored here: {error.TrimEnd('.')}. Look after the folder and its "
                + "disk, then run it again.",
            Statuses.QrMove.DestinationUnknown =>
                $"The peer does not know the AE title {facts.Destination}. Ask its administrator to add it with this machine's or the "
                + "destination's host and port, or retrieve by C-GET, which needs no destination.",
            _ when IsShort(status) && IsUnseen(facts) =>
                $"{Unseen(facts)} If these are right, the peer is short of resources: try again later.",
            _ when IsShort(status) && facts.Method == RetrieveMethod.Move =>
                $"The peer cannot reach the destination {facts.Destination}, or is short of resources. Check the host and port that it "
                + "holds for that AE title, or try again later.",
            _ when IsShort(status) && Failures(facts) is > 0 and var failed =>
                $"The peer could not send {Instances(failed)}: it holds {(failed == 1 ? "it" : "them")} in a SOP class or transfer "
                + $"syntax that is not agreed on, or cannot read {(failed == 1 ? "it" : "them")}; its log says which. -SOPClassUID "
                + "offers a class in every transfer syntax; C-MOVE is the other way.",
            _ when IsShort(status) => "The peer is short of resources. Try again later.",
            Statuses.QrMove.IdentifierDoesNotMatch or DoesNotMatchEither =>
                "The peer does not take these keys for this model. Try the model StudyRoot or PatientRoot, ask for one UID at a time, and "
                + "check the UIDs with a query.",
            Statuses.SopClassNotSupported => "The peer does not serve this model. Try another model.",
            Statuses.NotAuthorized => "The peer does not let this AE title retrieve. Ask its administrator to allow it.",
            >= Statuses.QrMove.UnableToProcess and <= Statuses.QrMove.UnableToProcessLast
                when facts.Method == RetrieveMethod.Move && There(facts) == 0 => Unable(facts),
            _ => "The log of the peer says why.",
        };
        return There(facts) > 0
            ? new(RetrieveVerdict.Partial, Join($"{Done(facts)}.", advice))
            : new(RetrieveVerdict.Failed, advice);
    }

    // One answer of a kind for two causes; what went there before rules one of them out.
    private static string Unable(RetrieveFacts facts) => facts.HasSentThere
        ? $"The peer has sent others to {facts.Destination} in this run, so it knows the destination. "
            + "Some peers, Orthanc among them, answer "
            + "so when they do not have what was asked for: look with a query whether it is there. Its log says more."
        : "Some peers, Orthanc among them, answer so when they do not have what was asked for, and also when they do not know or cannot "
            + "reach the destination: look with a query whether it is there, and check that the peer holds the AE title "
            + $"{facts.Destination} with the right host and "
            + $"port{(IsUnseen(facts) ? $"; no inbound association was seen on port {facts.Arrived!.Port}" : "")}. Its log says more.";

    private static RetrieveJudgement Finished(RetrieveFacts facts, DimseStatusCategory category)
    {
        if (facts.OnlyPending || ((facts.Completed ?? facts.Failed ?? facts.Warning) is null && facts.FailedUids == 0))
            return Uncounted(facts, category);

        var delivered = (facts.Completed ?? 0) + (facts.Warning ?? 0);
        var remaining = facts.Remaining ?? 0;
        var failed = Failures(facts);
        var here = Here(facts);
        var expected = Math.Max(facts.Announced ?? 0, facts.Asked ?? 0);
        if (delivered + failed + remaining == 0 && (facts.Arrived?.Kept ?? 0) == 0)
        {
            if (here > 0)
                return new(RetrieveVerdict.Suspect,
                    $"The peer counts nothing, but {Instances(here.Value)} arrived here. A query tells how many there should be.");
            return facts.Announced > 0
                ? new(RetrieveVerdict.Failed,
                    $"The peer announced {Instances(facts.Announced.Value)} and counts none at the end. Run it again; its log says more.")
                : new(RetrieveVerdict.Suspect,
                    "The peer reports success and counts nothing at all: nothing matched, or the peer is busy or still fetching from its "
                    + "archive. Query whether it has what was asked for, then try again.");
        }

        if (here == 0)
            return new(RetrieveVerdict.Failed, NothingHere(facts, delivered, failed));
        if (failed > 0 && delivered == 0 && here is null)
            return new(RetrieveVerdict.Failed,
                "The peer could send none of the instances: the destination may be unreachable or may not take their SOP classes or "
                + "transfer syntaxes. The logs of both say more.");
        if (failed > 0)
        {
            var uids = facts.FailedUids > 0 ? " FailedSOPInstanceUID names them." : "";
            var all = Math.Max(delivered + failed + remaining, expected);
            if (facts is { Method: RetrieveMethod.Get, Arrived.NotStored: 0 })
                uids += " The peer may hold them in a SOP class or transfer syntax that is not agreed on: -SOPClassUID offers a class in "
                    + "every transfer syntax.";
            return new(RetrieveVerdict.Partial,
                Join($"{failed} of {all} instances failed although the request ended with {facts.StatusCode:X4}.{uids}",
                    facts.Arrived?.LastError));
        }

        if (remaining > 0)
            return new(RetrieveVerdict.Partial, $"The peer ended with {remaining} instances left to send. Run it again.");
        if (here + facts.Arrived?.Repeated < delivered)
        {
            // The peer counts those in that nobody asked for.
            return here + facts.Arrived?.Repeated + facts.Arrived?.Aside >= delivered
                ? new(RetrieveVerdict.Suspect,
                    $"The peer counts {delivered} sent, of which {here} are of what was asked for: it sends the wrong ones.")
                : new(RetrieveVerdict.Partial,
                    Join(
                        $"The peer counts {delivered} sent, but {here} arrived here, also after a wait. Run it again, or check whether "
                        + "the peer also sent to another place.", facts.Arrived?.LastError));
        }

        // Each instance that was kept as it is counts as failed over there.
        if (expected > Counted(facts) && !(facts.Wavers && here == delivered && (facts.Asked ?? 0) <= delivered))
            return Short(facts, expected);
        if (facts.Asked is { } asked && delivered > asked && here is null)
            return new(RetrieveVerdict.Suspect,
                $"{Instances(asked)} {(asked == 1 ? "was" : "were")} asked for, and the peer counts {delivered}: it moves what was not "
                + "asked for. Check at the destination.");
        if (here > Counted(facts))
            return new(RetrieveVerdict.Suspect,
                $"The peer counts {Counted(facts)}, but {Instances(here.Value)} arrived here. A query tells how many there should be.");
        if (category == DimseStatusCategory.Warning && (facts.Warning ?? 0) == 0 && here is null)
            return new(RetrieveVerdict.Suspect, "The peer warns of failures but counts none. Check at the destination.");
        return new(RetrieveVerdict.Complete, Notes(facts));
    }

    // The final response has no counts. What the pending ones announced is then all there is to hold against what came.
    private static RetrieveJudgement Uncounted(RetrieveFacts facts, DimseStatusCategory category)
    {
        var expected = Math.Max(facts.Announced ?? 0, facts.Asked ?? 0);
        if (Here(facts) is not { } here)
            return UncountedElsewhere(facts, expected);
        var arrived = facts.Arrived!;
        if (here == 0)
        {
            if (arrived.NotStored > 0 || expected > 0 && facts.Announced is { })
                return new(RetrieveVerdict.Failed, NothingHere(facts, 0, Math.Max(arrived.NotStored, expected)));
            return new(RetrieveVerdict.Suspect,
                Join("The peer reports success, gives no counts, and nothing arrived: perhaps nothing matched.",
                    IsUnseen(facts) ? Unseen(facts) : null));
        }

        if (arrived.NotStored > 0 || Failures(facts) > 0 || category == DimseStatusCategory.Warning)
            return new(RetrieveVerdict.Partial, Join($"{Instances(here)} arrived, and some failed; the peer gives no counts.",
                arrived.LastError));
        if (expected > here + arrived.Repeated)
            return Short(facts, expected);
        return expected > 0
            ? new(RetrieveVerdict.Complete, Notes(facts))
            : new(RetrieveVerdict.Suspect, $"The peer gives no counts; {Instances(here)} arrived. A query tells how many there should be.");
    }

    private static RetrieveJudgement UncountedElsewhere(RetrieveFacts facts, int expected)
    {
        if (!facts.OnlyPending)
            return new(RetrieveVerdict.Suspect,
                $"The peer gives no counts, so only the destination {facts.Destination} can tell what arrived.");
        var delivered = (facts.Completed ?? 0) + (facts.Warning ?? 0);
        if (Failures(facts) is > 0 and var failed)
            return new(delivered > 0 ? RetrieveVerdict.Partial : RetrieveVerdict.Failed,
                $"{failed} of {expected} instances had failed when the peer last counted, although the request ended with "
                + $"{facts.StatusCode:X4}.");
        return delivered >= expected && delivered > 0
            ? new(RetrieveVerdict.Complete, Notes(facts))
            : new(RetrieveVerdict.Suspect,
                $"The peer announced {Instances(expected)}, had counted {delivered} when it last said, and gives no counts at the end: "
                + $"only the destination {facts.Destination} can tell what arrived.");
    }

    // More was announced, or asked for, than came.
    private static RetrieveJudgement Short(RetrieveFacts facts, int expected)
    {
        var came = Math.Min(Here(facts) ?? int.MaxValue, facts.OnlyPending || facts.Completed is null ? int.MaxValue : Counted(facts));
        var (verb, whose) = facts.Announced >= expected ? ("announced", "The peer") : ("asked for", "This side");
        return new(RetrieveVerdict.Partial,
            Join(
                $"{whose} {verb} {Instances(expected)}, and {came} came of it although the request ended with {facts.StatusCode:X4}. Run "
                + "it again; a query tells how many there should be.", facts.Arrived?.LastError));
    }

    private static bool IsGood(RetrieveFacts facts) => facts is { IsCancelled: false, StatusCode: { } status }
        && DimseStatus.Describe(TableOf(facts.Method), status).IsDone;

    private static int? Here(RetrieveFacts facts) => facts.Arrived is { } arrived ? arrived.Stored + arrived.Kept : null;

    // What the peer counts as done one way or the other; instances that were kept here it counts as failed.
    private static int Counted(RetrieveFacts facts) => (facts.Completed ?? 0) + (facts.Warning ?? 0) + (facts.Failed ?? 0);

    private static int Failures(RetrieveFacts facts) =>
        Math.Max(0, Math.Max(facts.Failed ?? 0, facts.FailedUids) - (facts.Arrived?.Kept ?? 0));

    private static string NothingHere(RetrieveFacts facts, int delivered, int failed)
    {
        var said = delivered > 0 ? $"The peer counts {delivered} sent, but nothing arrived here. " : $"All {failed} instances failed. ";
        if (IsUnseen(facts))
            return said + Unseen(facts);
        if (facts.Arrived is { Aside: > 0, NotStored: 0 } others && delivered > 0)
            return $"The peer counts {delivered} sent, and none of the {Instances(others.Aside)} that came is of what was asked for: it "
                + "sends the wrong ones.";
        return Join(said.TrimEnd(), facts.Arrived!.NotStored > 0 ? "They came and could not be stored."
            : facts.Method == RetrieveMethod.Get
                ? "The peer may hold the instances in SOP classes or transfer syntaxes that it does not send over this association; its "
                + "log says more."
            : "Associations came in, but no instance over them: the log of the peer says why.", facts.Arrived.LastError);
    }

    private static string? Notes(RetrieveFacts facts) => Join(
        facts.Arrived is { Kept: > 0 and var kept } ? $"{Instances(kept)} had been here before and were kept as they are." : null,
        facts.Arrived is { Repeated: > 0 and var repeated }
            ? $"{(repeated == 1 ? "1 instance" : $"{repeated} instances")} came more than once; Received counts each once." : null,
        facts.Arrived is { OtherPatients: > 0 and var others } arrived
            ? $"{Instances(others)} {(others == 1 ? "carries" : "carry")} another Patient ID ({arrived.OtherPatient}), as after a merge."
            : null,
        facts is { Wavers: true, Announced: { } announced } && announced > Counted(facts)
            ? $"On the way the peer announced up to {announced}." : null,
        facts.Warning > 0 ? $"{Instances(facts.Warning.Value)} went over with a warning." : null) is { Length: > 0 } notes ? notes : null;

    private static bool IsUnseen(RetrieveFacts facts) => facts.Arrived is { Associations: 0 };

    private static string Unseen(RetrieveFacts facts) =>
        $"No inbound association was seen on port {facts.Arrived!.Port}: check the host and port that the PACS holds for AE "
        + $"{facts.Destination}, and the firewall of this machine.";

    // What is known to be where it should be.
    private static int There(RetrieveFacts facts) =>
        facts.Arrived is { } arrived ? arrived.Stored + arrived.Kept : (facts.Completed ?? 0) + (facts.Warning ?? 0);

    private static string Done(RetrieveFacts facts)
    {
        var left = facts.Remaining is > 0 and var remaining ? $", {remaining} were left" : "";
        return facts.Arrived is null ? $"{Instances(There(facts))} had been moved{left}" : $"{Instances(There(facts))} had arrived{left}";
    }

    private static string Instances(int count) => count == 1 ? "1 instance" : $"{count} instances";

    private static string Join(params string?[] sentences) => string.Join(" ", sentences.Where(s => !string.IsNullOrEmpty(s)));
}
