using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>
/// What an acceptor agrees to; the input of <see cref="Negotiation.Accept"/> beside the request. The default takes every peer and
/// context.
/// </summary>
public sealed record AcceptorPolicy
{
    /// <summary>The AE titles that this side answers to; null answers to any.</summary>
    public IReadOnlyCollection<string>? CalledAETitles { get; init; }

    /// <summary>The AE titles that may call; null lets any.</summary>
    public IReadOnlyCollection<string>? CallingAETitles { get; init; }

    /// <summary>
    /// Whether there are as many associations as this side serves: the request is refused for the moment (source 3, reason 2).
    /// </summary>
    public bool IsLimitReached { get; init; }

    /// <summary>How the request is refused, decided already; null leaves it to the rest.</summary>
    internal AssociateRj? Refusal { get; init; }

    /// <summary>Whether a SOP class UID is served; null serves all.</summary>
    public Func<string, bool>? AcceptsAbstractSyntax { get; init; }

    /// <summary>The transfer syntaxes that are taken, the preferred one first; null takes all.</summary>
    public IReadOnlyList<string>? TransferSyntaxes { get; init; }

    /// <summary>Whether the order of <see cref="TransferSyntaxes"/> decides; by default the order of the proposer does.</summary>
    public bool PrefersOwnOrder { get; init; }

    /// <summary>
    /// Chooses a transfer syntax for a proposed context of a served SOP class, null for none; overrides <see cref="TransferSyntaxes"/>.
    /// </summary>
    public Func<PresentationContextRq, string?>? ChooseTransferSyntax { get; init; }

    /// <summary>
    /// Answers a proposed role selection of a served SOP class, null to stay silent (the requestor is SCU then). The default lets the
    /// requestor have the roles that it asks for. A role that was not proposed is never granted.
    /// </summary>
    public Func<RoleSelection, RoleSelection?>? ChooseRoles { get; init; }

    /// <summary>Answers extended negotiation of a served SOP class, null to stay silent, which is the default.</summary>
    public Func<SopClassExtendedNegotiation, SopClassExtendedNegotiation?>? ExtendedNegotiation { get; init; }

    /// <summary>
    /// Judges the user identity; called with null when the request carries none. Null, the default, lets everyone in and answers
    /// nothing, also when asked: a response says that somebody looked (PS3.7 D.3.3.7).
    /// </summary>
    public Func<UserIdentityRq?, UserIdentityDecision>? UserIdentity { get; init; }

    /// <summary>The operations window to answer a proposal with; null, the default, stays silent: one operation at a time.</summary>
    public AsynchronousOperationsWindow? OperationsWindow { get; init; }

    /// <summary>The longest P-DATA-TF that this side takes, in bytes; 0 means no limit. Default 262144.</summary>
    public uint MaximumPduLength { get; init; } = AssociationDefaults.MaximumPduLength;

    /// <summary>The implementation class UID of the answer.</summary>
    public string ImplementationClassUid { get; init; } = AssociationDefaults.ImplementationClassUid;

    /// <summary>The implementation version name of the answer.</summary>
    public string ImplementationVersionName { get; init; } = AssociationDefaults.ImplementationVersionName;
}

/// <summary>What an acceptor says to a user identity (PS3.7 D.3.3.7).</summary>
/// <param name="IsAccepted">Whether the user may come in; if not, the association is refused (result 1, source 1, reason 1).</param>
/// <param name="Response">The server response, sent only when it was asked for.</param>
public sealed record UserIdentityDecision(bool IsAccepted, ReadOnlyMemory<byte> Response = default);
