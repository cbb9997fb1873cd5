using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Compatibility;

namespace DicomPS.Associations;

/// <summary>Opens TLS over a connected socket, from either side, and says in words what goes wrong.</summary>
internal static class TlsHandshake
{
    /// <returns>The stream, and whether the peer asked for a certificate of this side, which has none.</returns>
    public static async Task<(SslStream Stream, bool LacksCertificate)> AsClientAsync(Socket socket, TlsClientOptions options, string host,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var judge = new CertificateJudge(options);
        var certificates = new X509CertificateCollection();
        foreach (var certificate in options.ClientCertificates) certificates.Add(certificate);
        var name = options.ServerName ?? host;
        var stream = await RunAsync(
            socket,
            beforeRead: null,
            judge,
            stream => TlsAuthentication.AsClientAsync(stream, name, certificates, options.Profile),
            options.Profile,
            isRequestor: true,
            timeout,
            cancellationToken).ConfigureAwait(false);
        return (stream, judge.LacksOurs);
    }

    public static async Task<SslStream> AsServerAsync(Socket socket, TlsServerOptions options, TimeSpan timeout, ReadingThreads? threads,
        CancellationToken cancellationToken)
    {
        Action? beforeRead = threads is null ? null : () =>
        {
            if (threads.IsHere) socket.Poll(threads.Patience);
        };
        var judge = new CertificateJudge(options);
        var asks = options.RequireClientCertificate || options.AsksForClientCertificate || options.Validation == TlsValidation.Pinned
            || options.Authorities.Count > 0 || options.Subjects.Count > 0;
        return await RunAsync(
            socket,
            beforeRead,
            judge,
            stream => TlsAuthentication.AsServerAsync(stream, options.Certificate, asks, options.Profile),
            options.Profile,
            isRequestor: false,
            timeout,
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<SslStream> RunAsync(Socket socket, Action? beforeRead, CertificateJudge judge,
        Func<SslStream, Task> authenticate, TlsProfile profile, bool isRequestor, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var connection = new PatientStream(socket, beforeRead);
        var stream = new SslStream(connection, leaveInnerStreamOpen: false, judge.Judge,
            isRequestor && !judge.HasOurs ? judge.HaveNone : null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout != Timeout.InfiniteTimeSpan) limit.CancelAfter(timeout);
        try
        {
            using (limit.Token.Register(static state => ((Socket)state!).Dispose(), socket))
                await authenticate(stream).ConfigureAwait(false);

            TlsAuthentication.Check(stream, profile);
            limit.Token.ThrowIfCancellationRequested();
            return stream;
        }
        catch (Exception problem) when (Transport.IsFailure(problem)
            || problem is AuthenticationException or NotSupportedException or CryptographicException)
        {
            var first = connection.First().ToArray();
            stream.Dispose();
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
            {
                throw new DicomTimeoutException(isRequestor ? "connect" : "association", timeout, "the TLS handshake")
                {
                    Stage = DicomStage.Tls,
                    IsTransient = true,
                    Advice = isRequestor && first.Length == 0
                        ? "The peer took the connection and did not answer the TLS hello; it may expect plain DICOM on this port." : null,
                };
            }

            throw Explain(problem, judge, first, isRequestor);
        }
    }

    private static DicomNetworkException Explain(Exception problem, CertificateJudge judge, ReadOnlySpan<byte> first, bool isRequestor)
    {
        var kind = ForeignProtocol.Recognize(first);
        var (which, what, advice) = (judge.Refusal, kind, isRequestor) switch
        {
            (string refusal, _, true) => (
                NetworkProblem.CertificateRejected,
                $"The certificate of the peer is not trusted: {refusal}.{judge.Shown}",
                $"{judge.Trust("-TrustedThumbprint")} Or add its issuer to the trust store, or call the host by the name in it."),
            (string refusal, _, false) => (
                NetworkProblem.CertificateRejected,
                $"The certificate of the calling peer is not trusted: {refusal}.{judge.Shown}",
                $"{judge.Trust("-TrustedThumbprint of this server")} Or add its issuer to the trust store."),
            (_, ForeignKind.Dicom, true) => (
                NetworkProblem.TlsMismatch,
                "The port speaks plain DICOM, not TLS.",
                "Call it without -Tls (Set-DicomNode NAME -Tls:$false, if it is registered), or use the node's TLS port; 2762 is usual."),
            (_, ForeignKind.Dicom, false) => (NetworkProblem.TlsMismatch, "The peer speaks plain DICOM to a TLS port.",
                "Turn TLS on at the peer, or give it the plain port."),
            (_, ForeignKind.Http, true) => (NetworkProblem.ForeignProtocol,
                "A plain HTTP server answers on this port, neither TLS nor DICOM.", "Check host and port."),
            (_, ForeignKind.Http, false) => (NetworkProblem.ForeignProtocol, "The peer sent an HTTP request to a DICOM TLS port.",
                "A browser, a health check or a DICOMweb client is pointed at this port."),
            (_, ForeignKind.Ssh, _) => (NetworkProblem.ForeignProtocol, "An SSH server answers on this port, not a DICOM node.",
                "Check host and port."),
            (_, ForeignKind.Tls, true) when judge.LacksOurs => (
                NetworkProblem.TlsHandshake,
                $"The peer wants a certificate of this side, and none was shown: {Innermost(problem)}",
                "Name a certificate that the peer trusts with -Certificate or -CertificateThumbprint."),
            (_, ForeignKind.Tls, true) => (
                NetworkProblem.TlsHandshake,
                $"The TLS handshake failed: {Innermost(problem)}",
                "The peer may want a certificate of this side (-Certificate, -CertificateThumbprint), or share no TLS version or cipher "
                + "with it."),
            (_, ForeignKind.Tls, false) => (
                NetworkProblem.TlsHandshake,
                $"The TLS handshake failed: {Innermost(problem)}",
                "The peer may not trust the certificate that this server shows (-Certificate), or share no TLS version or cipher with it."),
            (_, _, true) when first.IsEmpty => (
                NetworkProblem.TlsMismatch,
                "The peer closed the connection instead of answering the TLS hello.",
                "It may speak plain DICOM: call it without -Tls (Set-DicomNode NAME -Tls:$false, if it is registered), "
                + "or use its TLS port."),
            (_, _, false) when first.IsEmpty => (NetworkProblem.None, "The peer closed the connection without a TLS hello.", null),
            _ => (NetworkProblem.ForeignProtocol, $"The peer answered with bytes that are no TLS: {ForeignProtocol.Show(first)}.",
                "Another service uses this port; check host and port."),
        };
        return new DicomNetworkException(what, problem) { Stage = DicomStage.Tls, Problem = which, Advice = advice };
    }

    private static string Innermost(Exception problem)
    {
        while (problem.InnerException is not null) problem = problem.InnerException;
        return problem.Message;
    }
}
