using System.Management.Automation;
using DicomPS.Scripts;

namespace DicomPS.Commands;

/// <summary>Stops SCPs with script blocks: what is in flight is finished, then the port is closed.</summary>
[Cmdlet(VerbsLifecycle.Stop, "DicomScp", DefaultParameterSetName = ByObject, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ScriptServer))]
public sealed class StopDicomScpCommand : StopServerCmdlet<ScriptServer>;
