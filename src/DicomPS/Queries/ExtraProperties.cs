using System.Management.Automation;
using DicomPS.Dates;

namespace DicomPS.Queries;

/// <summary>
/// Puts the properties that -Property asks for on objects. Format-List shows them among those of DicomPS.Types.ps1xml: what an
/// object brings itself does not count beside the sets of its type, so it is of a type of its own in front, as a CIM instance is.
/// </summary>
internal sealed class ExtraProperties(IEnumerable<string> names)
{
    private const string Define = "param($name, $shown) Microsoft.PowerShell.Utility\\Update-TypeData -TypeName $name -DefaultDisplayPropertySet $shown -Force";

    private readonly string[] names = [.. names];
    private string? type;

    /// <summary>The object with its further properties, values in the order of the names; the object itself when there are none.</summary>
    public object AddTo(object found, IEnumerable<object?> values)
    {
        if (names.Length == 0)
            return found;
        var wider = new PSObject(found);
        type ??= DefineType(wider);
        wider.TypeNames.Insert(0, type);
        foreach ((string name, object? value) in names.Zip(values, (name, value) => (name, value)))
            wider.Properties.Add(new PSNoteProperty(name, value is DateTime moment ? IsoDate.Of(moment) : value));
        return wider;
    }

    private string DefineType(PSObject found)
    {
        string name = $"{found.BaseObject.GetType().FullName}#{string.Join(",", names)}";
        try
        {
            if ((found.Members["PSStandardMembers"] as PSMemberSet)?.Members["DefaultDisplayPropertySet"] is PSPropertySet shown)
                ScriptBlock.Create(Define).Invoke(name, shown.ReferencedPropertyNames.Concat(names).ToArray());
        }
        catch (RuntimeException)
        {
            // A restricted session may not have the command; a list of properties is worth no query.
        }

        return name;
    }
}
