using System.Management.Automation;
using DicomPS.Services;

namespace DicomPS.Commands;

/// <summary>Has the system start services that Register-DicomService made.</summary>
[Cmdlet(VerbsLifecycle.Start, "DicomService", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RegisteredService))]
public sealed class StartDicomServiceCommand : SelectedServiceCmdlet
{
    /// <summary>Writes the services, with their state.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string Action => "Start the service";

    private protected override void Change(ServiceDefinition service)
    {
        Manager.Start(service);
        if (PassThru)
            WriteObject(Ask(service));
    }
}
