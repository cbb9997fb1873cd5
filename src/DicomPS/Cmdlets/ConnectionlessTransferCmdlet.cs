using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that use a store of transfers and call no node.</summary>
public abstract class ConnectionlessTransferCmdlet : DicomCmdlet
{
    private TransferStores? _stores;

    /// <summary>The store: a file of this machine, or postgresql://HOST:5432/DATABASE.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Store { get; set; } = "";

    /// <summary>Who logs in to PostgreSQL; without it a passfile, a certificate or the system decides.</summary>
    [Parameter]
    [Credential]
    public PSCredential? StoreCredential { get; set; }

    /// <summary>Whether the store is made when there is none.</summary>
    private protected virtual bool MayCreate => false;

    /// <summary>The store of the record.</summary>
    private protected TransferFile File => (_stores ??= new TransferStores(this)).Open(Store, StoreCredential, MayCreate,
        work => Wait(work));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _stores?.Close();
        _stores = null;
    }
}
