using System.Data.Common;
using Microsoft.Data.Sqlite;

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

    internal override DbConnection Connect(StoreAddress address) => new SqliteConnection($"Data Source={address.Path};Default Timeout=30");

    internal override Task<StoreAddress> NewAddressAsync() =>
        Task.FromResult(StoreAddress.Parse(_folder.At($"{Interlocked.Increment(ref _count)}.db"), path => path));
}
