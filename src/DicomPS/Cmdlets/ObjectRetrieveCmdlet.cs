using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Retrieving;

namespace DicomPS.Cmdlets;

/// <summary>The base of Move-DicomObject and Receive-DicomObject: which objects of which service to retrieve.</summary>
public abstract class ObjectRetrieveCmdlet : RetrieveCmdlet
{
    /// <summary>The service whose objects are wanted.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(RetrievableServiceCompleter))]
    public ObjectService Service { get; set; }

    /// <summary>Which of the models of the service; its usual one without it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectModelCompleter))]
    public string? Model { get; set; }

    /// <summary>SOP Instance UIDs of the objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ScalarTransform]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? SOPInstanceUID { get; set; }

    private protected override IReadOnlyList<string> UidKeys => [nameof(SOPInstanceUID)];

    // What has no patient has no place in folders by patient.
    private protected override string UsualLayout => "Flat";

    private protected override IEnumerable<RetrieveKeys> Requests()
    {
        var model = ObjectModelArgument.Find(Service, Model);
        yield return new RetrieveKeys
        {
            Object = model,
            SOPInstanceUID = SOPInstanceUID ?? [],
            SOPClassUID = model.StorageClasses,
        };
    }
}
