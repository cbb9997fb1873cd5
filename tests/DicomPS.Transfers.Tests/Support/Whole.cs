namespace DicomPS.Transfers.Tests.Support;

/// <summary>What holds of every transfer that is at its end, whatever happened to it.</summary>
internal static class Whole
{
    /// <summary>No slot is left, every try is written and none was changed, and the destination has what the source has.</summary>
    public static async Task AssertAsync(TransferStore store, TransferRow transfer, TwoArchives archives)
    {
        var cancellation = TestContext.Current.CancellationToken;
        Assert.All(await store.NodesAsync(cancellation), node => Assert.Equal(0, node.Taken));
        var (attempts, broken) = await store.CheckChainAsync(transfer.Name, cancellation);
        Assert.Null(broken);
        var items = await store.ItemsAsync(transfer.Id, null, cancellation).ToListAsync(cancellation);
        Assert.Equal(attempts, items.Sum(item => item.Attempts));
        Assert.All(items, item => Assert.Null(item.Worker));
        var (old, @new) = archives.Contents();
        Assert.Equal(old, @new);
    }
}
