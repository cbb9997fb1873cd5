using System.Management.Automation;

namespace DicomPS.Services;

/// <summary>What the system says of a service.</summary>
/// <param name="State">A word of <see cref="RegisteredService.State"/>.</param>
/// <param name="Enabled">Whether it starts by itself.</param>
/// <param name="Detail">More, in words.</param>
internal sealed record ManagerAnswer(string State, bool? Enabled, string? Detail);

/// <summary>What starts services on a system. Names that come here are checked.</summary>
internal abstract class ServiceManager
{
    /// <summary>That of this system.</summary>
    /// <param name="cmdlet">Whose session asks.</param>
    /// <exception cref="ModuleException">There is none that is known here.</exception>
    public static ServiceManager Of(PSCmdlet cmdlet)
    {
        if (ServicePlaces.IsLinux)
            return new SystemdManager();
        return ServicePlaces.IsWindows ? new TaskManager(cmdlet)
            : throw new ModuleException(ErrorIds.ServiceUnsupported, ErrorCategory.NotImplemented,
            "Services are registered with systemd on Linux and as scheduled tasks on Windows; this system has neither.",
            "Start pwsh with a script that ends with Start-DicomArchive -Wait or its kin, by whatever starts programs here.", null);
    }

    /// <summary>Whether this session may do it for the whole system.</summary>
    public abstract bool MayChangeSystem();

    /// <summary>Whether something of that name is registered by somebody else; what it is, in words.</summary>
    public abstract string? Foreign(ServiceDefinition service);

    /// <summary>Registers it for the next start of the system.</summary>
    /// <param name="service">The service.</param>
    /// <param name="credential">The account, where it needs a password.</param>
    /// <returns>Null, or why it is written and not registered.</returns>
    public abstract string? Register(ServiceDefinition service, PSCredential? credential);

    /// <summary>What a user types to register by hand what was written.</summary>
    public abstract string ByHand(ServiceDefinition service);

    /// <summary>What the system says of it.</summary>
    public abstract ManagerAnswer Ask(ServiceDefinition service);

    /// <summary>Starts it.</summary>
    public abstract void Start(ServiceDefinition service);

    /// <summary>Stops it in order and waits for its end.</summary>
    public abstract void Stop(ServiceDefinition service);

    /// <summary>Removes it from the system; a service that runs is stopped before.</summary>
    public abstract void Remove(ServiceDefinition service);

    private protected static ModuleException Missing(ServiceDefinition service, string reason)
    {
        var running = ServiceStatus.TryRead(service.StateFolder) is { IsAlive: true } status ? status.ProcessId : (int?)null;
        return new ModuleException(ErrorIds.ServiceManagerMissing, ErrorCategory.ResourceUnavailable,
            $"{service.Name}: the service manager of this system does not answer: {reason}",
            running is { } id ? $"Process {id} runs as this service; it stops in order with: kill -TERM {id}"
                : $"Run this where it does; by hand the service is started with: {ServiceArgument.CommandLine(service.Command)}",
                service.Name);
    }

    private protected static ModuleException Refused(ServiceDefinition service, string what, string reason, string advice) =>
        new(ErrorIds.ServiceFailed, ErrorCategory.InvalidResult, $"{service.Name} could not be {what}: {reason}", advice, service.Name);
}
