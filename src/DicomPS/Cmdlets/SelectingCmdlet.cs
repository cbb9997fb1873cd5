using System.Management.Automation;
using DicomPS.Files;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that take files among other things, and call no peer: which files are meant.</summary>
public abstract class SelectingCmdlet : DicomCmdlet
{
    private FileSource? _source;

    /// <summary>Goes into the folders below a named folder as well.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Takes only files whose names fit one of these patterns.</summary>
    [Parameter]
    [Alias("Filter")]
    [SupportsWildcards]
    [NamePattern]
    public string[]? Include { get; set; }

    /// <summary>Leaves out files whose names fit one of these patterns.</summary>
    [Parameter]
    [SupportsWildcards]
    [NamePattern]
    public string[]? Exclude { get; set; }

    /// <summary>What the paths name.</summary>
    private protected FileSource Source => _source ??= new FileSource(this, Recurse, new NameFilter(Include, Exclude));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _source?.Dispose();
    }
}
