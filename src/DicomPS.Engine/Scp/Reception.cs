using System.Net;
using System.Text;
using DicomPS.Associations;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>Decides for each connection of a server whether it becomes an association, and what is agreed on in it.</summary>
internal sealed class Reception
{
    // How many requests of one association may wait for their answer.
    private const ushort MostOperations = 64;

    private readonly DicomServerOptions _options;
    private readonly ServiceTable _services;
    private readonly FaultMaker? _faults;
    private readonly Admission _admission;
    private readonly Places _places;

    public Reception(DicomServerOptions options, ServiceTable services, FaultMaker? faults, TimeProvider time)
    {
        (_options, _services, _faults) = (options, services, faults);
        _admission = new Admission(options, time);
        _places = new Places(options.MaximumAssociations);
    }

    /// <summary>How many associations are open.</summary>
    public int Active => _places.Count;

    /// <summary>Whether nobody has to be anyone: no rule, no user and no certificate is asked for.</summary>
    public bool IsOpen => _admission.IsOpen && _options is { Identity: null, Tls: not { RequireClientCertificate: true } };

    /// <summary>Who may do what, in words.</summary>
    /// <param name="address">The address that is listened on; null for none of the network.</param>
    public string Access(IPAddress? address)
    {
        var who = _options.Tls is { RequireClientCertificate: true } ? "trusted certificates only, " : "";
        if (_options.Identity is { })
            who += "proven users only, ";
        return !_admission.IsOpen ? $"{who}{_admission}"
            : address is null || IPAddress.IsLoopback(address) ? $"{who}anyone on this machine, for everything"
            : $"{who}anyone who reaches the port, for everything";
    }

    /// <summary>A connection that came in, and what becomes of it.</summary>
    internal sealed class Visit(Reception reception) : IDisposable
    {
        private IPAddress? _place;

        /// <summary>What it asked for; null before it did.</summary>
        public AssociateRq? Request { get; private set; }

        /// <summary>Why it was refused; null when it was not, or when the reject says it all.</summary>
        public Denial? Denial { get; private set; }

        /// <summary>What it may do.</summary>
        public Grant Grant { get; private set; } = Grant.Any;

        /// <summary>The SOP classes that are served here, and not to this caller.</summary>
        public IReadOnlyCollection<string> Forbidden { get; private set; } = [];

        /// <summary>Answers its request.</summary>
        public async ValueTask<AcceptorPolicy> AdmitAsync(Association association, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var request = Request = association.Request;
            var address = association.RemoteEndPoint.Address;
            using var waiting = reception._places.Wait(cancellationToken);
            bool isTaken;
            int held;
            do
                isTaken = reception._places.TryTake(address, out held);
            while (!isTaken && await waiting.NextAsync().ConfigureAwait(false));
            if (isTaken)
                _place = address;
            else
                Denial = Full(held);

            var policy = reception.PolicyFor(request, isFull: _place is null);
            // Before the rules are asked: a full server says so to whoever calls, and who calls the wrong title hears that.
            if (Negotiation.RefusalOf(request, policy) is null)
                policy = await JudgeAsync(association, policy, cancellationToken).ConfigureAwait(false);
            return reception._faults?.Apply(policy) ?? policy;
        }

        public void Dispose()
        {
            // First what its rule counts: who waits for a place looks for that too.
            Grant.Dispose();
            if (_place is { } place)
                reception._places.Leave(place);
            _place = null;
        }

        private async ValueTask<AcceptorPolicy> JudgeAsync(Association association, AcceptorPolicy policy,
            CancellationToken cancellationToken)
        {
            var request = association.Request;
            var caller = new Caller(request.CallingAETitle, request.CalledAETitle, association.RemoteEndPoint, association.PeerCertificate);
            // Whom no rule fits costs no look at a passcode.
            var denial = reception._admission.Stranger(caller);
            string? user = null;
            if (denial is null && reception._options.Identity is { } check)
            {
                (user, denial) = await reception.IdentifyAsync(check, caller, request, cancellationToken).ConfigureAwait(false);
                if (user is { })
                    policy = policy with { UserIdentity = static _ => new UserIdentityDecision(IsAccepted: true) };
            }

            Grant? grant = null;
            if (denial is null)
            {
                using var waiting = reception._places.Wait(cancellationToken);
                do
                    grant = reception._admission.Admit(caller, user, reception._options.Identity is { }, out denial);
                while (denial is { IsTransient: true } && await waiting.NextAsync().ConfigureAwait(false));
            }

            if (grant is null)
            {
                Denial = denial;
                return policy with { Refusal = new AssociateRj((byte)(denial!.IsTransient ? 2 : 1), denial.Source, denial.Why) };
            }

            Grant = grant;
            if (grant.Services == AccessServices.All)
                return policy;
            var roles = request.UserItems.OfType<RoleSelection>().ToList();
            var forbidden = new HashSet<string>(request.PresentationContexts.Select(context => context.AbstractSyntax)
                .Where(uid => policy.AcceptsAbstractSyntax!(uid)
                    && !AccessOf.IsOpen(grant.Services, uid, roles.Find(role => role.SopClassUid == uid))), StringComparer.Ordinal);
            Forbidden = forbidden;
            return policy with
            {
                AcceptsAbstractSyntax = uid => !forbidden.Contains(uid) && policy.AcceptsAbstractSyntax!(uid),
                ChooseRoles = role => role with { Scu = role.Scu && (grant.Services & AccessOf.Class(role.SopClassUid)) != 0 },
            };
        }

        private Denial? Full(int held)
        {
            var most = reception._options.MaximumAssociations;
            return held == 0 || reception.Active >= most ? null : new Denial(3, 2, true,
                $"It has {held} of the {most} associations open; the last ones are kept for others, and it was refused for the moment.",
                "A device that holds associations open, or many behind one router: -MaximumAssociations allows more at once.");
        }
    }

    private async ValueTask<(string? User, Denial? Denial)> IdentifyAsync(IdentityCheck check, Caller caller, AssociateRq request,
        CancellationToken cancellationToken)
    {
        if (request.UserItems.OfType<UserIdentityRq>().FirstOrDefault() is not { } identity)
            return (null, null);
        var named = identity.Kind is UserIdentityKind.UserName or UserIdentityKind.UserNameAndPasscode
            ? $"the user '{SafeText.Clean(Encoding.UTF8.GetString(identity.Primary.ToArray()))}'" : $"a user by {identity.Kind}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.AssociationTimeout);
        try
        {
            if (await check(caller, identity, limit.Token).ConfigureAwait(false) is { } user)
                return (user, null);
            return (null, new Denial(1, 1, false,
                $"'{caller.CallingAETitle}' named {named}, and the passcode or the name is wrong.",
                "Correct it at the caller, or set it anew with Set-DicomUser. Many in a row are somebody who guesses."));
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            // Who cannot be checked does not get in.
            return (null, new Denial(1, 1, false, $"'{caller.CallingAETitle}' named {named}, who could not be checked: {problem.Message}",
                (problem as DicomException)?.Advice));
        }
    }

    private AcceptorPolicy PolicyFor(AssociateRq request, bool isFull) => new()
    {
        CalledAETitles = _options.CheckCalledAETitle ? [_options.AETitle] : null,
        IsLimitReached = isFull,
        AcceptsAbstractSyntax = uid => _options.SopClasses?.Contains(uid) != false
            && _services.Serves(uid, request.UserItems.OfType<RoleSelection>().FirstOrDefault(role => role.SopClassUid == uid)),
        TransferSyntaxes = _options.TransferSyntaxes,
        ExtendedNegotiation = _options.ExtendedNegotiation,
        OperationsWindow = WindowFor(request),
        MaximumPduLength = _options.MaximumPduLength,
    };

    // Requests that are answered in their order may come before the answers go: they wait on their way, and the peer for none. What runs
    // beside the reading, so that C-CANCEL reaches it, is one at a time (PS3.7 D.3.3.3).
    private AsynchronousOperationsWindow WindowFor(AssociateRq request) =>
        new(request.PresentationContexts.All(context => _services.AnswersInOrder(context.AbstractSyntax)) ? MostOperations : (ushort)1, 1);
}
