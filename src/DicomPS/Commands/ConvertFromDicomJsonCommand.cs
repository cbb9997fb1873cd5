using System.Management.Automation;
using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Json;

namespace DicomPS.Commands;

/// <summary>Reads datasets in the DICOM JSON model, such as those of a DICOMweb service.</summary>
[Cmdlet(VerbsData.ConvertFrom, "DicomJson")]
[OutputType(typeof(JsonInstance))]
public sealed class ConvertFromDicomJsonCommand : DicomCmdlet
{
    private readonly StringBuilder _text = new();

    /// <summary>The text; lines of a file are put together again.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string[] InputObject { get; set; } = [];

    private protected override void Process()
    {
        foreach (var part in InputObject)
            _text.Append(part).Append('\n');
    }

    private protected override void End()
    {
        var omitted = new List<string>();
        var options =
            new JsonDatasetReaderOptions { OnOmitted = (tag, uri) => omitted.Add($"{DicomDictionary.KeywordOf(tag)} {tag}: {uri}") };
        var json = _text.ToString();
        if (string.IsNullOrWhiteSpace(json))
            return;
        try
        {
            foreach (var dataset in JsonDatasetReader.ReadAll(json, options))
            {
                if (StopToken.IsCancellationRequested)
                    return;
                WriteObject(JsonInstance.Of(dataset));
            }
        }
        catch (DicomJsonException e)
        {
            WriteFailure(e, JsonInput(json, e));
        }

        if (omitted.Count > 0)
            WriteWarning($"{omitted.Count} element(s) were left out because their bytes are elsewhere (BulkDataURI); -Verbose names them.");
        omitted.ForEach(WriteVerbose);
    }

    // The line that the error is in: the whole text would fill the screen.
    private static string JsonInput(string json, DicomJsonException e)
    {
        var line = json.Split('\n').ElementAtOrDefault(e.Line - 1) ?? "";
        return line.Length > 200 ? line.Substring(0, 200) : line;
    }
}
