using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Engine.Tests.Scu;

public class EchoScuTests
{
    [Fact]
    public async Task A_node_that_answers_is_described_with_its_timings()
    {
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([EchoScp.Row]));
        var result = await EchoAsync(server.Port, count: 5);
        Assert.Equal((true, DicomStage.Dimse, 5, (ushort?)0), (result.Success, result.GetStage(), result.Count, result.StatusCode));
        Assert.Equal($"127.0.0.1:{server.Port}", result.Address);
        Assert.Equal(262144, result.MaximumPduLength);
        Assert.StartsWith("DICOMPS_", result.ImplementationVersionName);
        Assert.True(result.RoundTripMinimum <= result.RoundTrip && result.RoundTrip <= result.RoundTripMaximum);
        Assert.All([result.NameLookupTime, result.TcpTime, result.AssociationTime], time => Assert.NotNull(time));
        Assert.Null(result.Failure);
    }

    [Fact]
    public async Task A_port_with_nothing_behind_it_still_shows_the_address_that_was_tried()
    {
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var result = await EchoAsync(((IPEndPoint)held.LocalEndPoint!).Port);
        Assert.Equal((false, DicomStage.Tcp, "127.0.0.1"), (result.Success, result.GetStage(), result.Address));
        Assert.NotNull(result.Failure);
        Assert.NotNull(result.Advice);
    }

    [Fact]
    public async Task A_peer_without_verification_fails_at_the_presentation_context()
    {
        var store = new ServiceRow(Uids.CTImageStorage, CommandField.CStoreRequest, (call, _) => call.Reply(0), 0xC210, 0xC211);
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([store]));
        var result = await EchoAsync(server.Port);
        Assert.Equal((false, DicomStage.PresentationContext), (result.Success, result.GetStage()));
        Assert.Contains("Verification", result.Failure);
    }

    [Fact]
    public async Task A_failure_status_is_told_by_its_meaning()
    {
        var row = EchoScp.Row with { Handler = (call, _) => throw new ServiceException(0x0124, "not you") };
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([row]));
        var result = await EchoAsync(server.Port, count: 3);
        Assert.Equal((false, DicomStage.Dimse, (ushort?)0x0124, 0), (result.Success, result.GetStage(), result.StatusCode, result.Count));
        Assert.Contains("Not Authorised", result.Failure);
        Assert.Contains("not you", result.Failure);
    }

    private static Task<EchoResult> EchoAsync(int port, int count = 1)
    {
        var node = new DicomNode { AETitle = "PEER", HostName = "127.0.0.1", Port = port };
        return EchoScu.DiagnoseAsync(node, AssociationOptions.For(node), count, TestContext.Current.CancellationToken);
    }
}
