using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>
/// What a peer is told of a failure: a status and words of this program. What was thrown may hold paths, hosts, passwords and
/// patients, and goes to the server's own record alone.
/// </summary>
internal static class Refusal
{
    public const string HandlerFailed = "The handler failed; see the server's own messages";

    /// <summary>The response to a request that failed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="problem">What was thrown.</param>
    /// <param name="unreadable">The status for a dataset that cannot be read.</param>
    /// <param name="failed">The status for a handler that failed.</param>
    public static CommandSet Of(CommandSet request, Exception problem, ushort unreadable, ushort failed) => problem switch
    {
        ServiceException refusal when IsPending(refusal.Status) => request.Respond(failed) with { ErrorComment = HandlerFailed },
        ServiceException refusal => request.Respond(refusal.Status) with
        {
            ErrorComment = refusal.Message,
            OffendingElements = refusal.OffendingElements,
            ErrorId = refusal.ErrorId,
        },
        HandlerException failure => request.Respond(failed) with { ErrorComment = failure.Comment },
        ResourceLimitException shortage => request.Respond(ShortageOf(request.Field)) with { ErrorComment = shortage.Message },
        DicomDataException { Path: null, Stage: not DicomStage.File } broken =>
            request.Respond(unreadable) with { ErrorComment = broken.Message },
        DicomDataException => request.Respond(unreadable) with { ErrorComment = "A dataset cannot be read" },
        _ => request.Respond(failed) with { ErrorComment = HandlerFailed },
    };

    // Refused: out of resources (PS3.4 C.4.1.1.4); unable to calculate the number of matches (C.4.2.1.5, C.4.3.1.4); resource
    // limitation for what is normalized (PS3.7 C.5.17).
    private static ushort ShortageOf(CommandField request) => request switch
    {
        CommandField.CMoveRequest or CommandField.CGetRequest => Statuses.QrMove.UnableToCountMatches,
        CommandField.CFindRequest or CommandField.CStoreRequest => Statuses.QrFind.OutOfResources,
        _ => Statuses.ResourceLimitation,
    };

    /// <summary>What the server's own record says.</summary>
    public static string Detail(Exception problem) => problem switch
    {
        ServiceException { Detail: { } detail } => detail,
        ServiceException { Message: "" } refusal => $"status {refusal.Status:X4}H",
        _ => problem.Message,
    };

    /// <summary>Why an instance could not be sent, in words for a peer.</summary>
    public static string NotSent(Exception problem) => problem switch
    {
        DicomNetworkException => "The association to the destination failed",
        _ => "An instance cannot be read here",
    };

    /// <summary>Why no association to a destination could be made, in words for a peer: how far it went, and not whereto.</summary>
    public static string NotReached(DicomNetworkException problem) => problem.Stage switch
    {
        DicomStage.Tls => "The destination could not be reached over TLS",
        DicomStage.Association => "The destination made no association",
        _ => "The destination cannot be reached",
    };

    /// <summary>Whether a status says that more follows; as the last word it leaves the peer waiting for ever.</summary>
    public static bool IsPending(ushort? status) => DimseStatus.CategoryOf(status) == DimseStatusCategory.Pending;
}
