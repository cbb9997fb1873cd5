using System.Diagnostics;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scu;

/// <summary>
/// C-ECHO (PS3.4 A, PS3.7 9.1.5), layer by layer: name, TCP, TLS, association, presentation context, DIMSE.
/// </summary>
public static class EchoScu
{
    private const string Verification = "1.2.840.10008.1.1";
    private const string ImplicitVRLittleEndian = "1.2.840.10008.1.2";

    /// <summary>Tries a node and says how far it got. What the peer or the network does wrong is in the result, not thrown.</summary>
    /// <param name="node">Whom to try.</param>
    /// <param name="options">Timeouts, TLS and user identity; the presentation context and the trace are set here.</param>
    /// <param name="count">How many echoes to send on the one association, 1 or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<EchoResult> DiagnoseAsync(DicomNode node, AssociationOptions options, int count,
        CancellationToken cancellationToken)
    {
        if (count < 1)
            throw new ArgumentOutOfRangeException(nameof(count), count, "At least one echo is needed.");
        var trail = new Trail();
        options = options with
        {
            PresentationContexts = [new PresentationContextProposal(Verification, [ImplicitVRLittleEndian])],
            Trace = trail.Add + options.Trace,
        };

        var roundTrips = new List<TimeSpan>(Math.Min(count, 100_000));
        Association? association = null;
        try
        {
            association = await Association.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
            await EchoAsync(association, count, roundTrips, cancellationToken).ConfigureAwait(false);
            // The node has answered by now: how it takes leave is worth telling, and no failure of the echo.
            var release = await association.LeaveAsync(cancellationToken).ConfigureAwait(false);
            return Result(node, trail, association, roundTrips, null) with { ReleaseFailure = release?.Message };
        }
        catch (DicomException problem)
        {
            if (association is { })
                await association.LeaveAsync(cancellationToken).ConfigureAwait(false);
            return Result(node, trail, association, roundTrips, problem);
        }
        finally
        {
            if (association is { })
                await association.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task EchoAsync(Association association, int count, List<TimeSpan> roundTrips, CancellationToken cancellationToken)
    {
        if (association.AcceptedContexts is not [var context, ..])
        {
            throw ServiceUser.Refused(association, Verification,
                "The network and the AE titles are right. The peer does not offer C-ECHO to this AE title; other services may work.");
        }

        var exchange = new DimseExchange(association);
        for (var i = 0; i < count; i++)
        {
            var request = new CommandSet { Field = CommandField.CEchoRequest, AffectedSopClassUid = Verification };
            var start = Stopwatch.GetTimestamp();
            var answer = await exchange.AskAsync(context, request, null, cancellationToken).ConfigureAwait(false);
            // No response without one gets here.
            var status = answer.Status!.Value;
            if (status != Statuses.Success)
                throw DimseRefusal.Exception("The peer answered C-ECHO with status", StatusTable.General, status, answer.ErrorComment);

            roundTrips.Add(TimeSpan.FromSeconds((Stopwatch.GetTimestamp() - start) / (double)Stopwatch.Frequency));
        }
    }

    private static EchoResult Result(DicomNode node, Trail trail, Association? association, List<TimeSpan> roundTrips,
        DicomException? problem)
    {
        var sorted = roundTrips.ToArray();
        Array.Sort(sorted);
        return new EchoResult
        {
            Node = node,
            Success = problem is null,
            Reached = problem?.Stage ?? DicomStage.Dimse,
            Count = sorted.Length,
            RoundTrip = sorted.Length == 0 ? null : sorted[sorted.Length / 2],
            RoundTripMinimum = sorted.Length == 0 ? null : sorted[0],
            RoundTripMaximum = sorted.Length == 0 ? null : sorted[^1],
            NameLookupTime = trail.Time(AssociationEventKind.NameResolved),
            TcpTime = trail.Time(AssociationEventKind.Connected),
            TlsTime = trail.Time(AssociationEventKind.TlsEstablished),
            TlsVersion = trail.Find(AssociationEventKind.TlsEstablished)?.TlsVersion,
            CertificateThumbprint = trail.Find(AssociationEventKind.TlsEstablished)?.CertificateThumbprint,
            CertificateExpires = trail.Find(AssociationEventKind.TlsEstablished)?.CertificateExpires,
            AssociationTime = trail.Time(AssociationEventKind.Accepted),
            Address = trail.Address,
            ImplementationClassUID = association?.PeerImplementationClassUid is { Length: > 0 } uid ? uid : null,
            ImplementationVersionName = association?.PeerImplementationVersionName is { Length: > 0 } name ? name : null,
            MaximumPduLength = association?.PeerMaximumPduLength,
            StatusCode = (problem as DicomStatusException)?.Status ?? (sorted.Length > 0 ? (ushort)0 : null),
            Failure = problem?.Message,
            Cause = problem?.InnerException?.Message,
            Advice = problem?.Advice,
            Exception = problem,
        };
    }

    private sealed class Trail
    {
        private readonly List<AssociationEvent> _events = [];

        public void Add(AssociationEvent step)
        {
            lock (_events)
                _events.Add(step);
        }

        public string? Address
        {
            get
            {
                lock (_events)
                    return _events.FindLast(step => step.Address is { })?.Address;
            }
        }

        public TimeSpan? Time(AssociationEventKind kind) => Find(kind)?.Elapsed;

        public AssociationEvent? Find(AssociationEventKind kind)
        {
            lock (_events)
                return _events.Find(step => step.Kind == kind);
        }
    }
}
