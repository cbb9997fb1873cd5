using System.Management.Automation;
using DicomPS.Files;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that call a peer about files: which files are meant.</summary>
/// <remarks>
/// PowerShell reads parameters from the properties of a class and its bases, and a class has one base: so these three stand once for
/// the cmdlets that call a peer, once for those that do not (<see cref="SelectingCmdlet"/>), and once for those that have them in some
/// of their parameter sets only (<see cref="FileCmdlet"/>).
/// </remarks>
public abstract class RemoteFileCmdlet : RemoteCmdlet
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
