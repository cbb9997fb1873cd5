using System.Globalization;
using System.Text;
using DicomPS.Dictionary;
using DicomPS.Pdus;

namespace DicomPS.Tracing;

/// <summary>PDUs as lines of a trace (PS3.8 9.3, PS3.7 D.3.3): every item by name.</summary>
internal static class PduLines
{
    private const int MostHex = 32;

    /// <summary>What the PDU is and says in short, then its items.</summary>
    public static IEnumerable<string> Of(Pdu pdu, AssociateRq? request) => pdu switch
    {
        AssociateRq rq => Request(rq),
        AssociateAc ac => Accept(ac, request),
        AssociateRj rj => [$"A-ASSOCIATE-RJ, refused {PduNames.RejectResult(rj.Result)}: {PduNames.RejectReason(rj.Source, rj.Reason)}"
            + $" ({PduNames.RejectSource(rj.Source)}; result {rj.Result}, source {rj.Source}, reason {rj.Reason})"],
        ReleaseRq => ["A-RELEASE-RQ"],
        ReleaseRp => ["A-RELEASE-RP"],
        Abort abort =>
            [
                $"A-ABORT by the {PduNames.AbortSource(abort.Source)}: {PduNames.AbortReason(abort.Source, abort.Reason)} (source "
                + $"{abort.Source}, reason {abort.Reason})"],
        UnknownPdu unknown => [$"unknown PDU of type {unknown.Type:X2}"],
        _ => [pdu.GetType().Name],
    };

    private static IEnumerable<string> Request(AssociateRq rq)
    {
        yield return $"A-ASSOCIATE-RQ, {TraceText.Clean(rq.CallingAETitle)} calls {TraceText.Clean(rq.CalledAETitle)}, "
            + $"{Contexts(rq.PresentationContexts.Count)}";
        foreach (var line in Head(rq.ProtocolVersion, rq.CalledAETitle, rq.CallingAETitle, rq.ApplicationContext))
            yield return line;
        foreach (var context in rq.PresentationContexts)
        {
            yield return $"context {context.Id}: {TraceText.Uid(context.AbstractSyntax)}";
            foreach (var syntax in context.TransferSyntaxes)
                yield return $"  proposed: {TraceText.Uid(syntax)}";
        }

        foreach (var line in Items(rq.UserItems, rq.UnknownItems))
            yield return line;
    }

    private static IEnumerable<string> Accept(AssociateAc ac, AssociateRq? request)
    {
        yield return $"A-ASSOCIATE-AC, {ac.PresentationContexts.Count(context => context.Result == 0)} of "
            + $"{Contexts(ac.PresentationContexts.Count)} accepted";
        foreach (var line in Head(ac.ProtocolVersion, ac.CalledAETitle, ac.CallingAETitle, ac.ApplicationContext))
            yield return line;
        foreach (var context in ac.PresentationContexts)
        {
            var proposed = request?.PresentationContexts.FirstOrDefault(wanted => wanted.Id == context.Id);
            yield return $"context {context.Id}: {(proposed is null ? "not proposed" : TraceText.Uid(proposed.AbstractSyntax))}";
            yield return context.Result == 0
                ? $"  accepted: {TraceText.Uid(context.TransferSyntax)}"
                : $"  {PduNames.ContextResult(context.Result)} (result {context.Result})";
        }

        foreach (var line in Items(ac.UserItems, ac.UnknownItems))
            yield return line;
    }

    private static string Contexts(int count) => count == 1 ? "1 presentation context" : $"{count} presentation contexts";

    private static IEnumerable<string> Head(ushort version, string called, string calling, string application)
    {
        yield return $"called AE title [{TraceText.Clean(called)}], "
            + $"calling AE title [{TraceText.Clean(calling)}], protocol version {version}";
        yield return $"application context: {TraceText.Uid(application)}";
    }

    private static IEnumerable<string> Items(IReadOnlyList<UserItem> items, IReadOnlyList<UnknownItem> others)
    {
        foreach (var item in items)
            yield return Item(item);
        foreach (var other in others)
            yield return $"unknown item {other.Type:X2}, {TraceText.Bytes(other.Bytes.Length)}: {TraceText.Hex(other.Bytes.Span, MostHex)}";
    }

    // Of who the user is only the kind and the length is told: names are persons', and the rest are secrets.
    private static string Item(UserItem item) => item switch
    {
        MaximumLength length =>
            $"maximum PDU length: {(length.Value == 0 ? "no limit" : length.Value.ToString(CultureInfo.InvariantCulture))}",
        ImplementationClassUid uid => $"implementation class UID: {TraceText.Clean(uid.Uid)}",
        ImplementationVersionName name => $"implementation version: [{TraceText.Clean(name.Name)}]",
        AsynchronousOperationsWindow window => $"operations window: {window.MaximumInvoked} invoked, {window.MaximumPerformed} performed",
        RoleSelection role => $"roles of the requestor for {TraceText.Uid(role.SopClassUid)}: {Roles(role)}",
        SopClassExtendedNegotiation extended => $"extended negotiation for {TraceText.Uid(extended.SopClassUid)}: {Extended(extended)}",
        SopClassCommonExtendedNegotiation common =>
            $"common extended negotiation for {TraceText.Uid(common.SopClassUid)}: service class {TraceText.Uid(common.ServiceClassUid)}"
            + string.Concat(common.RelatedGeneralSopClasses.Select(related => $", related to {TraceText.Uid(related)}")),
        UserIdentityRq user => $"user identity: {user.Kind}, {TraceText.Bytes(user.Primary.Length)} not shown"
            + (user.Secondary.Length > 0 ? $", passcode of {TraceText.Bytes(user.Secondary.Length)} not shown" : "")
            + (user.IsResponseRequested ? ", asks for an answer" : ""),
        UserIdentityAc user => $"user identity accepted, {TraceText.Bytes(user.ServerResponse.Length)} not shown",
        UnknownUserItem unknown =>
            $"unknown user item {unknown.Type:X2}, {TraceText.Bytes(unknown.Bytes.Length)}: {TraceText.Hex(unknown.Bytes.Span, MostHex)}",
        _ => item.GetType().Name,
    };

    private static string Roles(RoleSelection role) => (role.Scu, role.Scp) switch
    {
        (true, true) => "SCU and SCP",
        (true, false) => "SCU",
        (false, true) => "SCP",
        _ => "none",
    };

    // The meaning of the bytes for queries (PS3.4 tables C.5-1 and K.5-1); other services are left as bytes.
    private static readonly string[] QueryOptions = ["relational", "combined date-time", "fuzzy names", "time zone",
        "enhanced multi-frame"];

    private static string Extended(SopClassExtendedNegotiation item)
    {
        var hex = new StringBuilder(TraceText.Hex(item.Information.Span, MostHex));
        if (TraceText.Name(item.SopClassUid).IndexOf("FIND", StringComparison.OrdinalIgnoreCase) < 0)
            return hex.ToString();
        hex.Clear();
        // The first two of a worklist are reserved (PS3.4 K.5.1).
        var first = item.SopClassUid == Uids.ModalityWorklistInformationModelFind ? 2 : 0;
        for (var i = first; i < item.Information.Length && i < QueryOptions.Length; i++)
            hex.Append(i > first ? ", " : "").Append(QueryOptions[i]).Append(item.Information.Span[i] == 1 ? " yes" : " no");
        return hex.ToString();
    }
}
