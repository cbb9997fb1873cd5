using System.Data.Common;
using Npgsql;

namespace DicomPS.Transfers.Tests.Support;

/// <summary>Stores in PostgreSQL, a database each; the server runs as long as the class.</summary>
public sealed class PostgresFixture : StoreFixture
{
    private int _count;

    public override string? Missing => PostgresServer.Missing;

    internal PostgresServer? Server { get; private set; }

    public override ValueTask InitializeAsync()
    {
        if (Missing is null)
            Server = PostgresServer.Start();
        return default;
    }

    public override ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        Server?.Dispose();
        return default;
    }

    internal override DbConnection Connect(StoreAddress address) => new NpgsqlConnection(address.Connection + ";Search Path=dicomps");

    internal override async Task<StoreAddress> NewAddressAsync()
    {
        var name = $"store{Interlocked.Increment(ref _count)}";
        await RunAsync($"CREATE DATABASE {name}");
        return StoreAddress.Parse($"postgresql://dicomps@127.0.0.1:{Server!.Port}/{name}", path => path);
    }

    /// <summary>Has a database refuse to be written to, as a standby does, or take it again.</summary>
    internal async Task SetReadOnlyAsync(TransferStore store, bool isReadOnly)
    {
        var name = store.Address.Text.Split('/')[^1];
        await RunAsync($"ALTER DATABASE {name} SET default_transaction_read_only = {(isReadOnly ? "on" : "off")}");
        NpgsqlConnection.ClearAllPools();
    }

    // A connection of its own each time: one of a pool may have lost its server meanwhile.
    private async Task RunAsync(string sql)
    {
        using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Server!.Port};Username=dicomps;Database=postgres;Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
