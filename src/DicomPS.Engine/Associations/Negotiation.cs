using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>The presentation contexts of an association, sorted by the answer.</summary>
/// <param name="Accepted">Those that both sides agreed on, in the order of the proposal.</param>
/// <param name="Refused">The others, in the order of the proposal.</param>
internal sealed record NegotiatedContexts(IReadOnlyList<AcceptedContext> Accepted, IReadOnlyList<RefusedContext> Refused);

/// <summary>Association negotiation as pure functions (PS3.7 D, PS3.8 7.1).</summary>
internal static partial class Negotiation
{
    private const string ImplicitVRLittleEndian = "1.2.840.10008.1.2";
    private const byte Accepted = 0;
    private const byte NoReason = 2;
    private const byte AbstractSyntaxNotSupported = 3;
    private const byte TransferSyntaxesNotSupported = 4;

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="policy">What is accepted.</param>
    /// <returns>An <see cref="AssociateAc"/> or an <see cref="AssociateRj"/>.</returns>
    public static Pdu Accept(AssociateRq request, AcceptorPolicy policy)
    {
        if (RefusalOf(request, policy) is { } refused) return refused;

        var identity = request.UserItems.OfType<UserIdentityRq>().FirstOrDefault();
        var decision = policy.UserIdentity?.Invoke(identity) ?? new UserIdentityDecision(IsAccepted: true);
        if (!decision.IsAccepted) return new AssociateRj(1, 1, 1);

        var contexts = AnswerContexts(request, policy);
        return new AssociateAc
        {
            CalledAETitle = request.CalledAETitle,
            CallingAETitle = request.CallingAETitle,
            PresentationContexts = contexts,
            UserItems = AnswerUserItems(request, policy, ServedBy(request, contexts), identity, decision),
        };
    }

    /// <summary>How a request is refused, whoever its user is and whatever it proposes; null when it is not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="policy">What is accepted.</param>
    public static AssociateRj? RefusalOf(AssociateRq request, AcceptorPolicy policy)
    {
        // Results, sources and reasons: PS3.8 table 9-21
        if ((request.ProtocolVersion & 1) == 0) return new AssociateRj(1, 2, 2);
        if (policy.IsLimitReached) return new AssociateRj(2, 3, 2);
        if (request.ApplicationContext != PduConstants.DicomApplicationContext) return new AssociateRj(1, 1, 2);
        if (policy.CalledAETitles is { } called && !called.Contains(request.CalledAETitle)) return new AssociateRj(1, 1, 7);
        if (policy.CallingAETitles is { } calling && !calling.Contains(request.CallingAETitle)) return new AssociateRj(1, 1, 3);
        return policy.Refusal;
    }

    /// <summary>Sorts the proposed contexts by the answer. An answer that no proposal stands behind counts as none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">The answer to it.</param>
    public static NegotiatedContexts Conclude(AssociateRq request, AssociateAc answer)
    {
        var accepted = new List<AcceptedContext>();
        var refused = new List<RefusedContext>();
        var proposedRoles = RolesOf(request.UserItems);
        var answeredRoles = RolesOf(answer.UserItems);
        var seen = new HashSet<byte>();
        foreach (var proposal in request.PresentationContexts)
        {
            if (!seen.Add(proposal.Id)) continue;
            var result = answer.PresentationContexts.FirstOrDefault(context => context.Id == proposal.Id);
            var chosen = result?.Result == Accepted ? ChosenOf(proposal, result.TransferSyntax) : null;
            if (chosen is null)
            {
                refused.Add(RefusedOf(proposal, result));
                continue;
            }

            // Without an answer the default roles hold (PS3.7 D.3.3.4): the requestor is SCU.
            var isNegotiated = proposedRoles.TryGetValue(proposal.AbstractSyntax, out var proposedRole)
                & answeredRoles.TryGetValue(proposal.AbstractSyntax, out var answeredRole);
            accepted.Add(new AcceptedContext(
                proposal.Id,
                proposal.AbstractSyntax,
                chosen,
                ScuRole: !isNegotiated || (proposedRole!.Scu && answeredRole!.Scu),
                ScpRole: isNegotiated && proposedRole!.Scp && answeredRole!.Scp));
        }

        return new NegotiatedContexts(accepted, refused);
    }

    private static List<PresentationContextAc> AnswerContexts(AssociateRq request, AcceptorPolicy policy)
    {
        var answers = new List<PresentationContextAc>(request.PresentationContexts.Count);
        var seen = new HashSet<byte>();
        foreach (var proposal in request.PresentationContexts)
        {
            // Two answers with one id could not be told apart: the first proposal has it.
            if (!seen.Add(proposal.Id)) continue;
            var (result, chosen) = AnswerContext(proposal, policy);
            answers.Add(new PresentationContextAc(proposal.Id, result,
                chosen ?? proposal.TransferSyntaxes.FirstOrDefault() ?? ImplicitVRLittleEndian));
        }

        return answers;
    }

    private static (byte Result, string? Chosen) AnswerContext(PresentationContextRq proposal, AcceptorPolicy policy)
    {
        if ((proposal.Id & 1) == 0) return (NoReason, null);
        if (proposal.AbstractSyntax.Length == 0 || policy.AcceptsAbstractSyntax?.Invoke(proposal.AbstractSyntax) == false)
            return (AbstractSyntaxNotSupported, null);
        var chosen = Choose(proposal, policy);
        return chosen is null ? (TransferSyntaxesNotSupported, null) : (Accepted, chosen);
    }

    private static string? Choose(PresentationContextRq proposal, AcceptorPolicy policy)
    {
        if (policy.ChooseTransferSyntax is not null)
        {
            var choice = policy.ChooseTransferSyntax(proposal);
            return choice is not null && proposal.TransferSyntaxes.Contains(choice) ? choice : null;
        }

        if (policy.TransferSyntaxes is not { } own) return proposal.TransferSyntaxes.FirstOrDefault(syntax => syntax.Length > 0);
        return policy.PrefersOwnOrder
            ? own.FirstOrDefault(proposal.TransferSyntaxes.Contains)
            : proposal.TransferSyntaxes.FirstOrDefault(own.Contains);
    }

    private static HashSet<string> ServedBy(AssociateRq request, List<PresentationContextAc> contexts)
    {
        var accepted = new HashSet<byte>(contexts.Where(context => context.Result == Accepted).Select(context => context.Id));
        return [.. request.PresentationContexts.Where(context => accepted.Contains(context.Id)).Select(context => context.AbstractSyntax)];
    }

    /// <summary>
    /// How many operations the requestor may have invoked at once: what it has asked for and the acceptor has agreed to (PS3.7 D.3.3.3).
    /// Where one of them says nothing, it is one (D.3.3.3.1); 0 is no limit.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="response">The answer.</param>
    internal static int OperationsWindow(AssociateRq request, AssociateAc response)
    {
        if (request.UserItems.OfType<AsynchronousOperationsWindow>().FirstOrDefault() is not { } asked
            || response.UserItems.OfType<AsynchronousOperationsWindow>().FirstOrDefault() is not { } agreed)
            return 1;
        return Fewer(asked.MaximumInvoked, agreed.MaximumInvoked) is var window and not 0 ? window : int.MaxValue;
    }

    // 0 is no limit.
    private static ushort Fewer(ushort one, ushort other) => one == 0 ? other : other == 0 ? one : Math.Min(one, other);

    private static List<UserItem> AnswerUserItems(AssociateRq request, AcceptorPolicy policy, HashSet<string> served,
        UserIdentityRq? identity, UserIdentityDecision decision)
    {
        var items = new List<UserItem>
        {
            new MaximumLength(policy.MaximumPduLength),
            new ImplementationClassUid(policy.ImplementationClassUid),
        };
        if (policy.OperationsWindow is { } window && request.UserItems.OfType<AsynchronousOperationsWindow>().FirstOrDefault() is { } asked)
            items.Add(new AsynchronousOperationsWindow(
                Fewer(asked.MaximumInvoked, window.MaximumInvoked), Fewer(asked.MaximumPerformed, window.MaximumPerformed)));
        foreach (var proposal in RolesOf(request.UserItems).Values)
        {
            if (!served.Contains(proposal.SopClassUid)) continue;
            var choice = policy.ChooseRoles is null ? proposal : policy.ChooseRoles(proposal);
            if (choice is not null)
                items.Add(new RoleSelection(proposal.SopClassUid, choice.Scu && proposal.Scu, choice.Scp && proposal.Scp));
        }

        items.Add(new ImplementationVersionName(policy.ImplementationVersionName));
        foreach (var proposal in request.UserItems.OfType<SopClassExtendedNegotiation>())
            if (served.Contains(proposal.SopClassUid) && policy.ExtendedNegotiation?.Invoke(proposal) is { } answer) items.Add(answer);

        // PS3.7 D.3.3.7: the item says that the identity was verified. Who has nobody to look at it stays silent.
        if (identity is { IsResponseRequested: true } && policy.UserIdentity is not null) items.Add(new UserIdentityAc(decision.Response));
        return items;
    }

    private static Dictionary<string, RoleSelection> RolesOf(IReadOnlyList<UserItem> items)
    {
        var roles = new Dictionary<string, RoleSelection>();
        foreach (var role in items.OfType<RoleSelection>())
            if (!roles.ContainsKey(role.SopClassUid)) roles.Add(role.SopClassUid, role);

        return roles;
    }

    // Some acceptors leave the transfer syntax out where only one was proposed.
    private static string? ChosenOf(PresentationContextRq proposal, string answered)
    {
        if (answered.Length == 0 && proposal.TransferSyntaxes.Count == 1) return proposal.TransferSyntaxes[0];
        return proposal.TransferSyntaxes.Contains(answered) ? answered : null;
    }

    private static RefusedContext RefusedOf(PresentationContextRq proposal, PresentationContextAc? answer)
    {
        var (result, name) = answer switch
        {
            null => (NoReason, "not answered"),
            { Result: Accepted } => (TransferSyntaxesNotSupported,
                $"accepted with the transfer syntax '{answer.TransferSyntax}', which was not proposed"),
            _ => (answer.Result, PduNames.ContextResult(answer.Result)),
        };
        return new RefusedContext(proposal.Id, proposal.AbstractSyntax, proposal.TransferSyntaxes, result, name);
    }
}
