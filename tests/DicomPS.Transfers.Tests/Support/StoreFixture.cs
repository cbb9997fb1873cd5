namespace DicomPS.Transfers.Tests.Support;

/// <summary>Where the tests of a class have their stores: the same tests run on each kind.</summary>
public abstract class StoreFixture : IAsyncLifetime
{
    /// <summary>Why there is no such store here; null when there is.</summary>
    public virtual string? Missing => null;

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>The address of a store that no other test uses.</summary>
    internal abstract Task<StoreAddress> NewAddressAsync();

    internal async Task<TransferStore> NewAsync(TimeSpan shift = default)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return await TransferStore.OpenAsync(await NewAddressAsync(), mayCreate: true, TestContext.Current.CancellationToken, shift);
    }

    /// <summary>The same store as another process has it, perhaps with a clock that is ahead.</summary>
    internal static Task<TransferStore> AgainAsync(TransferStore store, TimeSpan shift = default) =>
        TransferStore.OpenAsync(store.Address, mayCreate: false, TestContext.Current.CancellationToken, shift);
}
