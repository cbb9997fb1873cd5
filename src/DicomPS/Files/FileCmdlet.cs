using System.Management.Automation;
using DicomPS.Data;

namespace DicomPS.Files;

/// <summary>The base of the cmdlets that read files: what they are, which of a folder are meant, and what becomes of those that cannot be read.</summary>
public abstract class FileCmdlet : DicomCmdlet
{
    /// <summary>The parameter set in which -Path names the files.</summary>
    private protected const string ByPath = "Path";

    /// <summary>The parameter set in which -LiteralPath names the files.</summary>
    private protected const string ByLiteralPath = "LiteralPath";

    private readonly List<FolderScope> folders = [];
    private FileSource? source;
    private FileCounter? counter;
    private ProgressMeter? progress;
    private long done;

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

    /// <summary>What the progress bar says.</summary>
    private protected abstract string Activity { get; }

    /// <summary>Reads one file and writes what comes of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isFromFolder">Whether a folder happened to hold it; otherwise it was named.</param>
    private protected abstract void ProcessFile(string file, bool isFromFolder);

    private protected override void Begin()
    {
        source = new FileSource(this, Recurse);
        progress = Meter(Activity);
    }

    private protected override void Process()
    {
        bool literal = ParameterSetName == ByLiteralPath;
        string[] items = (literal ? LiteralPath : Path).SelectMany(path => source!.Resolve(path, literal)).ToArray();
        if (!MyInvocation.ExpectingInput)
            counter = new FileCounter(token => FileSource.Count(items, Recurse, token));
        foreach (string item in items)
        {
            FolderScope? folder = Directory.Exists(item) ? Remember(item) : null;
            foreach (string file in source!.Files(item))
            {
                if (StopToken.IsCancellationRequested)
                    return;
                Try(file, folder);
                done++;
                progress!.Count(done, progress.IsDue ? counter?.Total : null, "files");
            }
        }
    }

    private protected override void End()
    {
        progress?.Complete();
        foreach (FolderScope folder in folders.Where(folder => folder.Dicom == 0))
        {
            WriteFailure(new ModuleException(Errors.FolderWithoutDicom, ErrorCategory.ObjectNotFound, $"No DICOM file was found in '{folder.Path}'.",
                Recurse ? "Check the folder." : "Add -Recurse to look into the folders below it as well.", folder.Path), folder.Path);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        counter?.Dispose();
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

    private FolderScope Remember(string folder)
    {
        // A folder with something in it needs no watching any more, so that a long pipeline of folders stays flat.
        folders.RemoveAll(old => old.Dicom > 0);
        folders.Add(new FolderScope(folder));
        return folders[folders.Count - 1];
    }
}
