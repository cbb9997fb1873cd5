using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Files;
using DicomPS.Indexes;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Servers;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that say which studies of an archive its limits may delete.</summary>
public abstract class ProtectionCmdlet : DicomCmdlet
{
    // So many are looked up at once.
    private const int BatchLength = 100;

    private readonly HashSet<string> _batch = new(StringComparer.Ordinal);
    private string _folder = "";

    /// <summary>The studies' UIDs.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] StudyInstanceUID { get; set; } = [];

    /// <summary>
    /// The archive: its folder, a running archive, or the id of one. Without it, the only archive that runs in this process.
    /// </summary>
    [Parameter(Position = 1)]
    [Alias("Path")]
    [ArgumentCompleter(typeof(ArchiveCompleter))]
    [ValidateNotNull]
    public object? Archive { get; set; }

    /// <summary>Writes the studies, as the archive's index has them.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What -WhatIf says.</summary>
    private protected abstract string Action { get; }

    /// <summary>Does it.</summary>
    private protected abstract Task<IReadOnlyList<ProtectionChange>> ChangeAsync(string folder, IReadOnlyList<string> studies,
        CancellationToken token);

    /// <summary>What is wrong with a study that was not found; null for nothing.</summary>
    private protected abstract ModuleException? Missing(ProtectionChange change, string folder);

    private protected override void Begin() => (_folder, _) = ArchiveArgument.Resolve(Archive, path => FileSource.Folder(this, path));

    private protected override void Process()
    {
        foreach (var uid in StudyInstanceUID.Select(uid => uid.Trim()))
        {
            if (!Uid.IsUsable(uid))
            {
                WriteFailure(new ModuleException(ErrorIds.UidInvalid, ErrorCategory.InvalidArgument,
                    $"'{uid}' is no Study Instance UID: that has digits and dots, 64 at most, and no wildcards.",
                    "Copy the UID as it is; Find-DicomStudy -Index shows those of an archive.", uid), uid);
            }
            else if (ShouldProcess($"Study {uid} of {_folder}", Action) && _batch.Add(uid) && _batch.Count >= BatchLength)
            {
                Flush();
            }
        }
    }

    private protected override void End() => Flush();

    private void Flush()
    {
        string[] studies = [.. _batch];
        _batch.Clear();
        if (studies.Length == 0)
            return;
        try
        {
            foreach (var change in Wait(token => ChangeAsync(_folder, studies, token)))
                Tell(change);
        }
        catch (Exception failure) when (failure is DicomException or IOException or UnauthorizedAccessException)
        {
            Terminate(ArchiveArgument.Named(failure, _folder), _folder);
        }
    }

    private void Tell(ProtectionChange change)
    {
        if (Missing(change, _folder) is { } missing)
            WriteFailure(missing, change.StudyInstanceUid);
        else if (!change.Changed)
            WriteVerbose($"Study {change.StudyInstanceUid} was so before.");
        if (!PassThru)
            return;
        var properties = new QueryProperties([], QueryLevel.Study, isLocal: true);
        foreach (var found in change.Found)
            WriteObject(properties.AddTo(found.Result, found.Local));
    }
}
