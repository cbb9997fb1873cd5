using System.Management.Automation;
using DicomPS.Archives;
using DicomPS.Files;
using DicomPS.Servers;

namespace DicomPS.Commands;

/// <summary>Makes the index of an archive anew from its files.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "DicomArchive", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RepairResult))]
public sealed class RepairDicomArchiveCommand : DicomCmdlet
{
    /// <summary>The folder of an archive that does not run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("LiteralPath", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override void Process()
    {
        var folder = FileSource.Folder(this, Path);
        if (!Directory.Exists(folder))
        {
            WriteFailure(new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound,
                $"There is no folder '{folder}'.", "Check the path; relative paths start at Get-Location.", Path), Path);
            return;
        }

        if (!ShouldProcess(folder, "Make the index anew from the files"))
            return;
        var progress = Meter($"Repairing {folder}");
        try
        {
            WriteObject(Wait(
                token => ArchiveFiles.RepairAsync(folder, (file, problem) => Note($"{file}: left alone, {problem.Message}"), token),
                () => progress.Update($"Reading the files, {progress.Elapsed.TotalSeconds:0} s", null, null)));
        }
        catch (Exception failure) when (failure is DicomException or IOException or UnauthorizedAccessException)
        {
            WriteFailure(ArchiveArgument.Named(failure, folder), folder);
        }
        finally
        {
            progress.Complete();
        }
    }
}
