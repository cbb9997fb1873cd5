using System.Net.Sockets;
using DicomPS.Interop.Tests.Support;

namespace DicomPS.Interop.Tests.Fixtures;

public class OddServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_web_server_answers_with_HTTP()
    {
        await using var server = OddServer.Http();

        Assert.StartsWith("HTTP/1.1 400", System.Text.Encoding.ASCII.GetString(await AnswerAsync(server)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TLS_server_answers_plain_text_with_an_alert_or_closes()
    {
        await using var server = OddServer.Tls();

        var answer = await AnswerAsync(server);

        Assert.True(answer.Length == 0 || answer[0] == 21, $"First byte {answer.FirstOrDefault()}");
    }

    [Fact]
    public async Task A_TLS_server_with_an_alert_answers_with_it()
    {
        await using var server = OddServer.TlsWithAlert();

        Assert.Equal(21, (await AnswerAsync(server))[0]);
    }

    [Fact]
    public async Task A_closing_server_closes()
    {
        await using var server = OddServer.Closing();

        Assert.Empty(await AnswerAsync(server));
    }

    /// <summary>What comes back for the head of an A-ASSOCIATE-RQ, up to the end of the connection.</summary>
    private static async Task<byte[]> AnswerAsync(OddServer server)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Port, Cancellation);
        var answer = new MemoryStream();
        try
        {
            await client.GetStream().WriteAsync(new byte[] { 1, 0, 0, 0, 0, 200, 0, 1, 0, 0 }, Cancellation);
            await client.GetStream().CopyToAsync(answer, Cancellation);
        }
        catch (IOException)
        {
            // Reset: as good an end as any.
        }

        return answer.ToArray();
    }
}
