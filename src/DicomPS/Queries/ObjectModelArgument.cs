using System.Collections;
using System.Management.Automation;
using DicomPS.Arguments;
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

/// <summary>Completes the models of the service that -Service names.</summary>
public sealed class ObjectModelCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() => Candidates("", new Hashtable());

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates(string parameter, IDictionary given) =>
        (LanguagePrimitives.TryConvertTo<ObjectService>(given["Service"], out var service) && given.Contains("Service")
            ? ObjectModels.Of(service) : ObjectModels.All).Select(model => (model.Name, Dictionary.DicomDictionary.NameOf(model.Find)));
}

/// <summary>Completes the services whose objects can be retrieved.</summary>
public sealed class RetrievableServiceCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        ObjectModels.All.Where(model => model.Move is not null).Select(model => $"{model.Service}").Distinct().Select(name => (name, ""));
}
