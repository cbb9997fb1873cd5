using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;

namespace DicomPS.Engine.Tests.Associations;

/// <summary>Both ends of an association over loopback, and the parts to make them of.</summary>
internal sealed class Loopback : IAsyncDisposable
{
    public const string Verification = "1.2.840.10008.1.1";
    public const string Implicit = "1.2.840.10008.1.2";

    private Loopback(Association requestor, Association acceptor) => (Requestor, Acceptor) = (requestor, acceptor);

    public Association Requestor { get; }

    public Association Acceptor { get; }

    public static async Task<Loopback> OpenAsync(Func<AssociationOptions, AssociationOptions>? change = null,
        AcceptorOptions? acceptor = null, bool isIPv6 = false)
    {
        using var listener = new TcpListener(isIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0);
        listener.Start();
        var options = Options(((IPEndPoint)listener.LocalEndpoint).Port);
        if (isIPv6) options = options with { Host = "::1" };
        if (change is not null) options = change(options);
        var accepting = AcceptAsync(listener, acceptor ?? new AcceptorOptions());
        var requestor = await Association.ConnectAsync(options, TestContext.Current.CancellationToken);
        return new Loopback(requestor, await accepting);
    }

    public static async Task<Association> AcceptAsync(TcpListener listener, AcceptorOptions options) =>
        await Association.AcceptAsync(await listener.AcceptSocketAsync(), options, CancellationToken.None);

    public static AssociationOptions Options(int port) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        PresentationContexts = [new(Verification, [Implicit])],
        AssociationTimeout = TimeSpan.FromSeconds(60),
        ResponseTimeout = TimeSpan.FromSeconds(60),
    };

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Requestor.DisposeAsync().AsTask(), Acceptor.DisposeAsync().AsTask());
    }
}
