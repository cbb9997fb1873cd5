using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Files;
using DicomPS.Part10;

namespace DicomPS.Commands;

/// <summary>Reads the headers of files and writes one object for each; pixels are not read.</summary>
[Cmdlet(VerbsCommon.Get, "DicomFile", DefaultParameterSetName = ByPath)]
[OutputType(typeof(FileHeader))]
public sealed class GetDicomFileCommand : FileCmdlet
{
    private FileProperties? _properties;

    /// <summary>Further attributes, by keyword, tag, or path into sequences; they become properties.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(KeywordCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Property { get; set; } = [];

    private protected override string Activity => "Reading headers";

    private protected override void Begin()
    {
        _properties = new FileProperties(Property);
        base.Begin();
    }

    private protected override void ProcessFile(string file, bool isFromFolder)
    {
        var header = FileHeader.Read(file, _properties!.Last, out var elements, out var isTruncated, StopToken);
        if (isFromFolder && header.SOPClassUID == Uids.MediaStorageDirectoryStorage)
        {
            WriteVerbose($"{file}: a DICOMDIR lists other files and is left out; name it to see it.");
            return;
        }

        if (isTruncated)
            WarnTruncated(file);
        SeenValues.Remember(header);
        WriteObject(_properties.AddTo(header, elements));
    }
}
