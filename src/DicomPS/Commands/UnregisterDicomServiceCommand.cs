using System.Management.Automation;
using DicomPS.Services;

namespace DicomPS.Commands;

/// <summary>
/// Stops services and removes what Register-DicomService wrote for them. Logs, scripts given by -FilePath and what was received stay.
/// </summary>
[Cmdlet(VerbsLifecycle.Unregister, "DicomService", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class UnregisterDicomServiceCommand : SelectedServiceCmdlet
{
    /// <summary>Removes also a service of which a process runs that the system cannot stop.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override string Action => "Stop the service and remove its registration";

    private protected override void Change(ServiceDefinition service)
    {
        if (!Force && Ask(service) is { State: "Unknown", ProcessId: { } id })
        {
            throw new ModuleException(ErrorIds.ServiceFailed, ErrorCategory.ResourceBusy,
                $"{service.Name} runs as process {id}, and the system cannot be asked to stop it.",
                $"Stop it in order with: kill -TERM {id}. -Force removes the registration and leaves the process alone.", service.Name);
        }

        Manager.Remove(service);
        var folder = Path.Combine(ServicePlaces.Folder(service.Scope), service.Name);
        foreach (var file in new[] { RunnerScript.FileName, RunnerScript.BlockFileName, ServiceDefinition.FileName })
            File.Delete(Path.Combine(folder, file));
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    }
}
