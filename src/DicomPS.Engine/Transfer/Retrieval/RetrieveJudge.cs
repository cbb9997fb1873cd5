using DicomPS.Dimse;

namespace DicomPS.Transfer;

/// <summary>
/// What a retrieve came to. A status alone proves little: peers answer Success with failed sub-operations, with counts
/// of nothing at all, or before the last instance has left. So counts and arrivals decide. Pure.
/// </summary>
public static class RetrieveJudge
{
    /// <summary>The service of <see cref="DimseStatus.Describe"/> for a method.</summary>
    /// <param name="method">C-MOVE or C-GET.</param>
    public static string ServiceOf(RetrieveMethod method) => method == RetrieveMethod.Move ? "qr_move" : "qr_get";

    /// <summary>Judges.</summary>
    /// <param name="facts">What is known.</param>
    public static RetrieveJudgement Judge(RetrieveFacts facts)
    {
        var judgement = JudgeCounts(facts);
        if (facts.Arrived is not { Strange: > 0 and var strange } arrived)
            return judgement;
        // Numbers that agree prove nothing when the instances are others.
        var verdict = (judgement.Verdict, strange == arrived.Stored && arrived.Kept == 0) switch
        {
            (RetrieveVerdict.Cancelled, _) => RetrieveVerdict.Cancelled,
            (_, true) => RetrieveVerdict.Failed,
            (RetrieveVerdict.Complete, _) => RetrieveVerdict.Suspect,
            (var other, _) => other,
        };
        return new(verdict, Join($"{strange} of the {Instances(arrived.Stored)} that arrived {(strange == 1 ? "is" : "are")} not of what was asked for, but of {arrived.Stranger}{(strange == 1 ? "" : " or others")}. The peer sends the wrong ones: look at them before they go anywhere.", judgement.Advice));
    }

    private static RetrieveJudgement JudgeCounts(RetrieveFacts facts)
    {
        if (facts.IsCancelled || facts.StatusCode == 0xFE00)
            return new(RetrieveVerdict.Cancelled, $"{Done(facts)} before it was stopped. What arrived is whole; run it again for the rest.");
        if (facts.StatusCode is not { } status)
            return Broken(facts);
        var category = DimseStatus.Describe(ServiceOf(facts.Method), status).Category;
        // A peer that was told "here already" for everything calls the whole request failed.
        if (facts.Arrived is { Kept: > 0, NotStored: 0 } kept && kept.Stored + kept.Kept >= (facts.Completed ?? 0) + (facts.Warning ?? 0) + (facts.Failed ?? 0) + (facts.Remaining ?? 0))
            return new(RetrieveVerdict.Complete, Notes(facts));
        return category is DimseStatusCategory.Success or DimseStatusCategory.Warning ? Finished(facts, category) : Refused(facts, status);
    }

    private static RetrieveJudgement Broken(RetrieveFacts facts)
    {
        var advice = facts.Exception?.Advice;
        return There(facts) > 0
            ? new(RetrieveVerdict.Partial, Join($"{Done(facts)} before the association broke. What arrived is whole; run it again for the rest.", advice))
            : new(RetrieveVerdict.Failed, advice ?? "Nothing was retrieved. An echo shows how far the peer can be reached.");
    }

    private static RetrieveJudgement Refused(RetrieveFacts facts, ushort status)
    {
        var advice = status switch
        {
            // The peer only repeats what it heard from here.
            _ when facts.Arrived is { NotStored: > 0, LastError: { } error } here =>
                $"{Instances(here.NotStored)} came and could not be stored here: {error.TrimEnd('.')}. Look after the folder and its disk, then run it again.",
            0xA801 => $"The peer does not know the AE title {facts.Destination}. Ask its administrator to add it with this machine's or the destination's host and port, or retrieve by C-GET, which needs no destination.",
            0xA701 or 0xA702 when IsUnseen(facts) => $"{Unseen(facts)} If these are right, the peer is short of resources: try again later.",
            0xA701 or 0xA702 when facts.Method == RetrieveMethod.Move => $"The peer cannot reach the destination {facts.Destination}, or is short of resources. Check the host and port that it holds for that AE title, or try again later.",
            0xA701 or 0xA702 => "The peer is short of resources. Try again later.",
            0xA900 or 0xA901 => "The peer does not take these keys for this model. Try the model StudyRoot or PatientRoot, ask for one UID at a time, and check the UIDs with a query.",
            0x0122 => "The peer does not serve this model. Try another model.",
            0x0124 => "The peer does not let this AE title retrieve. Ask its administrator to allow it.",
            >= 0xC000 and <= 0xCFFF when facts.Method == RetrieveMethod.Move && There(facts) == 0 =>
                $"Some peers, Orthanc among them, answer so when they do not know or cannot reach the destination: check that the peer holds the AE title {facts.Destination} with the right host and port{(IsUnseen(facts) ? $"; no inbound association was seen on port {facts.Arrived!.Port}" : "")}. Its log says more.",
            _ => "The log of the peer says why.",
        };
        return There(facts) > 0
            ? new(RetrieveVerdict.Partial, Join($"{Done(facts)}.", advice))
            : new(RetrieveVerdict.Failed, advice);
    }

    private static RetrieveJudgement Finished(RetrieveFacts facts, DimseStatusCategory category)
    {
        if ((facts.Completed ?? facts.Failed ?? facts.Warning) is null && facts.FailedUids == 0)
            return Uncounted(facts, category);

        var delivered = (facts.Completed ?? 0) + (facts.Warning ?? 0);
        var remaining = facts.Remaining ?? 0;
        var failed = Math.Max(0, Math.Max(facts.Failed ?? 0, facts.FailedUids) - (facts.Arrived?.Kept ?? 0));
        var here = facts.Arrived is { } arrived ? arrived.Stored + arrived.Kept : (int?)null;
        if (delivered + failed + remaining == 0 && (facts.Arrived?.Kept ?? 0) == 0)
        {
            return here > 0
                ? new(RetrieveVerdict.Suspect, $"The peer counts nothing, but {Instances(here.Value)} arrived here. A query tells how many there should be.")
                : new(RetrieveVerdict.Suspect, "The peer reports success and counts nothing at all: nothing matched, or the peer is busy or still fetching from its archive. Query whether it has what was asked for, then try again.");
        }
        if (here == 0)
            return new(RetrieveVerdict.Failed, NothingHere(facts, delivered, failed));
        if (failed > 0 && delivered == 0 && here is null)
            return new(RetrieveVerdict.Failed, "The peer could send none of the instances: the destination may be unreachable or may not take their SOP classes or transfer syntaxes. The logs of both say more.");
        if (failed > 0)
        {
            var uids = facts.FailedUids > 0 ? " FailedSOPInstanceUID names them." : "";
            return new(RetrieveVerdict.Partial, Join($"{failed} of {delivered + failed + remaining} instances failed although the request ended with {facts.StatusCode:X4}.{uids}", facts.Arrived?.LastError));
        }
        if (remaining > 0)
            return new(RetrieveVerdict.Partial, $"The peer ended with {remaining} instances left to send. Run it again.");
        if (here + facts.Arrived?.Repeated < delivered)
            return new(RetrieveVerdict.Partial, Join($"The peer counts {delivered} sent, but {here} arrived here, also after a wait. Run it again, or check whether the peer also sent to another place.", facts.Arrived?.LastError));
        if (category == DimseStatusCategory.Warning && (facts.Warning ?? 0) == 0 && here is null)
            return new(RetrieveVerdict.Suspect, "The peer warns of failures but counts none. Check at the destination.");
        return new(RetrieveVerdict.Complete, Notes(facts));
    }

    private static RetrieveJudgement Uncounted(RetrieveFacts facts, DimseStatusCategory category)
    {
        if (facts.Arrived is not { } arrived)
            return new(RetrieveVerdict.Suspect, $"The peer gives no counts, so only the destination {facts.Destination} can tell what arrived.");
        if (arrived.Stored + arrived.Kept == 0)
            return arrived.NotStored > 0
                ? new(RetrieveVerdict.Failed, NothingHere(facts, 0, arrived.NotStored))
                : new(RetrieveVerdict.Suspect, Join("The peer reports success, gives no counts, and nothing arrived: perhaps nothing matched.", IsUnseen(facts) ? Unseen(facts) : null));
        if (arrived.NotStored > 0 || category == DimseStatusCategory.Warning)
            return new(RetrieveVerdict.Partial, Join($"{Instances(arrived.Stored + arrived.Kept)} arrived, and some failed; the peer gives no counts.", arrived.LastError));
        return new(RetrieveVerdict.Complete, $"The peer gives no counts; {Instances(arrived.Stored + arrived.Kept)} arrived. A query tells how many there should be.");
    }

    private static string NothingHere(RetrieveFacts facts, int delivered, int failed)
    {
        var said = delivered > 0 ? $"The peer counts {delivered} sent, but nothing arrived here. " : $"All {failed} instances failed. ";
        if (IsUnseen(facts))
            return said + Unseen(facts);
        return Join(said.TrimEnd(), facts.Arrived!.NotStored > 0 ? "They came and could not be stored."
            : facts.Method == RetrieveMethod.Get ? "The peer may hold the instances in SOP classes or transfer syntaxes that it does not send over this association; its log says more."
            : "Associations came in, but no instance over them: the log of the peer says why.", facts.Arrived.LastError);
    }

    private static string? Notes(RetrieveFacts facts) => Join(
        facts.Arrived is { Kept: > 0 and var kept } ? $"{Instances(kept)} had been here before and were kept as they are." : null,
        facts.Arrived is { Repeated: > 0 and var repeated } ? $"{(repeated == 1 ? "1 instance" : $"{repeated} instances")} came more than once; Received counts each once." : null,
        facts.Warning > 0 ? $"{Instances(facts.Warning.Value)} went over with a warning." : null) is { Length: > 0 } notes ? notes : null;

    private static bool IsUnseen(RetrieveFacts facts) => facts.Arrived is { Associations: 0 };

    private static string Unseen(RetrieveFacts facts) =>
        $"No inbound association was seen on port {facts.Arrived!.Port}: check the host and port that the PACS holds for AE {facts.Destination}, and the firewall of this machine.";

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
