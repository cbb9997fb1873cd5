using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>Says in words what went wrong with an association and what can be done about it.</summary>
internal static class Explanations
{
    public static AssociationRejectedException Rejected(AssociateRj answer, AssociateRq request, string peer, bool byPeer)
    {
        var reason = PduNames.RejectReason(answer.Source, answer.Reason);
        var who = byPeer ? $"{peer} refused the association" : $"The association from {peer} was refused";
        return new AssociationRejectedException(
            $"{who} {PduNames.RejectResult(answer.Result)}: {reason} ({PduNames.RejectSource(answer.Source)}).", answer.Result,
            answer.Source, answer.Reason)
        {
            Stage = DicomStage.Association,
            IsTransient = answer.Result == 2,
            Advice = RejectAdvice(answer, request),
        };
    }

    public static AssociationAbortedException AbortedByPeer(Abort abort, AssociationState state)
    {
        var reason = abort.Source == 0 ? "" : $": {PduNames.AbortReason(abort.Source, abort.Reason)}";
        var when = state == AssociationState.AwaitingAnswer ? " instead of answering the association request" : "";
        return new AssociationAbortedException($"The peer aborted the association{when} ({PduNames.AbortSource(abort.Source)}{reason}).")
        {
            ByPeer = true,
            Source = abort.Source,
            Reason = abort.Source == 0 ? null : abort.Reason,
            Stage = DicomStage.Association,
            IsTransient = state != AssociationState.AwaitingAnswer,
            Advice = "The log of the peer says why it aborted.",
        };
    }

    public static AssociationAbortedException ConnectionClosed(Exception? problem, AssociationState state, bool isInsidePdu, bool isSecure,
        bool lacksCertificate = false)
    {
        var what = state switch
        {
            AssociationState.AwaitingAnswer => "The peer closed the connection instead of answering the association request",
            AssociationState.AwaitingRequest => "The peer closed the connection without an association request",
            AssociationState.AwaitingReleaseRp => "The peer closed the connection instead of answering the release request",
            _ => "The peer closed the connection in the middle of the association",
        };
        var where = isInsidePdu ? ", after a part of a PDU" : "";
        var detail = problem is null ? "" : $" ({problem.Message})";
        if (state == AssociationState.AwaitingAnswer && lacksCertificate)
        {
            // In TLS 1.3 the certificate of this side is judged after the handshake has ended here (RFC 8446 4.4.2.4).
            return new AssociationAbortedException(
                $"The peer wants a certificate of this side, none was shown, and it closed the connection{detail}.", problem)
            {
                ByPeer = true,
                Stage = DicomStage.Tls,
                Problem = NetworkProblem.TlsHandshake,
                Advice = "Name a certificate that the peer trusts with -Certificate or -CertificateThumbprint.",
            };
        }

        return new AssociationAbortedException($"{what}{where}{detail}.", problem)
        {
            ByPeer = true,
            Stage = DicomStage.Association,
            IsTransient = true,
            Advice = state == AssociationState.AwaitingAnswer && isSecure
                // In TLS 1.3 the certificate of this side is judged after the handshake has ended here.
                ? "TLS is spoken. The peer may want a certificate of this side, may not trust the one that it was shown, or may let only "
                + "known addresses in: its log has which."
                : state == AssociationState.AwaitingAnswer
                ? "The peer may want TLS on this port, may let only known addresses in, or may be no DICOM node at all: check its "
                + "configuration and log."
                : null,
        };
    }

    public static AssociationAbortedException AbortedHere(byte source, byte reason) =>
        new($"The association was aborted by this side{(source == 0 ? "" : $": {PduNames.AbortReason(source, reason)}")}.")
        {
            Source = source,
            Reason = source == 0 ? null : reason,
            Stage = DicomStage.Association,
        };

    /// <summary>The peer sent bytes that are no PDU, or a PDU that must not come now.</summary>
    public static DicomNetworkException ProtocolBroken(string what, Exception? problem, AssociationState state, byte source, byte reason,
        ReadOnlySpan<byte> first, bool isRequestor)
    {
        if (state is AssociationState.AwaitingAnswer or AssociationState.AwaitingRequest && problem is not null)
        {
            var foreign = Foreign(ForeignProtocol.Recognize(first), first, isRequestor, problem);
            if (foreign is not null) return foreign;
        }

        return new AssociationAbortedException($"The association was aborted by this side because of what the peer sent. {what}", problem)
        {
            Problem = NetworkProblem.ProtocolViolation,
            Source = source,
            Reason = source == 0 ? null : reason,
            Stage = DicomStage.Association,
        };
    }

    public static DicomNetworkException? Foreign(ForeignKind kind, ReadOnlySpan<byte> first, bool isRequestor, Exception problem)
    {
        var (what, advice, stage) = (kind, isRequestor) switch
        {
            (ForeignKind.Tls, true) => (
                "The port speaks TLS, not plain DICOM.",
                "Call it with -Tls (Set-DicomNode NAME -Tls, if it is registered), or use the node's plain port.",
                DicomStage.Tls),
            (ForeignKind.Tls, false) => (
                "The peer speaks TLS to a plain DICOM port.",
                "Turn TLS off at the peer for this port, or give this server a certificate with -Certificate or -CertificateThumbprint.",
                DicomStage.Tls),
            (ForeignKind.Http, true) => ("An HTTP server answers on this port, not a DICOM node.",
                "The node's DICOM port is another one; 104 and 11112 are usual, and DICOMweb ports do not speak DIMSE.",
                DicomStage.Association),
            (ForeignKind.Http, false) => ("The peer sent an HTTP request to a DICOM port.",
                "A browser, a health check or a DICOMweb client is pointed at this port.", DicomStage.Association),
            (ForeignKind.Ssh, _) => ("An SSH server answers on this port, not a DICOM node.",
                "The node's DICOM port is another one; 104 and 11112 are usual.", DicomStage.Association),
            (ForeignKind.Text, _) => ($"The peer sent text, not DICOM: {ForeignProtocol.Show(first)}.",
                "Another service uses this port; check host and port.", DicomStage.Association),
            (ForeignKind.Unknown, _) => ($"The peer sent bytes that are not DICOM: {ForeignProtocol.Show(first)}.",
                "Another service uses this port; check host and port.", DicomStage.Association),
            _ => (null, null, DicomStage.None),
        };
        return what is null ? null : new DicomNetworkException(what, problem)
        {
            Stage = stage,
            Problem = kind == ForeignKind.Tls ? NetworkProblem.TlsMismatch : NetworkProblem.ForeignProtocol,
            Advice = advice,
        };
    }

    private static string? RejectAdvice(AssociateRj answer, AssociateRq request) => (answer.Source, answer.Reason) switch
    {
        (1, 1) => "The peer does not say why; often it knows neither this AE title nor this address. Its log says more.",
        (1, 2) => "The peer does not speak DICOM's application context; it is no DICOM node, or a broken one.",
        (1, 3) =>
            $"The peer does not know '{request.CallingAETitle}'. Add this AE title, with this machine's address, to the peer's list, or "
            + "call with a title that it knows.",
        (1, 7) =>
            $"The peer does not know itself as '{request.CalledAETitle}'. Check the called AE title against the peer's configuration; "
            + "upper and lower case differ.",
        (2, 2) => "The peer does not speak version 1 of the protocol; it is no DICOM node, or a broken one.",
        (3, 1) => "The peer is busy. Try again later.",
        (3, 2) => "The peer has as many associations as it allows. Try again later, or use fewer associations at once.",
        _ => null,
    };
}
