using System.Globalization;
using System.Management.Automation;
using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Files;
using DicomPS.Json;

namespace DicomPS.Commands;

/// <summary>Writes files or datasets in the DICOM JSON model, one text for each.</summary>
[Cmdlet(VerbsData.ConvertTo, "DicomJson", DefaultParameterSetName = ByPath)]
[OutputType(typeof(string))]
public sealed class ConvertToDicomJsonCommand : DatasetOrFileCmdlet
{
    private const long Largest = 512L * 1024 * 1024;
    private StringBuilder? all;
    private JsonDatasetWriterOptions options = JsonDatasetWriterOptions.Default;

    /// <summary>Writes binary values, pixels too, as base64. Without it those longer than -InlineLimit become a reference to the file.</summary>
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
        long limit = MyInvocation.BoundParameters.ContainsKey(nameof(InlineLimit)) ? InlineLimit
            : IncludeBulk ? Largest
            : JsonDatasetWriterOptions.Default.InlineLimit;
        options = new JsonDatasetWriterOptions { Indented = !Compress, InlineLimit = limit };
    }

    private protected override void ProcessFile(string file, bool isFromFolder)
    {
        DicomDataset dataset = Open(file, options.InlineLimit).Dataset;
        Write(dataset, options with { BulkDataUri = element => Reference(file, element) });
    }

    private protected override void ProcessDataset(DicomDataset dataset) => Write(dataset, options);

    private protected override void End()
    {
        base.End();
        if (AsArray)
            WriteObject(all is null ? "[]" : all.Append(Compress ? "]" : "\n]").ToString());
    }

    // A value that had to be read, because the file is deflated or it is in fragments, is named by its tag.
    private static string Reference(string file, DicomElement element) => JsonDatasetWriter.ReferenceTo(element)
        ?? $"{new Uri(System.IO.Path.GetFullPath(file)).AbsoluteUri}#{element.Tag.Value.ToString("X8", CultureInfo.InvariantCulture)}";

    private void Write(DicomDataset dataset, JsonDatasetWriterOptions how)
    {
        string json = JsonDatasetWriter.Write(dataset, how);
        if (!AsArray)
        {
            WriteObject(json);
            return;
        }

        all = all is null ? new StringBuilder("[") : all.Append(',');
        if (!Compress)
            all.Append('\n');
        all.Append(json);
    }
}
