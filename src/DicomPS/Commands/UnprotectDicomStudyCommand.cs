using System.Management.Automation;
using DicomPS.Indexes;

namespace DicomPS.Commands;

/// <summary>Lets the limits of an archive delete studies again that Protect-DicomStudy kept.</summary>
[Cmdlet(VerbsSecurity.Unprotect, "DicomStudy", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(Study))]
public sealed class UnprotectDicomStudyCommand : ProtectionCmdlet
{
    private protected override string Action => "Let -MaxBytes and -MaxAge delete it";

    private protected override Task<IReadOnlyList<ProtectionChange>> ChangeAsync(string folder, IReadOnlyList<string> studies,
        CancellationToken token) => StudyProtection.UnprotectAsync(folder, studies, token);

    private protected override ModuleException? Missing(ProtectionChange change, string folder) =>
        change.Changed || change.Found.Count > 0 ? null : new ModuleException(ErrorIds.StudyNotFound, ErrorCategory.ObjectNotFound,
            $"The archive {folder} has no study {change.StudyInstanceUid}, and none of that UID was protected.",
            "Find-DicomStudy -Index shows what the archive has, and whether it is protected.", change.StudyInstanceUid);
}
