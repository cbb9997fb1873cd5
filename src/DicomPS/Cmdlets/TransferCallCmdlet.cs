using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Transfers;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets of transfers that call nodes.</summary>
public abstract class TransferCallCmdlet : ConnectionCmdlet
{
    private TransferStores? _stores;

    /// <summary>The store: a file of this machine, or postgresql://HOST:5432/DATABASE.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Store { get; set; } = "";

    /// <summary>The names of the transfers; wildcards choose several. Without it all of the store.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Who logs in to PostgreSQL; without it a passfile, a certificate or the system decides.</summary>
    [Parameter]
    [Credential]
    public PSCredential? StoreCredential { get; set; }

    /// <summary>How many studies are under way at the most; the limits of the nodes hold as well.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    [Alias("ThrottleLimit")]
    public int Associations { get; set; } = 4;

    /// <summary>The store of the record.</summary>
    private protected TransferFile File => (_stores ??= new TransferStores(this)).Open(Store, StoreCredential, false,
        work => Wait(_ => work(LeaveToken)), AwaitsStore ? NoteWarning : null);

    /// <summary>Whether a store that cannot be reached is waited for; otherwise it is an error at once.</summary>
    private protected virtual bool AwaitsStore => false;

    /// <summary>Cancelled when the work is to end: by Ctrl+C, and by a signal where one is listened for.</summary>
    private protected virtual CancellationToken LeaveToken => StopToken;

    /// <summary>How nodes are called.</summary>
    private protected Func<DicomNode, AssociationOptions> Caller()
    {
        var settings = CallSettings();
        var trace = Trace();
        return node => settings(AssociationOptions.For(node) with { Wire = trace is null ? null : _ => trace.Tap(node.ToString()) });
    }

    /// <summary>Whether a name was given that no transfer has.</summary>
    private protected bool IsNameMissing { get; private set; }

    /// <summary>The names that are meant; one that is not there is an error of its own, also with wildcards.</summary>
    private protected IReadOnlyList<string> Names(TransferFile file)
    {
        var all = Wait(_ => file.NamesAsync(LeaveToken));
        var names = new List<string>();
        foreach (var wanted in Name ?? ["*"])
        {
            var pattern = WildcardPattern.Get(wanted, WildcardOptions.None);
            var found = all.Where(name => name == wanted || pattern.IsMatch(name)).ToList();
            if (found.Count > 0 || Name is null)
                names.AddRange(found.Where(name => !names.Contains(name)));
            else
                WriteFailure(TransferErrors.NotFound(wanted, file.Address), wanted);
            IsNameMissing |= found.Count == 0 && Name is not null;
        }

        return names;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _stores?.Close();
        _stores = null;
    }
}
