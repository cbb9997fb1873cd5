using System.Net.Security;
using System.Net.Sockets;
using DicomPS.Compatibility;
using DicomPS.Pdus;

namespace DicomPS.Associations;

public sealed partial class Association
{
    /// <summary>Connects, proposes and waits for the answer.</summary>
    /// <param name="options">Whom to call and what to propose.</param>
    /// <param name="cancellationToken">Gives up at once; aborts what has begun.</param>
    /// <exception cref="ArgumentException">The options do not make a request that the standard allows.</exception>
    /// <exception cref="AssociationRejectedException">The peer answered A-ASSOCIATE-RJ.</exception>
    /// <exception cref="DicomNetworkException">No connection, or no association; <see cref="DicomException.Stage"/> says how far it
    /// came.</exception>
    public static async Task<Association> ConnectAsync(AssociationOptions options, CancellationToken cancellationToken = default)
    {
        var request = Negotiation.Propose(options);
        if (options.Host.Length == 0 || options.Port is < 1 or > 65535)
            throw new ArgumentException(
                $"'{options.Host}' port {options.Port} is no address: a host and a port from 1 to 65535 are needed.", nameof(options));

        // Sta1 and Sta4 pass here, before there is anything to run a state for: AE-1 is the connector (PS3.8 table 9-6).
        var tap = options.Wire?.Invoke($"{options.Host}:{options.Port}");
        if (tap is not null) options = options with { Trace = options.Trace + tap.Step };
        Transport transport;
        try
        {
            transport = await options.Connector(options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception problem)
        {
            tap?.Closed?.Invoke(problem);
            throw;
        }

        var timeouts = new Timeouts(options.AssociationTimeout, options.ResponseTimeout, options.WriteTimeout, options.ReleaseTimeout);
        var association = new Association(transport, isRequestor: true, timeouts, options.Trace, tap, threads: null);
        try
        {
            await association.ProposeAsync(request, options, cancellationToken).ConfigureAwait(false);
            return association;
        }
        catch (Exception problem)
        {
            // Before disposing: a server of another protocol may find words when it sees the end.
            var saidNothing = association.BytesReceived == 0 && problem is DicomTimeoutException or AssociationAbortedException;
            await association.DisposeAsync().ConfigureAwait(false);
            if (!saidNothing || options.Tls is not null || !options.ProbesSilentPort) throw;
            var kind = await PortProbe.AskAsync(association.RemoteEndPoint, cancellationToken).ConfigureAwait(false);
            if (kind is not (ForeignKind.Tls or ForeignKind.Http or ForeignKind.Ssh)) throw;
            throw Explanations.Foreign(kind, default, isRequestor: true, problem)!;
        }
    }

    /// <summary>Reads the request from a connection that came in, and answers it. Owns the socket from here on.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="options">What is accepted.</param>
    /// <param name="cancellationToken">Gives up at once; aborts what has begun.</param>
    /// <exception cref="AssociationRejectedException">The request was answered with A-ASSOCIATE-RJ.</exception>
    /// <exception cref="DicomNetworkException">No request came, or something else than one.</exception>
    public static async Task<Association> AcceptAsync(Socket socket, AcceptorOptions options, CancellationToken cancellationToken = default)
    {
        Association? association = null;
        WireTap? tap = null;
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            if (options.Wire is not null) tap = options.Wire(socket.RemoteEndPoint?.ToString() ?? "");
            SslStream? tls = null;
            SocketTuning.Prepare(socket);
            if (options.Tls is not null)
                tls = await TlsHandshake.AsServerAsync(socket, options.Tls, options.AssociationTimeout, options.Threads, cancellationToken)
                    .ConfigureAwait(false);

            var threads = options.DropAfterBytes is null && (tls is null || PatientStream.IsPossible) ? options.Threads : null;
            var transport = new SocketTransport(socket, tls, options.DropAfterBytes);
            association = new Association(transport, isRequestor: false, Timeouts.Of(options),
                options.Trace + tap?.Step, tap, threads);
            await association.AnswerAsync(options, started, cancellationToken).ConfigureAwait(false);
            return association;
        }
        catch (Exception problem)
        {
            if (association is not null) await association.DisposeAsync().ConfigureAwait(false);
            else tap?.Closed?.Invoke(problem);
            socket.Dispose();
            if (problem is SocketException or ObjectDisposedException)
                throw new DicomNetworkException("The connection that came in was gone before it was answered.",
                    problem)
                { Stage = DicomStage.Tcp, IsTransient = true };
            throw;
        }
    }

    /// <summary>As the other, on any connection.</summary>
    internal static async Task<Association> AcceptAsync(Transport transport, AcceptorOptions options, CancellationToken cancellationToken)
    {
        var association = new Association(transport, isRequestor: false, Timeouts.Of(options), options.Trace, tap: null, threads: null);
        try
        {
            await association.AnswerAsync(options, transport.Time.GetTimestamp(), cancellationToken).ConfigureAwait(false);
            return association;
        }
        catch
        {
            await association.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task ProposeAsync(AssociateRq request, AssociationOptions options, CancellationToken cancellationToken)
    {
        Request = request;
        TryFire(UpperLayerEvent.AssociateRequest, out _);
        TryFire(UpperLayerEvent.TransportConfirmed, out _);
        var started = _transport.Time.GetTimestamp();
        await SendAsync(request, cancellationToken).ConfigureAwait(false);
        Tell(AssociationEventKind.Requested, started,
            $"{request.CallingAETitle} asked {request.CalledAETitle} for {request.PresentationContexts.Count} presentation contexts",
            request);

        var wait = Wait.FromNow(_transport.Time, "association", options.AssociationTimeout, "the answer to the association request") with
        {
            Advice =
                "Something listens on this port and does not answer DICOM: check that the port is the node's DICOM port, and whether it "
                + "wants TLS. A busy node may need a longer timeout.",
        };
        while (true)
        {
            var (indication, answer) = await StepAsync(wait, cancellationToken).ConfigureAwait(false);
            switch (indication)
            {
                case Indication.Accepted:
                    Establish(request, (AssociateAc)answer!);
                    Tell(AssociationEventKind.Accepted, started,
                        $"{AcceptedContexts.Count} of {request.PresentationContexts.Count} presentation contexts accepted by "
                        + $"{PeerImplementationVersionName}, maximum PDU {PeerMaximumPduLength}", Response);
                    await RequireUsableMaximumAsync().ConfigureAwait(false);
                    return;
                case Indication.Rejected:
                    var refusal = Explanations.Rejected((AssociateRj)answer!, request, $"{options.Host}:{options.Port}",
                        byPeer: true);
                    Tell(AssociationEventKind.Rejected, started, refusal.Message, answer);
                    throw refusal;
            }
        }
    }

    private async Task AnswerAsync(AcceptorOptions options, long started, CancellationToken cancellationToken)
    {
        TryFire(UpperLayerEvent.TransportIndicated, out _);
        Wait artim = new("association", options.AssociationTimeout, "the association request", started);
        Indication indication;
        Pdu? received;
        do
            (indication, received) = await StepAsync(artim, cancellationToken).ConfigureAwait(false);
        while (indication != Indication.Requested);

        var request = (AssociateRq)received!;
        Request = request;
        Tell(AssociationEventKind.Requested, started,
            $"{request.CallingAETitle} at {RemoteEndPoint} asked {request.CalledAETitle} for {request.PresentationContexts.Count} "
            + "presentation contexts", request);
        var policy = options.Admit is { } admit ? await admit(this, cancellationToken).ConfigureAwait(false)
            : options.PolicyFor?.Invoke(request) ?? options.Policy;
        var answer = Negotiation.Accept(request, policy);
        if (answer is AssociateRj refusal)
        {
            var problem = Explanations.Rejected(refusal, request, $"{request.CallingAETitle} at {RemoteEndPoint}", byPeer: false);
            options.Refusing?.Invoke(problem);
            TryFire(UpperLayerEvent.AssociateReject, out _);
            await SendAsync(refusal, cancellationToken).ConfigureAwait(false);
            Tell(AssociationEventKind.Rejected, started, problem.Message, refusal);
            throw problem;
        }

        // The contexts stand before AE-7 sends: the peer may answer faster than this continues.
        Establish(request, (AssociateAc)answer);
        await RequireUsableMaximumAsync().ConfigureAwait(false);
        TryFire(UpperLayerEvent.AssociateAccept, out _);
        await SendAsync(answer, cancellationToken).ConfigureAwait(false);
        Tell(AssociationEventKind.Accepted, started,
            $"{AcceptedContexts.Count} of {request.PresentationContexts.Count} presentation contexts accepted for {request.CallingAETitle}",
            Response);
    }

    private async Task RequireUsableMaximumAsync()
    {
        if (SendBuffer.IsUsable(PeerMaximumPduLength)) return;
        await AbortAsync(2, AbortReason.InvalidParameterValue).ConfigureAwait(false);
        throw new AssociationAbortedException(
            $"The peer takes PDUs of no more than {PeerMaximumPduLength} bytes, which leaves no room for data.")
        {
            Stage = DicomStage.Association,
            Source = 2,
            Reason = AbortReason.InvalidParameterValue,
            Advice = "Raise the maximum PDU length in the peer's configuration; 16384 is usual.",
        };
    }
}
