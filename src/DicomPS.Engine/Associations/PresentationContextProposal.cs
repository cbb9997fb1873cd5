using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>A presentation context to propose.</summary>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntaxes">The transfer syntaxes, the preferred one first.</param>
public sealed record PresentationContextProposal(string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes)
{
    /// <summary>
    /// Whether this side offers to be SCU; with both roles null no role is negotiated and the requestor is SCU (PS3.7 D.3.3.4).
    /// </summary>
    public bool? ScuRole { get; init; }

    /// <summary>Whether this side offers to be SCP.</summary>
    public bool? ScpRole { get; init; }
}
