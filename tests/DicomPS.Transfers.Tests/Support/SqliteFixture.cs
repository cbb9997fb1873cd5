namespace DicomPS.Transfers.Tests.Support;

/// <summary>Stores in files.</summary>
public sealed class SqliteFixture : StoreFixture
{
    private readonly TestFolder _folder = new();
    private int _count;

    public override ValueTask InitializeAsync() => default;

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }

    internal override Task<StoreAddress> NewAddressAsync() =>
        Task.FromResult(StoreAddress.Parse(_folder.At($"{Interlocked.Increment(ref _count)}.db"), path => path));
}
