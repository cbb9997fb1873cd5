using System.Management.Automation;
using DicomPS.Services;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that change services which are registered.</summary>
public abstract class SelectedServiceCmdlet : ServiceCmdlet
{
    /// <summary>The names; wildcards choose several.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServiceNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Services of the system or of the user only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateSet(ServicePlaces.System, ServicePlaces.User)]
    public string? Scope { get; set; }

    /// <summary>What is done to one of them.</summary>
    private protected abstract void Change(ServiceDefinition service);

    /// <summary>In words, for -WhatIf.</summary>
    private protected abstract string Action { get; }

    private protected override void Process()
    {
        foreach (var service in Name.SelectMany(name => Named(name, Scope)).ToList())
        {
            try
            {
                if (!ShouldProcess($"{service.Name} ({service.Registration})", Action))
                    continue;
                CheckMayChange(service.Scope, service.Name);
                Change(service);
            }
            catch (Exception e) when (e is ModuleException or IOException or UnauthorizedAccessException or RuntimeException
                and not (PipelineStoppedException or ActionPreferenceStopException))
            {
                WriteFailure(e, service.Name);
            }
        }
    }
}
