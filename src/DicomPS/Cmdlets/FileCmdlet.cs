using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Files;
using DicomPS.Pipeline;

namespace DicomPS.Cmdlets;

/// <summary>
/// The base of the cmdlets that read files: which ones are named, and what happens to those that cannot be read.
/// </summary>
public abstract class FileCmdlet : DicomCmdlet
{
    /// <summary>The parameter set in which -Path names the files.</summary>
    private protected const string ByPath = "Path";

    /// <summary>The parameter set in which -LiteralPath names the files.</summary>
    private protected const string ByLiteralPath = "LiteralPath";

    private FileSource? _source;
    private ProgressMeter? _progress;
    private long _done;

    /// <summary>Files, folders or wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files or folders whose names are taken as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Goes into the folders below a named folder as well.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Takes only files whose names fit one of these patterns.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [Alias("Filter")]
    [SupportsWildcards]
    [NamePattern]
    public string[]? Include { get; set; }

    /// <summary>Leaves out files whose names fit one of these patterns.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [SupportsWildcards]
    [NamePattern]
    public string[]? Exclude { get; set; }

    /// <summary>What the progress bar says.</summary>
    private protected abstract string Activity { get; }

    /// <summary>Reads one file and writes what comes of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isFromFolder">Whether a folder happened to hold it; otherwise it was named.</param>
    private protected abstract void ProcessFile(string file, bool isFromFolder);

    private protected override void Begin()
    {
        _source = new FileSource(this, Recurse, new NameFilter(Include, Exclude));
        _progress = Meter(Activity);
    }

    private protected override void Process()
    {
        var literal = ParameterSetName == ByLiteralPath;
        foreach (var (file, folder) in _source!.Files(literal ? LiteralPath : Path, literal))
        {
            if (StopToken.IsCancellationRequested)
                return;
            Try(file, folder);
            _done++;
            _progress!.Count(_done, _progress.IsDue ? _source.Total : null, "files");
        }
    }

    private protected override void End()
    {
        _progress?.Complete();
        _source!.TellEmptyFolders();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _source?.Dispose();
    }

    /// <summary>Says that a file ends too early; what was read of it is there.</summary>
    private protected void WarnTruncated(string file) => WriteWarning($"{file}: the file is cut short; what is there is shown.");

    private void Try(string file, FolderScope? folder)
    {
        try
        {
            ProcessFile(file, folder is not null);
            folder?.Dicom += 1;
        }
        catch (DicomDataException) when (folder is not null && !FileDescription.HasPrefix(file))
        {
            WriteVerbose($"{file}: not DICOM, skipped.");
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            folder?.Dicom += 1;
            WriteFailure(e, file);
        }
    }
}
