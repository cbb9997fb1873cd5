using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Writes what came of a transfer into one file: HTML that opens anywhere, or CSV.</summary>
[Cmdlet(VerbsData.Export, "DicomTransferReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo))]
public sealed class ExportDicomTransferReportCommand : TransferCmdlet
{
    /// <summary>The file: .html for people, .csv for programs. One that is there is replaced.</summary>
    [Parameter(Mandatory = true)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override void Process()
    {
        var path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        var isCsv = path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);
        var isHtml = Array.Exists([".html", ".htm"], end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase));
        if (!isCsv && !isHtml)
        {
            throw new ModuleException(ErrorIds.ArgumentInvalid, ErrorCategory.InvalidArgument,
                $"The report '{Path}' is neither .html nor .csv.", "Name a file that ends with .html, to be read, or with .csv.", Path);
        }

        var names = Names();
        if (names.Count > 1)
        {
            throw new ModuleException(ErrorIds.ArgumentInvalid, ErrorCategory.InvalidArgument,
                $"There are {names.Count} transfers, and a report is of one.", "Name it: the second parameter, -Name.", names);
        }

        foreach (var name in names)
        {
            if (!ShouldProcess(path, $"Write the report of {name}"))
                continue;
            var file = File;
            var count = Wait(token => file.WriteReportAsync(name, path, isCsv, token));
            WriteVerbose($"{path}: {count} studies of {name}.");
            WriteObject(new FileInfo(path));
        }
    }
}
