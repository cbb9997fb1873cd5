using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>A presentation context that both sides agreed on.</summary>
/// <param name="Id">The odd number that each fragment carries.</param>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntax">The transfer syntax of every dataset in this context.</param>
/// <param name="ScuRole">Whether the association requestor is SCU.</param>
/// <param name="ScpRole">Whether the association requestor is SCP.</param>
public sealed record AcceptedContext(byte Id, string AbstractSyntax, string TransferSyntax, bool ScuRole, bool ScpRole);

/// <summary>A presentation context that the acceptor did not agree to.</summary>
/// <param name="Id">The number of the proposal.</param>
/// <param name="AbstractSyntax">The SOP class UID that was proposed.</param>
/// <param name="TransferSyntaxes">The transfer syntaxes that were proposed.</param>
/// <param name="Result">The result of PS3.8 table 9-18, 1 to 4.</param>
/// <param name="ResultName">The result in words.</param>
public sealed record RefusedContext(byte Id, string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes, byte Result, string ResultName);
