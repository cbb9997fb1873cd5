using System.Management.Automation;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>Takes what storage SCPs have received since the last call, one object for each instance.</summary>
[Cmdlet(VerbsCommunications.Receive, "DicomStorageScp", DefaultParameterSetName = ByObject)]
[OutputType(typeof(ReceivedInstance))]
public sealed class ReceiveDicomStorageScpCommand : ReceiveServerCmdlet<StorageServer, ReceivedInstance>
{
    private protected override bool TellsEvents => true;
}
