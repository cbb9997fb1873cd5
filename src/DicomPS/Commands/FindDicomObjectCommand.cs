using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Querying;

namespace DicomPS.Commands;

/// <summary>Asks a peer for what services beside images have: hanging protocols, palettes, templates, approvals, inventories.</summary>
[Cmdlet(VerbsCommon.Find, "DicomObject", DefaultParameterSetName = ByNode)]
[OutputType(typeof(ServiceObject))]
public sealed class FindDicomObjectCommand : QueryCmdlet
{
    private ObjectModel? _model;

    /// <summary>The service that is asked.</summary>
    [Parameter(Mandatory = true)]
    public ObjectService Service { get; set; }

    /// <summary>Which of the models of the service; its usual one without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectModelCompleter))]
    public string? Model { get; set; }

    /// <summary>What people know the object by, with wildcards * and ?; the attribute for it is the model's.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? Name { get; set; }

    /// <summary>The objects' UIDs; several go out as a list.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? SOPInstanceUID { get; set; }

    /// <summary>The patients' IDs, where the model knows of a patient; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? PatientID { get; set; }

    private ObjectModel Asked => _model ??= ObjectModelArgument.Find(Service, Model);

    private protected override QueryLevel Level => QueryLevel.Object;

    private protected override ObjectModel? Object => Asked;

    private protected override void Begin()
    {
        CheckKey(nameof(PatientID), Asked.HasPatient, "knows of no patient");
        CheckKey(nameof(SOPInstanceUID), Asked.StorageClasses.Count > 0, "has no instances");
        base.Begin();
    }

    private protected override void AddKeys(QueryKeyTable keys) => keys.Add(Asked.NameKey, Name);

    private protected override void AddTarget(QueryKeyTable keys)
    {
        if (Asked.HasPatient)
            keys.Add(Tags.PatientID, PatientID);
        if (Asked.StorageClasses.Count > 0)
            keys.Add(Tags.SOPInstanceUID, SOPInstanceUID);
    }

    private protected override QueryRequest Complete(QueryRequest request) => request with { Object = Asked };

    private void CheckKey(string parameter, bool isThere, string why)
    {
        if (!isThere && Given(parameter))
        {
            Terminate(new ModuleException(ErrorIds.ParameterWithoutMeaning, ErrorCategory.InvalidArgument,
                $"-{parameter} means nothing here: the model {Asked} {why}.", "Leave it out, or ask by -Name or -Key.", parameter),
                parameter);
        }
    }
}
