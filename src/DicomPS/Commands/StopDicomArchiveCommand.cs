using System.Management.Automation;
using DicomPS.Archives;

namespace DicomPS.Commands;

/// <summary>Stops archives: what is in flight is finished, the port is closed, then the index.</summary>
[Cmdlet(VerbsLifecycle.Stop, "DicomArchive", DefaultParameterSetName = ByObject, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ArchiveServer))]
public sealed class StopDicomArchiveCommand : StopServerCmdlet<ArchiveServer>;
