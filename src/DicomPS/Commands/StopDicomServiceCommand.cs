using System.Management.Automation;
using DicomPS.Services;

namespace DicomPS.Commands;

/// <summary>Has the system stop services in order: what is in flight is finished first.</summary>
[Cmdlet(VerbsLifecycle.Stop, "DicomService", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RegisteredService))]
public sealed class StopDicomServiceCommand : SelectedServiceCmdlet
{
    /// <summary>Writes the services, with their state.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string Action => "Stop the service";

    private protected override void Change(ServiceDefinition service)
    {
        Manager.Stop(service);
        if (PassThru)
            WriteObject(Ask(service));
    }
}
