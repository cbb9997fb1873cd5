using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>What the events of a server say of a refusal or a failure, from the side that was called.</summary>
internal static class EventAdvice
{
    // Most libraries judge a certificate after the handshake, and leave without a word.
    private const string Distrust =
        "A caller that does not trust this server's certificate leaves so (Test-DicomSecurity from there says why, or its own log); "
        + "monitoring, a load balancer or a port scanner does it too.";

    private const string PortCheck = "Monitoring, a load balancer or a port scanner does this; a device that is to send does not.";

    /// <summary>Whether somebody connected and left without a word, which refuses nobody.</summary>
    public static bool IsSilence(Exception problem) =>
        problem is DicomNetworkException { Problem: NetworkProblem.None } and not (AssociationRejectedException or DicomTimeoutException);

    /// <summary>Why a connection came to no association, without its address; null when the error's own words will do.</summary>
    public static string? WhyRefused(Exception problem, AssociateRq? request, DicomServerOptions options) => problem switch
    {
        AssociationRejectedException { Source: 1, Reason: 7 } =>
            $"It called the AE title '{request?.CalledAETitle}', and this server is '{options.AETitle}'; the called title must be right "
            + "here.",
        AssociationRejectedException { Source: 1, Reason: 3 } =>
            $"The calling AE title '{request?.CallingAETitle}' is not among those that may call.",
        AssociationRejectedException { Source: 3, Reason: 2 } =>
            $"{options.MaximumAssociations} associations were open, the most that are served at once; it was refused for the moment.",
        AssociationRejectedException refused => $"The association was refused: {PduNames.RejectReason(refused.Source, refused.Reason)}.",
        DicomTimeoutException { Stage: not DicomStage.Tls } late =>
            $"It connected and sent no association request in {late.Value.TotalSeconds:0.###} s.",
        _ => null,
    };

    /// <summary>What to do about it.</summary>
    public static string? Refused(Exception problem, AssociateRq? request, DicomServerOptions options) => problem switch
    {
        AssociationRejectedException { Source: 1, Reason: 7 } =>
            "Correct the called AE title at the caller (upper and lower case differ), or start the server without -RequireCalledAETitle.",
        AssociationRejectedException { Source: 1, Reason: 3 } =>
            $"If the address is that of a system which may call, add '{request?.CallingAETitle}' to -AllowedCallingAETitle; else correct "
            + "the title at the caller.",
        AssociationRejectedException { Source: 3, Reason: 2 } =>
            "Callers that hold associations open are in ActiveAssociations; -MaximumAssociations allows more at once.",
        AssociationRejectedException { Source: 1, Reason: 1 } => "A fault plan (-Fault) or a rule of this server refuses it.",
        AssociationRejectedException =>
            "The caller speaks another application context or version of the protocol than DICOM has; its vendor knows why.",
        DicomTimeoutException { Stage: not DicomStage.Tls } =>
            "A device that hangs, or one that waits for this side to speak first, such as a TLS or HTTP client. Many of them at once keep "
            + "others out.",
        _ when IsSilence(problem) => options.Tls is null ? PortCheck : Distrust,
        DicomException { Advice: { } advice } => advice,
        _ => null,
    };

    /// <summary>What to do about a request that failed.</summary>
    /// <param name="problem">What went wrong, if that is known.</param>
    /// <param name="status">What it is answered with.</param>
    /// <param name="request">What was asked for; the same status means another thing of a retrieve than of a store.</param>
    public static string? Failed(Exception? problem, ushort? status, CommandField request) => (problem, status) switch
    {
        (DicomException { Advice: { } advice }, _) => advice,
        (_, Statuses.QrMove.UnableToPerformSubOperations) when request is CommandField.CMoveRequest or CommandField.CGetRequest =>
            "Instances could not be sent: the receiver takes no SOP class or transfer syntax that they are in, or refused them. The events "
            + "before this one, and the receiver, say more.",
        (_, Statuses.DuplicateSopInstance) =>
            "The instance is here already and stays as it is (-Duplicate Reject). Nothing is lost; the sender may take it off its list.",
        (_, Statuses.NotAuthorized) => "The server was started to store nothing (-ReadOnly).",
        (_, Statuses.SopClassNotSupported or Statuses.UnrecognizedOperation) =>
            "The caller asks for an operation that this server does not have. Correct its configuration, or point it at a system that has "
            + "it.",
        (_, >= Statuses.Storage.OutOfResources and <= Statuses.Storage.OutOfResourcesLast) =>
            "Look at the free space and the rights of the folder, and at -MaximumObjectBytes. The sender still has the instance and can "
            + "send it again.",
        (_, Statuses.QrMove.DestinationUnknown) => "Register the destination (Set-DicomNode), or name it to the server with -Destination.",
        (_, >= Statuses.Storage.DatasetDoesNotMatch and <= Statuses.Storage.DatasetDoesNotMatchLast) =>
            "The request and its dataset contradict each other, or the dataset lacks what it must have: the caller has to mend that.",
        (_, ServerStatuses.UnreadableStore or ServerStatuses.UnreadableFind) =>
            "The dataset cannot be read. The caller still has it; it or the way between damaged it, and sending it again shows which.",
        (HandlerException, _) => "The script block of the server failed: Receive-DicomScp has what it said.",
        _ => null,
    };
}
