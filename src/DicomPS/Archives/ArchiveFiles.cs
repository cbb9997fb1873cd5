using System.Diagnostics;
using System.Management.Automation;
using DicomPS.Archiving.Storage;

namespace DicomPS.Archives;

/// <summary>
/// An archive that nobody serves, as the cmdlets use it. Cmdlets name no type of SQLite or of the project around it, not even in
/// a field, so that importing the module loads nothing of them.
/// </summary>
internal sealed class ArchiveFiles
{
    private readonly Archive _archive;

    private ArchiveFiles(Archive archive) => _archive = archive;

    /// <summary>Opens an archive; makes it when it is missing.</summary>
    public static async Task<ArchiveFiles> OpenAsync(string folder, CancellationToken token) =>
        new(await Archive.OpenAsync(new ArchiveOptions { Folder = folder }, token).ConfigureAwait(false));

    /// <summary>Imports files, each told when the archive has it for good.</summary>
    public IAsyncEnumerable<ImportResult> ImportAsync(IReadOnlyList<string> files, bool inPlace, ArchiveDuplicate duplicates,
        bool protect, CancellationToken token) =>
        TellAsync(_archive.ImportAsync(files, ModeOf(inPlace), null, RuleOf(duplicates), protect, token), duplicates);

    /// <summary>Closes it in good order.</summary>
    public async Task CloseAsync() => await _archive.DisposeAsync().ConfigureAwait(false);

    /// <summary>What the cmdlets say of imported files.</summary>
    public static async IAsyncEnumerable<ImportResult> TellAsync(IAsyncEnumerable<ImportedFile> files, ArchiveDuplicate duplicates)
    {
        await foreach (var file in files.ConfigureAwait(false))
        {
            var problem = file.Kept && duplicates == ArchiveDuplicate.Reject
                ? new ModuleException(ErrorIds.InstanceExists, ErrorCategory.ResourceExists,
                    $"The archive has this instance already, in {file.ArchivedPath}.",
                    "-Duplicate Replace takes it all the same.", file.Path)
                : file.Problem;
            yield return ImportResult.Of(file.Path, problem is null ? file.ArchivedPath : null, file.SopInstanceUid, problem);
        }
    }

    /// <summary>What -Duplicate asks for, in the archive's words.</summary>
    public static SameInstance RuleOf(ArchiveDuplicate duplicates) => duplicates switch
    {
        ArchiveDuplicate.Replace => SameInstance.Replace,
        ArchiveDuplicate.KeepFirst => SameInstance.Keep,
        _ => SameInstance.Refuse,
    };

    /// <summary>How -Duplicate calls a rule.</summary>
    public static ArchiveDuplicate NameOf(SameInstance rule) => rule switch
    {
        SameInstance.Replace => ArchiveDuplicate.Replace,
        SameInstance.Keep => ArchiveDuplicate.KeepFirst,
        _ => ArchiveDuplicate.Reject,
    };

    /// <summary>What -InPlace asks for.</summary>
    public static ImportMode ModeOf(bool inPlace) => inPlace ? ImportMode.InPlace : ImportMode.Copy;

    /// <summary>Makes the index of an archive anew from its files.</summary>
    public static async Task<RepairResult> RepairAsync(string folder, Action<string, Exception> unreadable, CancellationToken token)
    {
        var clock = Stopwatch.StartNew();
        var options = new ArchiveOptions { Folder = folder, Unreadable = unreadable };
        var archive = await Archive.RepairAsync(options, token).ConfigureAwait(false);
        try
        {
            var counts = await archive.Index.CountAsync(token).ConfigureAwait(false);
            var repaired = archive.Recovered!;
            return new RepairResult
            {
                Path = archive.Folder,
                Files = repaired.Files,
                Indexed = repaired.Added,
                Unreadable = repaired.Unreadable,
                Doubled = repaired.Doubled,
                Conflicts = counts.Conflicts,
                Studies = counts.Studies,
                Series = counts.Series,
                Instances = counts.Instances,
                Damage = archive.Damage,
                Duration = clock.Elapsed,
            };
        }
        finally
        {
            await archive.DisposeAsync().ConfigureAwait(false);
        }
    }
}
