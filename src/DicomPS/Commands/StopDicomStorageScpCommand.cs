using System.Management.Automation;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>Stops storage SCPs: what is in flight is finished, then the port is closed.</summary>
[Cmdlet(VerbsLifecycle.Stop, "DicomStorageScp", DefaultParameterSetName = ByObject, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(StorageServer))]
public sealed class StopDicomStorageScpCommand : StopServerCmdlet<StorageServer>;
