using System.Management.Automation;
using DicomPS.Archives;
using DicomPS.Servers;
using DicomPS.Services;

namespace DicomPS.Commands;

/// <summary>
/// Gets the archives that run in this process, whichever runspace started them, or what came to them with a UID of something else.
/// </summary>
[Cmdlet(VerbsCommon.Get, "DicomArchive")]
[OutputType(typeof(ArchiveServer), typeof(ArchiveConflict), typeof(RegisteredService))]
public sealed class GetDicomArchiveCommand : GetServerCmdlet<ArchiveServer>
{
    /// <summary>
    /// Gives the conflicts of the archives instead: instances whose UIDs something of another patient, study or series has.
    /// </summary>
    [Parameter]
    public SwitchParameter Conflict { get; set; }

    private protected override void Process()
    {
        if (!Conflict)
        {
            base.Process();
            return;
        }

        foreach (var server in Id is null ? [.. ArchiveServer.Running] : ServerKind.WithIds<ArchiveServer>(this, Id))
        {
            try
            {
                Drain(server.ConflictsAsync, WriteObject);
            }
            catch (DicomException failure)
            {
                WriteFailure(ArchiveArgument.Named(failure, server.Path), server.Path);
            }
        }
    }
}
