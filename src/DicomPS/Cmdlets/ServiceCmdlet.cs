using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Runtime.Serialization;
using DicomPS.Services;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that work on registered services: which ones are meant, and what is known of them.</summary>
public abstract class ServiceCmdlet : DicomCmdlet
{
    private ServiceManager? _manager;

    /// <summary>The system's own service manager.</summary>
    private protected ServiceManager Manager => _manager ??= ServiceManager.Of(this);

    /// <summary>
    /// The definitions of a name, which may have wildcards; what is not there, or cannot be read, is an error of its own.
    /// </summary>
    private protected IEnumerable<ServiceDefinition> Named(string? name, string? scope)
    {
        var pattern = WildcardPattern.Get(name ?? "*", WildcardOptions.IgnoreCase);
        var found = false;
        foreach (var (known, at) in Known().Where(one => (scope is null || one.Scope == scope) && pattern.IsMatch(one.Name))
            .Select(one => (one.Name, one.Scope)))
        {
            found = true;
            if (Read(known, at) is { } definition)
                yield return definition;
        }

        if (!found && name is not null && !WildcardPattern.ContainsWildcardCharacters(name))
        {
            WriteFailure(new ModuleException(ErrorIds.ServiceNotFound, ErrorCategory.ObjectNotFound,
                $"No service '{name}' is registered{(scope is null ? "" : $" with -Scope {scope}")}.",
                "Get-DicomService lists those that are; services of other users are seen by themselves only.", name), name);
        }
    }

    /// <summary>A service and what is known of it.</summary>
    private protected RegisteredService Ask(ServiceDefinition definition)
    {
        var answer = Wait(_ => Task.FromResult(Manager.Ask(definition)));
        var service = new RegisteredService(definition) { State = answer.State, Enabled = answer.Enabled, Detail = answer.Detail };
        service.Add(ServiceStatus.TryRead(definition.StateFolder));
        return service;
    }

    /// <summary>Services of the system are changed by its administrator only.</summary>
    private protected void CheckMayChange(string scope, string name)
    {
        if (scope == ServicePlaces.System && !Manager.MayChangeSystem())
        {
            throw new ModuleException(ErrorIds.ServiceNotPermitted, ErrorCategory.PermissionDenied,
                $"{name}: only {(ServicePlaces.IsWindows ? "an administrator" : "root")} may change services of the system.",
                ServicePlaces.IsWindows ? "Run it in a PowerShell that was started as administrator, or register with -Scope User."
                    : "Run it in a pwsh that was started with sudo, or register with -Scope User.", name);
        }
    }

    /// <summary>All that are registered, by their folders.</summary>
    internal static IEnumerable<(string Name, string Scope)> Known()
    {
        foreach (var scope in new[] { ServicePlaces.System, ServicePlaces.User })
        {
            string[] folders;
            try
            {
                folders = Directory.GetDirectories(ServicePlaces.Folder(scope));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            foreach (var folder in folders.OrderBy(folder => folder, StringComparer.OrdinalIgnoreCase)
                .Where(folder => File.Exists(Path.Combine(folder, ServiceDefinition.FileName))))
                yield return (Path.GetFileName(folder), scope);
        }
    }

    private ServiceDefinition? Read(string name, string scope)
    {
        var path = Path.Combine(ServicePlaces.Folder(scope), name, ServiceDefinition.FileName);
        try
        {
            var definition = ServiceDefinition.Read(path);
            if (definition.Name != name || definition.Scope != scope)
                throw new SerializationException($"{path} is of the service {definition.Name} of {definition.Scope}.");
            return definition;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SerializationException)
        {
            WriteFailure(new ModuleException(ErrorIds.ServiceBroken, ErrorCategory.InvalidData,
                $"{name}: what was registered cannot be read. {e.Message}",
                "Register it again with Register-DicomService -Force.", name, e), name);
            return null;
        }
    }
}

/// <summary>Offers the names of registered services.</summary>
public sealed class ServiceNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters) =>
        ServiceCmdlet.Known().Select(one => one.Name).Distinct()
            .Where(name => name.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult(name));
}
