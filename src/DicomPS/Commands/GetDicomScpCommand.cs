using System.Management.Automation;
using DicomPS.Scripts;

namespace DicomPS.Commands;

/// <summary>Gets the SCPs with script blocks that run in this process, whichever runspace started them.</summary>
[Cmdlet(VerbsCommon.Get, "DicomScp")]
[OutputType(typeof(ScriptServer))]
public sealed class GetDicomScpCommand : GetServerCmdlet<ScriptServer>;
