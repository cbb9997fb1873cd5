using System.Management.Automation;
using DicomPS.Archiving.Databases;
using DicomPS.Transfers.Working;

namespace DicomPS.Transfers;

/// <summary>Failures of a store of transfers, under ids of their own.</summary>
internal static class TransferErrors
{
    /// <summary>Runs something with a store.</summary>
    public static async Task<T> Named<T>(Func<Task<T>> work, string store)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (DicomException problem) when (problem is not ModuleException)
        {
            throw problem is WorkerPortException deaf ? Of(deaf, store) : Of(problem, store);
        }
    }

    /// <summary>The failure under its id.</summary>
    public static ModuleException Of(DicomException failure, string store) =>
        new(ErrorIds.TransferStoreUnusable, failure.IsTransient ? ErrorCategory.ResourceUnavailable : ErrorCategory.OpenError,
            failure.Message, failure.Advice, StoreAddress.Shown(store), failure);

    /// <summary>What is to come here has no port to come to.</summary>
    public static ModuleException Of(WorkerPortException deaf, string store) => deaf.IsUnknown
        ? new(ErrorIds.LocalPortMissing, ErrorCategory.InvalidArgument, deaf.Message, deaf.Advice, store, deaf)
        : new(ErrorIds.PortInUse, ErrorCategory.ResourceBusy, deaf.Message, deaf.Advice, store, deaf);

    /// <summary>There is no transfer of that name.</summary>
    public static ModuleException NotFound(string name, string store) => new(ErrorIds.TransferNotFound, ErrorCategory.ObjectNotFound,
        $"There is no transfer '{name}' in {store}.", "Get-DicomTransfer lists those that there are; New-DicomTransfer makes one.", name);
}
