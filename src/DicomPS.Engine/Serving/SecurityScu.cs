using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Pdus;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Serving;

/// <summary>
/// Looks at a node as a stranger would: opens associations that say nothing and releases them. No request is sent in any of them, so
/// nothing is stored, asked for or moved.
/// </summary>
internal static class SecurityScu
{
    private const int SoonEnds = 30;
    private static readonly string[] Proposed =
    [
        Uids.Verification, Uids.CTImageStorage, Uids.StudyRootQueryRetrieveInformationModelFind,
        Uids.StudyRootQueryRetrieveInformationModelMove, Uids.StudyRootQueryRetrieveInformationModelGet,
        Uids.ModalityWorklistInformationModelFind, Uids.StorageCommitmentPushModel, Uids.ModalityPerformedProcedureStep,
        Uids.InstanceAvailabilityNotification,
    ];

    /// <summary>Looks at a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="options">Timeouts, titles and TLS of this side.</param>
    /// <param name="movesTo">Where C-MOVE may send to, by AE titles; null where that is not known.</param>
    /// <param name="now">The moment by which certificates end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SecurityResult> TestAsync(DicomNode node, AssociationOptions options, IReadOnlyList<string>? movesTo,
        DateTime now, CancellationToken cancellationToken)
    {
        options = options with
        {
            PresentationContexts = [.. Proposed.Select(uid => new PresentationContextProposal(uid, ["1.2.840.10008.1.2"]))],
        };
        // A title that nobody has: a random one, so that no list has it.
        var nobody = $"X{Guid.NewGuid().ToString("N").Substring(0, 11).ToUpperInvariant()}";
        var result = new SecurityResult { Node = node, MovesTo = movesTo is null ? null : string.Join(",", movesTo) };
        if (options.Tls is { } tls)
            result = await HandshakeAsync(result, node, tls, options.ConnectTimeout, cancellationToken).ConfigureAwait(false);

        var own = await TryAsync(options, cancellationToken).ConfigureAwait(false);
        if (own.Failure is { } failure and not AssociationRejectedException)
            return result with { Failure = failure.Message, Advice = failure.Advice };
        var stranger = await TryAsync(options with { CallingAETitle = nobody, UserIdentity = null }, cancellationToken)
            .ConfigureAwait(false);
        // By the title that is let in, so that only the one thing that is tried differs.
        var known = own.IsIn || !stranger.IsIn ? options : options with { CallingAETitle = nobody };
        var called = await TryAsync(known with { CalledAETitle = nobody }, cancellationToken).ConfigureAwait(false);
        var user = await TryAsync(known with { UserIdentity = UserIdentityRq.ForUser(nobody, nobody) }, cancellationToken)
            .ConfigureAwait(false);
        var isLetIn = own.IsIn || stranger.IsIn;
        var plain = options.Tls is null ? own
            : await TryAsync(options with { Tls = null, ProbesSilentPort = false }, cancellationToken).ConfigureAwait(false);
        result = result with
        {
            Services = own.Services ?? (own.Failure is AssociationRejectedException ? "" : null),
            Strangers = stranger.Services ?? (stranger.Failure is AssociationRejectedException ? "" : null),
            AnyCallingAETitle = stranger.Answer,
            AnyCalledAETitle = isLetIn ? called.Answer : null,
            AnyUser = isLetIn ? user.Answer : null,
            Plain = options.Tls is null ? isLetIn || own.IsAnswered : plain.IsAnswered,
        };
        return Judge(result, user, now);
    }

    private static SecurityResult Judge(SecurityResult result, Look user, DateTime now)
    {
        var found = new List<(string What, string Advice)>();
        if (result.Strangers is { Length: > 0 } open)
            found.Add(($"Any calling AE title may ask for {open}.",
                "Let in only the titles and addresses of your systems; -Allow of servers here."));
        else if (result.AnyCallingAETitle == true)
            found.Add(("Any calling AE title gets an association, in which it can do nothing.", "Refuse titles that are not known."));
        if (result.MovesTo is { Length: > 0 } places && result.Strangers?.Split(',').Contains(nameof(AccessServices.Move)) == true)
            found.Add(($"Whoever may move can have everything sent to {places}.",
                "Name the nodes that may get images, or None, with -MoveDestination."));
        if (result.Plain == true)
            found.Add(("It answers over plain TCP: whoever is on the way reads and changes what goes.",
                "Use TLS, or keep the way within a network of its own."));
        if (result.AnyCalledAETitle == true)
            found.Add(("Any called AE title is taken.", "Let it check the called title; -RequireCalledAETitle of servers here."));
        if (user is { IsIn: true, IsUserConfirmed: true })
            found.Add(("It confirms a user that does not exist: callers that rely on it are deceived.", "Let its vendor mend that."));
        if (result.CertificateNotAfter is { } end && end <= now.AddDays(SoonEnds))
            found.Add(($"Its certificate {(end <= now ? "ended" : "ends")} on {end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.",
                "Give it a new one, and tell its thumbprint to those who trust the old one."));
        if (result.TlsVersion is "Tls" or "Tls11" or "Ssl3" or "Ssl2")
            found.Add(($"It speaks {result.TlsVersion}, which is broken.", "Let it speak TLS 1.2 or 1.3 (PS3.15 B.12)."));
        return result with
        {
            Findings = found.Count == 0 ? null : string.Join(" ", found.Select(one => one.What)),
            Advice = found.Count == 0 ? null : string.Join(" ", found.Select(one => one.Advice)),
        };
    }

    private static async Task<Look> TryAsync(AssociationOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var association = await Association.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
            await using (association.ConfigureAwait(false))
            {
                await association.LeaveAsync(cancellationToken).ConfigureAwait(false);
                var services = association.AcceptedContexts.Aggregate(AccessServices.None,
                    (all, context) => all | AccessOf.Class(context.AbstractSyntax));
                return new Look(AccessRuleText.Show(services), null, association.Response.UserItems.OfType<UserIdentityAc>().Any());
            }
        }
        catch (DicomException problem)
        {
            return new Look(null, problem, false);
        }
    }

    // Whatever certificate it shows: it is looked at, and nothing is said over the connection.
    private static async Task<SecurityResult> HandshakeAsync(SecurityResult result, DicomNode node, TlsClientOptions tls, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        X509Certificate2? shown = null;
        using var client = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout != Timeout.InfiniteTimeSpan)
            limit.CancelAfter(timeout);
        try
        {
            using (limit.Token.Register(static state => ((TcpClient)state!).Dispose(), client))
            {
                await client.ConnectAsync(node.HostName, node.Port).ConfigureAwait(false);
                using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
                {
                    shown = certificate is null ? null : new X509Certificate2(certificate);
                    return true;
                });
                await stream.AuthenticateAsClientAsync(tls.ServerName ?? node.HostName, [.. tls.ClientCertificates],
                    System.Security.Authentication.SslProtocols.None, checkCertificateRevocation: false).ConfigureAwait(false);
                result = result with { TlsVersion = stream.SslProtocol.ToString() };
            }
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested
            && (Transport.IsFailure(problem) || problem is System.Security.Authentication.AuthenticationException))
        {
            // The association, which comes next, says what is wrong in better words.
        }

        using (shown)
        {
            return shown is null ? result : result with
            {
                CertificateSubject = shown.Subject,
                CertificateThumbprint = shown.GetCertHashString(),
                CertificateNotAfter = shown.NotAfter,
            };
        }
    }

    private sealed record Look(string? Services, DicomException? Failure, bool IsUserConfirmed)
    {
        public bool IsIn => Services is { };

        public bool IsAnswered => IsIn || Failure is AssociationRejectedException;

        // A refusal for the moment says nothing of who may come in.
        public bool? Answer => IsIn ? true : Failure is AssociationRejectedException { Result: 1 } ? false : null;
    }
}
