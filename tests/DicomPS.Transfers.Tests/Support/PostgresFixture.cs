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
        using (var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Server!.Port};Username=dicomps;Database=postgres"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            using var command = connection.CreateCommand();
            command.CommandText = $"CREATE DATABASE {name}";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        return StoreAddress.Parse($"postgresql://dicomps@127.0.0.1:{Server.Port}/{name}", path => path);
    }
}
