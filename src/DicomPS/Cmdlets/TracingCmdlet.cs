using System.Management.Automation;
using DicomPS.Tracing;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that speak DICOM: where their traffic is written down.</summary>
public abstract class TracingCmdlet : DicomCmdlet
{
    private WireTrace? _trace;
    private bool _isDecided;

    /// <summary>The file that the decoded traffic is appended to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TracePath { get; set; }

    /// <summary>Shows patients' data in the trace.</summary>
    [Parameter]
    public SwitchParameter IncludePatientData { get; set; }

    /// <summary>Whether the associations end before the cmdlet does, so that -Verbose and -Debug can tell of them.</summary>
    private protected virtual bool TellsStory => true;

    /// <summary>The trace that was asked for, made and checked when it is first needed; null for none. On the pipeline thread.</summary>
    private protected WireTrace? Trace()
    {
        if (_isDecided)
            return _trace;
        _isDecided = true;
        if (IncludePatientData && TracePath is null)
            WriteWarning("-IncludePatientData does nothing without -TracePath.");
        var options = new WireTraceOptions
        {
            Path = TracePath is null || IsWhatIf ? null : TraceFile(TracePath),
            Title = MyInvocation.MyCommand.Name,
            IncludePatientData = IncludePatientData,
            Story = TellsStory && Wants("Verbose") ? Note : null,
            Commands = TellsStory && Wants("Debug") ? NoteDebug : null,
        };
        if (options.Path is null && options.Story is null && options.Commands is null)
            return null;
        var made = new WireTrace(options);
        made.Failed += problem => NoteWarning(problem.Message);
        try
        {
            made.Check();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var isFolder = Directory.Exists(options.Path);
            Doom(Unusable(isFolder ? $"The trace file '{options.Path}' is a folder."
                : $"The trace file '{options.Path}' cannot be written: {e.Message}",
                isFolder || e is not UnauthorizedAccessException ? ErrorCategory.OpenError : ErrorCategory.PermissionDenied,
                isFolder ? "Name a file in it." : "Nothing was sent. Name a file in a folder that exists and may be written to.", e),
                options.Path);
        }

        return _trace = made;
    }

    private string TraceFile(string path)
    {
        var file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        if (provider.Name != "FileSystem")
            Doom(Unusable($"The trace file '{path}' is not in the file system.", ErrorCategory.InvalidArgument, "Name a file.", null),
                path);
        return file;
    }

    private static ModuleException Unusable(string message, ErrorCategory category, string advice, Exception? inner) =>
        new(Errors.TraceUnusable, category, message, advice, null, inner);
}
