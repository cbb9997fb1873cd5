using System.Management.Automation;
using DicomPS.Indexes;

namespace DicomPS.Commands;

/// <summary>Keeps studies of an archive from being deleted by its limits.</summary>
[Cmdlet(VerbsSecurity.Protect, "DicomStudy", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Study))]
public sealed class ProtectDicomStudyCommand : ProtectionCmdlet
{
    /// <summary>Protects studies too that the archive does not have: from when they come.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override string Action => "Protect from -MaxBytes and -MaxAge";

    private protected override Task<IReadOnlyList<ProtectionChange>> ChangeAsync(string folder, IReadOnlyList<string> studies,
        CancellationToken token) => StudyProtection.ProtectAsync(folder, studies, Force, token);

    private protected override ModuleException? Missing(ProtectionChange change, string folder) => change.Found.Count > 0 || Force ? null
        : new ModuleException(ErrorIds.StudyNotFound, ErrorCategory.ObjectNotFound,
            $"The archive {folder} has no study {change.StudyInstanceUid}, and nothing was protected.",
            "Find-DicomStudy -Index shows what the archive has. With -Force a study is protected before it comes.",
            change.StudyInstanceUid);
}
