using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Compatibility;

namespace DicomPS.Associations;

/// <summary>Makes the connection beneath an association in named steps: name lookup, TCP, TLS.</summary>
internal static class SocketConnector
{
    public static async Task<Transport> ConnectAsync(AssociationOptions options, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var addresses = await LookUpAsync(options, cancellationToken).ConfigureAwait(false);
        var known = string.Join(", ", addresses.Select(address => address.ToString()));
        Tell(options.Trace, AssociationEventKind.NameResolved, DicomStage.NameLookup, ref started, $"{options.Host} is {known}", known);

        var socket = await ConnectAnyAsync(addresses, options, cancellationToken).ConfigureAwait(false);
        try
        {
            Tell(options.Trace, AssociationEventKind.Connected, DicomStage.Tcp, ref started, $"connected to {socket.RemoteEndPoint}",
                socket.RemoteEndPoint?.ToString());
            if (options.Tls is null) return new SocketTransport(socket, null);
            var (tls, lacks) = await TlsHandshake.AsClientAsync(socket, options.Tls, options.Host, options.ConnectTimeout,
                cancellationToken).ConfigureAwait(false);
            Tell(options.Trace, AssociationEventKind.TlsEstablished, DicomStage.Tls, ref started,
                $"{tls.SslProtocol} with {tls.RemoteCertificate?.Subject}", certificate: tls.RemoteCertificate,
                version: $"{tls.SslProtocol}");
            return new SocketTransport(socket, tls) { LacksCertificate = lacks };
        }
        catch (SocketException problem)
        {
            // A peer that resets at once: not even its address can be asked for any more.
            socket.Dispose();
            throw Explanations.ConnectionClosed(problem, AssociationState.AwaitingAnswer, isInsidePdu: false, options.Tls is not null);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Tell(Action<AssociationEvent>? trace, AssociationEventKind kind, DicomStage stage, ref long started, string text,
        string? address = null, X509Certificate? certificate = null, string? version = null)
    {
        var now = Stopwatch.GetTimestamp();
        trace?.Invoke(new AssociationEvent(kind, stage, TimeSpan.FromSeconds((now - started) / (double)Stopwatch.Frequency),
            text)
        {
            Address = address,
            CertificateThumbprint = certificate?.GetCertHashString(),
            CertificateExpires = (certificate as X509Certificate2)?.NotAfter,
            TlsVersion = version,
        });
        started = now;
    }

    private static async Task<IPAddress[]> LookUpAsync(AssociationOptions options, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(options.Host, out var literal)) return [literal];
        using var limit = Limit(options.ConnectTimeout, cancellationToken);
        try
        {
            var addresses = await NetworkCompatibility.LookUpAsync(options.Host, limit.Token).ConfigureAwait(false);
            if (addresses.Length > 0) return addresses;
            throw new SocketException((int)SocketError.NoData);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DicomTimeoutException("connect", options.ConnectTimeout,
                $"the address of {options.Host}")
            { Stage = DicomStage.NameLookup, IsTransient = true };
        }
        catch (SocketException problem)
        {
            var isTransient = problem.SocketErrorCode == SocketError.TryAgain;
            throw new DicomNetworkException(isTransient ? $"The name server did not answer for {options.Host}."
                : $"No host is known by the name {options.Host}.", problem)
            {
                Stage = DicomStage.NameLookup,
                IsTransient = isTransient,
                Advice = "Check the spelling of the host name, or use its IP address.",
            };
        }
    }

    private static async Task<Socket> ConnectAnyAsync(IPAddress[] addresses, AssociationOptions options,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        DicomNetworkException? failure = null;
        for (var i = 0; i < addresses.Length; i++)
        {
            // An address that swallows packets must not use up the time of those after it.
            var share = options.ConnectTimeout;
            if (share != Timeout.InfiniteTimeSpan)
            {
                var left = share.TotalSeconds - ((Stopwatch.GetTimestamp() - started) / (double)Stopwatch.Frequency);
                share = TimeSpan.FromSeconds(Math.Max(left, 0.05) / (addresses.Length - i));
            }

            var endPoint = new IPEndPoint(addresses[i], options.Port);
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var limit = Limit(share, cancellationToken);
            try
            {
                SocketTuning.Prepare(socket);
                await socket.ConnectAsync(endPoint, limit.Token).ConfigureAwait(false);
                return socket;
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                failure = new DicomTimeoutException("connect", options.ConnectTimeout, $"a TCP connection to {endPoint}")
                {
                    Stage = DicomStage.Tcp,
                    IsTransient = true,
                    Advice = "The host is off, the address is wrong, or a firewall drops the packets.",
                };
            }
            catch (SocketException problem)
            {
                socket.Dispose();
                failure = Explain(problem, endPoint, options.Host);
            }
        }

        throw failure!;
    }

    private static DicomNetworkException Explain(SocketException problem, IPEndPoint endPoint, string host)
    {
        var target = host == endPoint.Address.ToString() ? host : $"{host} ({endPoint.Address})";
        var (what, advice) = problem.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => ($"Nothing listens on port {endPoint.Port} of {target}.",
                "Check the port, and that the DICOM service is running there."),
            SocketError.HostUnreachable or SocketError.HostDown =>
                ($"{target} cannot be reached.", "Check the address, the network and the firewalls between."),
            SocketError.NetworkUnreachable or SocketError.NetworkDown =>
                ($"No network leads to {target}.", "Check the address, and this machine's network connection or VPN."),
            SocketError.TimedOut => ($"{target} did not answer on port {endPoint.Port}.",
                "The host is off, the address is wrong, or a firewall drops the packets."),
            SocketError.ConnectionReset or SocketError.ConnectionAborted =>
                ($"{target} closed the connection to port {endPoint.Port} at once.",
                    "It may let only known addresses in, or have no room for another connection: check its configuration and log."),
            SocketError.AccessDenied => ($"This machine does not allow a connection to port {endPoint.Port} of {target}.",
                "Check the local firewall."),
            _ => ($"No TCP connection to port {endPoint.Port} of {target}: {problem.Message}.", null),
        };
        return new DicomNetworkException(what, problem) { Stage = DicomStage.Tcp, IsTransient = true, Advice = advice };
    }

    private static CancellationTokenSource Limit(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout != Timeout.InfiniteTimeSpan) limit.CancelAfter(timeout);
        return limit;
    }
}
