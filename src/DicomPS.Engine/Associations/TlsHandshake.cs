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
    public static async Task<SslStream> AsClientAsync(Socket socket, TlsClientOptions options, string host, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var judge = new CertificateJudge(options.Validation, options.PinnedThumbprints, isRequired: true);
        var certificates = new X509CertificateCollection();
        foreach (var certificate in options.ClientCertificates) certificates.Add(certificate);
        var name = options.ServerName ?? host;
        return await RunAsync(
            socket,
            beforeRead: null,
            judge,
            stream => stream.AuthenticateAsClientAsync(name, certificates, SslProtocols.None, checkCertificateRevocation: false),
            isRequestor: true,
            timeout,
            cancellationToken).ConfigureAwait(false);
    }

    public static async Task<SslStream> AsServerAsync(Socket socket, TlsServerOptions options, TimeSpan timeout, ReadingThreads? threads,
        CancellationToken cancellationToken)
    {
        Action? beforeRead = threads is null ? null : () =>
        {
            if (threads.IsHere) socket.Poll(threads.Patience);
        };
        var judge = new CertificateJudge(options.Validation, options.PinnedThumbprints, options.RequireClientCertificate);
        var asks = options.RequireClientCertificate || options.AsksForClientCertificate || options.Validation == TlsValidation.Pinned;
        return await RunAsync(
            socket,
            beforeRead,
            judge,
            stream => stream.AuthenticateAsServerAsync(options.Certificate, asks, SslProtocols.None, checkCertificateRevocation: false),
            isRequestor: false,
            timeout,
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<SslStream> RunAsync(Socket socket, Action? beforeRead, CertificateJudge judge,
        Func<SslStream, Task> authenticate, bool isRequestor, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var connection = new PatientStream(socket, beforeRead);
        var stream = new SslStream(connection, leaveInnerStreamOpen: false, judge.Judge);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout != Timeout.InfiniteTimeSpan) limit.CancelAfter(timeout);
        try
        {
            using (limit.Token.Register(static state => ((Socket)state!).Dispose(), socket))
                await authenticate(stream).ConfigureAwait(false);

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

    /// <summary>Judges a certificate and keeps the reason of a refusal.</summary>
    private sealed class CertificateJudge(TlsValidation validation, IReadOnlyList<string> thumbprints, bool isRequired)
    {
        private X509Certificate? _shown;

        public string? Refusal { get; private set; }

        /// <summary>Whose certificate it was, and its thumbprint; with a blank before, empty when none was shown.</summary>
        public string Shown => _shown is { } certificate
            ? $" It is that of {certificate.Subject}, thumbprint {certificate.GetCertHashString()}."
            : "";

        /// <summary>
        /// How to take it all the same. Who only copies the thumbprint trusts whoever answered: the advice is to compare.
        /// </summary>
        public string Trust(string parameter) => _shown is { } certificate
            ? $"If the peer itself shows this thumbprint, trust it with {parameter} {certificate.GetCertHashString()}."
            : $"Give the peer a certificate, and name its thumbprint with {parameter}.";

        public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            // SslStream disposes of its own.
            _shown = certificate is null ? null : new X509Certificate(certificate);
            Refusal = Find(certificate, chain, errors);
            return Refusal is null;
        }

        private string? Find(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (certificate is null) return isRequired ? "it shows none" : null;
            return validation switch
            {
                TlsValidation.AcceptAny => null,
                TlsValidation.Pinned when IsPinned(certificate.GetRawCertData()) => null,
                TlsValidation.Pinned => "its thumbprint is not among those of -TrustedThumbprint",
                _ => Describe(chain, errors),
            };
        }

        private static string? Describe(X509Chain? chain, SslPolicyErrors errors)
        {
            if (errors == SslPolicyErrors.None) return null;
            var reasons = new List<string>();
            if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0) reasons.Add("it was issued for another name");
            if ((errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0) reasons.Add("it shows none");
            if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
                foreach (var status in chain?.ChainStatus ?? []) reasons.Add(status.StatusInformation.Trim().TrimEnd('.'));

            return string.Join("; ", reasons);
        }

        private bool IsPinned(byte[] certificate)
        {
            using var sha1 = SHA1.Create();
            using var sha256 = SHA256.Create();
            var first = Hex(sha1.ComputeHash(certificate));
            var second = Hex(sha256.ComputeHash(certificate));
            foreach (var thumbprint in thumbprints)
            {
                var wanted = thumbprint.Replace(":", "").Replace(" ", "").Replace("-", "").ToUpperInvariant();
                if (wanted == first || wanted == second) return true;
            }

            return false;
        }

        private static string Hex(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "");
    }
}
