using System.Management.Automation;
using DicomPS.Dates;

namespace DicomPS.Queries;

/// <summary>
/// Puts the properties that -Property asks for on objects. The list views of DicomPS.Format.ps1xml show them behind those of the type.
/// </summary>
internal sealed class ExtraProperties(IEnumerable<string> names)
{
    private readonly string[] _names = [.. names];

    /// <summary>The object with its further properties, values in the order of the names; the object itself when there are none.</summary>
    public object AddTo(object found, IEnumerable<object?> values)
    {
        if (_names.Length == 0)
            return found;
        var wider = new PSObject(found);
        foreach (var (name, value) in _names.Zip(values, (name, value) => (name, value)))
            wider.Properties.Add(new PSNoteProperty(name, value is DateTime moment ? IsoDate.Of(moment) : value));
        return wider;
    }
}
