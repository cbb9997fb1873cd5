using System.Net;
using Npgsql;

namespace DicomPS.Transfers.Tests.Store;

public class PasswordTests
{
    [Fact]
    public async Task A_server_that_asks_for_a_password_is_not_called_again_and_again_without_one()
    {
        if (PostgresServer.Missing is { } missing)
            Assert.Skip(missing);
        using var server = PostgresServer.Start("right");
        try
        {
            var address = StoreAddress.Parse($"postgresql://dicomps@127.0.0.1:{server.Port}/postgres", path => path);

            var none = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(address));
            Assert.False(none.IsTransient);
            Assert.Contains("-StoreCredential", none.Advice, StringComparison.Ordinal);

            var wrong = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(address with { Credential = new("dicomps", "wrong") }));
            Assert.False(wrong.IsTransient);
            Assert.DoesNotContain("wrong", wrong.Message, StringComparison.Ordinal);

            await using var store = await OpenAsync(address with { Credential = new NetworkCredential("dicomps", "right") });
            Assert.Empty(await store.TransfersAsync(null, TestContext.Current.CancellationToken));
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
        }
    }

    private static Task<TransferStore> OpenAsync(StoreAddress address) =>
        TransferStore.OpenAsync(address, mayCreate: true, TestContext.Current.CancellationToken);
}
