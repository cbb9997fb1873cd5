using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets of transfers: which store, and which transfers of it.</summary>
public abstract class TransferCmdlet : ConnectionlessTransferCmdlet
{
    /// <summary>The names of the transfers; wildcards choose several.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public virtual string[]? Name { get; set; }

    /// <summary>The names that are meant; one that is not there is an error of its own.</summary>
    private protected IReadOnlyList<string> Names()
    {
        var all = Wait(token => File.NamesAsync(token));
        var names = new List<string>();
        foreach (var wanted in Name ?? ["*"])
        {
            var pattern = WildcardPattern.Get(wanted, WildcardOptions.None);
            var found = all.Where(name => name == wanted || pattern.IsMatch(name)).ToList();
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(wanted))
                WriteFailure(TransferErrors.NotFound(wanted, File.Address), wanted);
            names.AddRange(found.Where(name => !names.Contains(name)));
        }

        return names;
    }
}
