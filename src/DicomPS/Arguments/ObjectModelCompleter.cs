using System.Collections;
using System.Management.Automation;
using DicomPS.Matching;

namespace DicomPS.Arguments;

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
