using System.Management.Automation;
using DicomPS.Scripts;
using DicomPS.Services;

namespace DicomPS.Commands;

/// <summary>Gets the SCPs with script blocks that run in this process, whichever runspace started them.</summary>
[Cmdlet(VerbsCommon.Get, "DicomScp")]
[OutputType(typeof(ScriptServer), typeof(RegisteredService))]
public sealed class GetDicomScpCommand : GetServerCmdlet<ScriptServer>;
