using System.Management.Automation;
using DicomPS.Commitment;

namespace DicomPS.Commands;

/// <summary>Asks a peer to answer for instances for good, and writes the request, which waits for the peer's report.</summary>
[Cmdlet(VerbsLifecycle.Request, "DicomStorageCommitment", DefaultParameterSetName = ByNode)]
[OutputType(typeof(StorageCommitment))]
public sealed class RequestDicomStorageCommitmentCommand : CommitmentCmdlet
{
    // Its associations outlive the cmdlet.
    private protected override bool TellsStory => false;

    private protected override void Requested(StorageCommitment commitment)
    {
        WriteObject(commitment);
        if (commitment.GetException() is { } problem)
            WriteFailure(problem, commitment.Node);
    }
}
