using DicomPS.Dictionary;
using DicomPS.Retrieving;

namespace DicomPS.Transfers.Working;

/// <summary>Who is to blame for a failure.</summary>
internal enum Blame
{
    /// <summary>Nobody, or the study itself.</summary>
    Nobody,
    /// <summary>The node that has the studies.</summary>
    Source,
    /// <summary>The node that is to have them.</summary>
    Destination,
}

/// <summary>What kind of failure it was, and what follows from it.</summary>
/// <param name="Kind">A word for the tables and the report.</param>
/// <param name="Blame">The node that it names.</param>
/// <param name="Again">Whether it may pass.</param>
/// <param name="LosesTry">Whether it counts as a try of the study; not when a node cannot be reached at all.</param>
internal sealed record FailureKind(string Kind, Blame Blame, bool Again, bool LosesTry);

/// <summary>The kinds of failures, a row each. Pure.</summary>
internal static class FailureKinds
{
    /// <summary>The kind of a retrieve that brought nothing and says that all is well.</summary>
    public const string Suspect = "Suspect";

    private const ushort UnknownDestination = 0xA801;
    private const ushort DoesNotMatch = 0xA900;

    /// <summary>The source does not have the study.</summary>
    public static FailureKind NotAtSource { get; } = new("NotAtSource", Blame.Nobody, Again: false, LosesTry: true);

    /// <summary>The kind of a retrieve that did not bring everything; null when it did.</summary>
    /// <param name="result">The result.</param>
    /// <param name="asked">Who was asked.</param>
    /// <param name="receiver">Whom it was to be sent to.</param>
    public static FailureKind? Of(RetrieveResult result, Blame asked = Blame.Source, Blame receiver = Blame.Destination) =>
        result.GetVerdict() switch
        {
            RetrieveVerdict.Complete => null,
            RetrieveVerdict.Cancelled => new("Stopped", Blame.Nobody, Again: true, LosesTry: false),
            _ when result.StatusCode == UnknownDestination => new("DestinationUnknown", receiver, Again: false, LosesTry: true),
            _ when result.StatusCode == DoesNotMatch => new("IdentifierRefused", Blame.Nobody, Again: false, LosesTry: true),
            _ when RetrieveJudge.IsShort(result.StatusCode) =>
                new("OutOfResources", result.StatusCode == Statuses.QrMove.UnableToPerformSubOperations ? receiver : asked,
                    Again: true, LosesTry: true),
            _ when result.StatusCode is null && result.GetException() is { } broken => Of(broken, asked) is var kind
                && result.Status == "NotSent" && broken is DicomNetworkException ? kind with { LosesTry = false } : kind,
            RetrieveVerdict.Suspect => new(Suspect, Blame.Nobody, Again: true, LosesTry: true),
            // Nothing went through: the source reaches the destination not at all, or it takes nothing.
            _ when result is { Completed: 0 or null, Warning: 0 or null, Failed: > 0 } =>
                new("NothingStored", receiver, Again: true, LosesTry: true),
            RetrieveVerdict.Partial => new("Partial", Blame.Nobody, Again: true, LosesTry: true),
            _ => new("StatusFailure", Blame.Nobody, Again: true, LosesTry: true),
        };

    /// <summary>The kind of a failure that is no node's.</summary>
    public static FailureKind Of(Exception problem) => problem switch
    {
        DicomException known => Of(known, Blame.Nobody),
        IOException or UnauthorizedAccessException => new("Spool", Blame.Nobody, Again: true, LosesTry: false),
        _ => new("Failure", Blame.Nobody, Again: true, LosesTry: true),
    };

    /// <summary>The kind of a failure of a call to a node.</summary>
    /// <param name="problem">The failure.</param>
    /// <param name="called">Which node was called.</param>
    public static FailureKind Of(DicomException problem, Blame called) => problem switch
    {
        WorkerPortException unknown => new("LocalPort", Blame.Nobody, Again: !unknown.IsUnknown, LosesTry: unknown.IsUnknown),
        { Stage: DicomStage.PresentationContext } => new("ContextRefused", Blame.Nobody, Again: false, LosesTry: true),
        // Before the association stood: no study has to do with it.
        AssociationRejectedException => new("AssociationRejected", called, Again: true, LosesTry: false),
        DicomTimeoutException { Name: "connect" or "association" } => new("Unreachable", called, Again: true, LosesTry: false),
        AssociationAbortedException => new("ConnectionLost", called, Again: true, LosesTry: true),
        DicomTimeoutException => new("Timeout", called, Again: true, LosesTry: true),
        DicomNetworkException { Stage: DicomStage.NameLookup or DicomStage.Tcp or DicomStage.Tls } =>
            new("Unreachable", called, Again: true, LosesTry: false),
        DicomNetworkException => new("ConnectionLost", called, Again: true, LosesTry: true),
        { Stage: DicomStage.File } => new("Spool", Blame.Nobody, Again: true, LosesTry: false),
        DicomStatusException => new("StatusFailure", Blame.Nobody, Again: true, LosesTry: true),
        _ => new("Failure", Blame.Nobody, Again: true, LosesTry: true),
    };
}
