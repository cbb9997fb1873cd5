using System.Management.Automation;
using DicomPS.Services;

namespace DicomPS.Commands;

/// <summary>Lists the services that Register-DicomService made, with what the system and they themselves say of their state.</summary>
[Cmdlet(VerbsCommon.Get, "DicomService")]
[OutputType(typeof(RegisteredService))]
public sealed class GetDicomServiceCommand : ServiceCmdlet
{
    /// <summary>The names; wildcards choose several.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServiceNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Services of the system or of the user only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateSet(ServicePlaces.System, ServicePlaces.User)]
    public string? Scope { get; set; }

    private protected override void Process()
    {
        foreach (var definition in (Name ?? [null!]).SelectMany(name => Named(name, Scope)))
            WriteObject(Ask(definition));
    }
}
