using System.Management.Automation;
using DicomPS.Scripts;

namespace DicomPS.Commands;

/// <summary>
/// Takes what the script blocks of SCPs wrote to their error, warning and other streams since the last call, and what happened to the
/// servers.
/// </summary>
[Cmdlet(VerbsCommunications.Receive, "DicomScp", DefaultParameterSetName = ByObject)]
[OutputType(typeof(ServerMessage))]
public sealed class ReceiveDicomScpCommand : ReceiveServerCmdlet<ScriptServer, ServerMessage>;
