using System.Management.Automation;
using DicomPS.Matching;

namespace DicomPS.Queries;

/// <summary>The model that -Service and -Model name.</summary>
internal static class ObjectModelArgument
{
    /// <summary>The model.</summary>
    /// <exception cref="ModuleException">The service has none of that name.</exception>
    public static ObjectModel Find(ObjectService service, string? name) =>
        ObjectModels.Find(service, string.IsNullOrWhiteSpace(name) ? null : name) ?? throw new ModuleException(ErrorIds.ServiceInvalid,
            ErrorCategory.InvalidArgument, $"The service {service} has no model '{name}'.",
            $"It has {string.Join(", ", ObjectModels.Of(service).Select(model => model.Name))}; without -Model the first is meant.", name);
}
