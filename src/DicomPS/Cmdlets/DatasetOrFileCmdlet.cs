using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that take whole datasets: from files, or those of earlier results.</summary>
public abstract class DatasetOrFileCmdlet : FileCmdlet
{
    /// <summary>The parameter set in which -Dataset brings the dataset.</summary>
    private protected const string ByDataset = "Dataset";

    /// <summary>A dataset, such as the one of a result of Find-DicomStudy; from objects with such a property by its name.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByDataset, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public DicomDataset? Dataset { get; set; }

    /// <summary>Takes a dataset that is in memory.</summary>
    private protected abstract void ProcessDataset(DicomDataset dataset);

    private protected override void Process()
    {
        if (ParameterSetName == ByDataset)
            ProcessDataset(Dataset!);
        else
            base.Process();
    }

    /// <summary>Reads a whole file; values of more bytes than this stay where they are.</summary>
    private protected DicomFile Open(string file, long threshold = 64 * 1024)
    {
        var options = new DatasetReaderOptions { AllowTruncated = true, LargeValueThreshold = Math.Min(threshold, 64 * 1024) };
        var opened = Wait(token => DicomFile.OpenAsync(file, options, token));
        if (opened.IsTruncated)
            WarnTruncated(file);
        return opened;
    }
}
