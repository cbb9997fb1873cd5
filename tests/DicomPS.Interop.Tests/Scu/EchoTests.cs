using DicomPS.Associations;
using DicomPS.Interop.Tests.Support;
using DicomPS.Scu;

namespace DicomPS.Interop.Tests.Scu;

/// <summary>What Test-DicomEcho finds out about real peers.</summary>
public class EchoTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Storescp_answers_and_is_named()
    {
        await using var server = await StorescpServer.StartAsync(Cancellation);

        var result = await EchoAsync(Engine.Node(server.Port));

        Succeeded(result, "OFFIS_DCMTK");
        Assert.Equal(16384, result.MaximumPduLength);
    }

    [Fact]
    public async Task Dcmqrscp_answers_and_is_named()
    {
        await using var server = await DcmqrscpServer.StartAsync(Cancellation);

        var result = await EchoAsync(Engine.Node(server.Port, DcmqrscpServer.AETitle));

        Succeeded(result, "OFFIS_DCMTK");
        Assert.Equal(131072, result.MaximumPduLength);
    }

    [Fact]
    public async Task Orthanc_answers_and_is_named()
    {
        await using var server = await OrthancServer.StartAsync(Cancellation);

        Succeeded(await EchoAsync(Engine.Node(server.Port, OrthancServer.AETitle)), "OFFIS_DCMTK");
    }

    [Fact]
    public async Task Many_echoes_go_over_one_association()
    {
        await using var server = await StorescpServer.StartAsync(Cancellation);

        var result = await EchoScu.DiagnoseAsync(
            Engine.Node(server.Port), AssociationOptions.For(Engine.Node(server.Port)), count: 50, Cancellation);

        Assert.True(result.Success, result.Failure);
        Assert.Equal(50, result.Count);
        Assert.Equal(50, await server.LoggedAsync("Received Echo Request", 50, Cancellation));
        Assert.Equal(1, await server.LoggedAsync("Association Received", 1, Cancellation));
    }

    private static Task<EchoResult> EchoAsync(DicomNode node) =>
        EchoScu.DiagnoseAsync(node, AssociationOptions.For(node), count: 1, Cancellation);

    private static void Succeeded(EchoResult result, string implementation)
    {
        Assert.True(result.Success, result.Failure);
        Assert.Null(result.Failure);
        Assert.Null(result.Exception);
        Assert.StartsWith(implementation, result.ImplementationVersionName, StringComparison.Ordinal);
        Assert.StartsWith("1.2.276.0.7230010.3", result.ImplementationClassUID, StringComparison.Ordinal);
        Assert.StartsWith("127.0.0.1:", result.Address, StringComparison.Ordinal);
        Assert.Equal((ushort)0, result.StatusCode);
        Assert.NotNull(result.RoundTrip);
        Assert.NotNull(result.TcpTime);
        Assert.NotNull(result.AssociationTime);
        Assert.Null(result.TlsTime);
    }

}
