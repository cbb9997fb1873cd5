using System.Globalization;
using System.Management.Automation;
using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Json;

namespace DicomPS.Commands;

/// <summary>Writes files or datasets in the DICOM JSON model, one text for each.</summary>
[Cmdlet(VerbsData.ConvertTo, "DicomJson", DefaultParameterSetName = ByPath)]
[OutputType(typeof(string))]
public sealed class ConvertToDicomJsonCommand : DatasetOrFileCmdlet
{
    private const long Largest = 512L * 1024 * 1024;
    private StringBuilder? _all;
    private JsonDatasetWriterOptions _options = JsonDatasetWriterOptions.Default;

    /// <summary>
    /// Writes binary values, pixels too, as base64. Without it those longer than -InlineLimit become a reference to the file.
    /// </summary>
    [Parameter]
    public SwitchParameter IncludeBulk { get; set; }

    /// <summary>The most bytes of a binary value that is written as base64: 1024 without -IncludeBulk, 512 MB with it.</summary>
    [Parameter]
    [ValidateRange(0, Largest)]
    public long InlineLimit { get; set; }

    /// <summary>Writes without line breaks and blanks.</summary>
    [Parameter]
    public SwitchParameter Compress { get; set; }

    /// <summary>Writes one text, an array of all.</summary>
    [Parameter]
    public SwitchParameter AsArray { get; set; }

    private protected override string Activity => "Writing JSON";

    private protected override void Begin()
    {
        base.Begin();
        var limit = MyInvocation.BoundParameters.ContainsKey(nameof(InlineLimit)) ? InlineLimit
            : IncludeBulk ? Largest
            : JsonDatasetWriterOptions.Default.InlineLimit;
        _options = new JsonDatasetWriterOptions { Indented = !Compress, InlineLimit = limit };
    }

    private protected override void ProcessFile(string file, bool isFromFolder)
    {
        var dataset = Open(file, _options.InlineLimit).Dataset;
        Write(dataset, _options with { BulkDataUri = element => Reference(file, element) });
    }

    private protected override void ProcessDataset(DicomDataset dataset) => Write(dataset, _options);

    private protected override void End()
    {
        base.End();
        if (AsArray)
            WriteObject(_all is null ? "[]" : _all.Append(Compress ? "]" : "\n]").ToString());
    }

    // A value that had to be read, because the file is deflated or it is in fragments, is named by its tag.
    private static string Reference(string file, DicomElement element) => JsonDatasetWriter.ReferenceTo(element)
        ?? $"{new Uri(System.IO.Path.GetFullPath(file)).AbsoluteUri}#{element.Tag.Value.ToString("X8", CultureInfo.InvariantCulture)}";

    private void Write(DicomDataset dataset, JsonDatasetWriterOptions how)
    {
        var json = JsonDatasetWriter.Write(dataset, how);
        if (!AsArray)
        {
            WriteObject(json);
            return;
        }

        _all = _all is null ? new StringBuilder("[") : _all.Append(',');
        if (!Compress)
            _all.Append('\n');
        _all.Append(json);
    }
}
