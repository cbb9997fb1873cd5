using System.Management.Automation;
using DicomPS.Archives;
using DicomPS.Files;
using DicomPS.Pipeline;
using DicomPS.Servers;

namespace DicomPS.Commands;

/// <summary>Imports files into an archive, by copy or in place; one result for each file.</summary>
[Cmdlet(VerbsData.Import, "DicomFile", DefaultParameterSetName = ByPath, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ImportResult))]
public sealed class ImportDicomFileCommand : SelectingCmdlet
{
    private const string ByPath = "Path", ByLiteralPath = "LiteralPath";

    // As many as the archive takes into one transaction.
    private const int BatchLength = 200;

    private readonly List<string> _batch = [];
    private ProgressMeter? _progress;
    private string _folder = "";
    private ArchiveServer? _server;
    private ArchiveFiles? _files;
    private long _done;
    private long _failed;

    /// <summary>Files and folders; wildcards work.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files and folders, taken as they are written.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// The archive: its folder, a running archive, or the id of one. Without it, the only archive that runs in this process.
    /// </summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(ArchiveCompleter))]
    [ValidateNotNull]
    public object? Archive { get; set; }

    /// <summary>Leaves the files where they are; only the index learns of them.</summary>
    [Parameter]
    public SwitchParameter InPlace { get; set; }

    /// <summary>
    /// What happens to an instance that is there already, of the same patient, study and series; the new one replaces it unless told.
    /// Another one never does.
    /// </summary>
    [Parameter]
    public ArchiveDuplicate Duplicate { get; set; }

    /// <summary>Protects the studies of the files: no limit of the archive deletes them until Unprotect-DicomStudy.</summary>
    [Parameter]
    public SwitchParameter Protect { get; set; }

    private protected override void Begin()
    {
        (_folder, _server) = ArchiveArgument.Resolve(Archive, path => FileSource.Folder(this, path));
        _progress = Meter($"Importing into {_folder}");
    }

    private protected override void Process()
    {
        var literal = ParameterSetName == ByLiteralPath;
        foreach (var (file, within) in Source.Files(literal ? LiteralPath : Path, literal))
        {
            if (StopToken.IsCancellationRequested)
                return;
            Add(file, within);
        }
    }

    private protected override void End()
    {
        Flush();
        _progress!.Complete();
        Source.TellEmptyFolders();
        Source.TellSkipped();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Also the way out of Ctrl+C and of Select-Object -First, after which End never runs.
        base.Dispose(disposing);
        if (_files is { } open)
            Task.Run(open.CloseAsync).Wait(TimeSpan.FromSeconds(10));
        _files = null;
    }

    private void Add(string file, FolderScope? within)
    {
        if (within is not null && (IsOurs(System.IO.Path.GetFileName(file)) || !FileDescription.HasPrefix(file)))
        {
            Skip(file);
            return;
        }

        within?.Dicom += 1;
        var how = Protect ? ", and protect its study" : "";
        if (!ShouldProcess(file, $"Import {(InPlace ? "in place" : "a copy")} into the archive {_folder}{how}"))
            return;
        _batch.Add(file);
        if (_batch.Count >= BatchLength)
            Flush();
    }

    // The index and its log are no business of an import, nor is a DICOMDIR, which lists other files.
    private static bool IsOurs(string name) => name.StartsWith(".dicomps-", StringComparison.Ordinal)
        || name.StartsWith("index.sqlite", StringComparison.Ordinal) || string.Equals(name, "DICOMDIR", StringComparison.OrdinalIgnoreCase);

    private void Skip(string file)
    {
        if (!IsOurs(System.IO.Path.GetFileName(file)))
            Source.Skipped++;
        WriteVerbose($"{file}: skipped, no DICOM instance.");
    }

    private void Flush()
    {
        if (_batch.Count == 0)
            return;
        string[] paths = [.. _batch];
        _batch.Clear();
        try
        {
            if (_server is null)
                _files ??= Wait(token => ArchiveFiles.OpenAsync(_folder, token),
                    () => _progress!.Update("Opening the archive", null, null));
            Drain(
                token => _server is { } running ? running.ImportAsync(paths, InPlace, Duplicate, Protect, token)
                    : _files!.ImportAsync(paths, InPlace, Duplicate, Protect, token),
                Write,
                () => _progress!.Count(_done, _progress.IsDue ? Source.Total : null, "files", _failed));
        }
        catch (Exception failure) when (failure is DicomException or IOException or UnauthorizedAccessException)
        {
            Terminate(ArchiveArgument.Named(failure, _folder), _folder);
        }
        catch (ObjectDisposedException)
        {
            Terminate(new ModuleException(ErrorIds.ServerNotFound, ErrorCategory.ObjectNotFound,
                $"The archive {_folder} was stopped.", "Start it again, or name its folder with -Archive.", _folder), _folder);
        }
    }

    private void Write(ImportResult result)
    {
        _done++;
        WriteObject(result);
        if (result.GetException() is { } failure)
        {
            _failed++;
            WriteFailure(failure, result.Path);
        }
    }
}
