using DicomPS.Associations;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Associations;

public class NegotiationTests
{
    private const string Ct = "1.2.840.10008.5.1.4.1.1.2";
    private const string Mr = "1.2.840.10008.5.1.4.1.1.4";
    private const string Implicit = "1.2.840.10008.1.2";
    private const string Explicit = "1.2.840.10008.1.2.1";
    private const string Jpeg = "1.2.840.10008.1.2.4.50";

    [Fact]
    public void The_default_policy_accepts_all_in_the_order_of_the_proposer()
    {
        var answer = Accept(Request(new(1, Ct, [Jpeg, Implicit]), new(3, "1.2.3", ["1.2.3.4"])), new AcceptorPolicy());
        Assert.Equal([new(1, 0, Jpeg), new(3, 0, "1.2.3.4")], answer.PresentationContexts);
        Assert.Equal(new MaximumLength(262144), answer.UserItems[0]);
        Assert.Equal("CALLED", answer.CalledAETitle);
        Assert.Equal("CALLING", answer.CallingAETitle);
    }

    [Fact]
    public void Our_order_of_transfer_syntaxes_decides_when_the_policy_says_so()
    {
        var request = Request(new PresentationContextRq(1, Ct, [Implicit, Explicit, Jpeg]));
        var policy = new AcceptorPolicy { TransferSyntaxes = [Jpeg, Explicit] };
        Assert.Equal(Explicit, Accept(request, policy).PresentationContexts[0].TransferSyntax);
        Assert.Equal(Jpeg, Accept(request, policy with { PrefersOwnOrder = true }).PresentationContexts[0].TransferSyntax);
    }

    [Fact]
    public void A_context_that_is_not_served_is_refused_with_the_reason()
    {
        var policy = new AcceptorPolicy { AcceptsAbstractSyntax = uid => uid == Ct, TransferSyntaxes = [Implicit] };
        var answer = Accept(Request(new(1, Ct, [Implicit]), new(3, Mr, [Implicit]), new(5, Ct, [Jpeg])), policy);
        Assert.Equal([0, 3, 4], answer.PresentationContexts.Select(context => (int)context.Result));
    }

    [Fact]
    public void A_transfer_syntax_that_was_not_proposed_is_not_chosen()
    {
        var policy = new AcceptorPolicy { ChooseTransferSyntax = _ => Jpeg };
        Assert.Equal(4, Accept(Request(new PresentationContextRq(1, Ct, [Implicit])), policy).PresentationContexts[0].Result);
    }

    [Fact]
    public void A_context_with_an_even_id_is_refused_and_a_second_one_with_the_same_id_is_not_answered()
    {
        var request = Request(new(2, Ct, [Implicit]), new(1, Ct, [Implicit]), new(1, Mr, [Explicit]), new(0, Ct, [Implicit]));
        var answer = Accept(request, new AcceptorPolicy());
        Assert.Equal([(2, 2), (1, 0), (0, 2)], answer.PresentationContexts.Select(context => ((int)context.Id, (int)context.Result)));
        var only = Assert.Single(Negotiation.Conclude(request, answer).Accepted);
        Assert.Equal(Ct, only.AbstractSyntax);
    }

    [Fact]
    public void A_hundred_and_twenty_eight_contexts_are_answered()
    {
        var request =
            Negotiation.Propose(
                Options() with
                {
                    PresentationContexts = [
                    .. Enumerable.Range(0, 128).Select(n => new PresentationContextProposal($"1.2.{n}", [Implicit]))]
                });
        var answer = Accept(request, new AcceptorPolicy());
        Assert.Equal(128, Negotiation.Conclude(request, answer).Accepted.Count);
        Assert.Equal(255, answer.PresentationContexts[127].Id);
    }

    [Fact]
    public void More_contexts_or_none_are_not_proposed()
    {
        Assert.Throws<ArgumentException>(
            () => Negotiation.Propose(
                Options() with { PresentationContexts = [.. Enumerable.Repeat(new PresentationContextProposal(Ct, [Implicit]), 129)] }));
        Assert.Throws<ArgumentException>(() => Negotiation.Propose(Options() with { PresentationContexts = [] }));
        Assert.Throws<ArgumentException>(() => Negotiation.Propose(Options() with { PresentationContexts = [new(Ct, [])] }));
        Assert.Throws<ArgumentException>(() => Negotiation.Propose(Options() with { PresentationContexts = [new("no uid", [Implicit])] }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("SEVENTEEN_LETTERS")]
    [InlineData("BACK\\SLASH")]
    [InlineData("NEW\nLINE")]
    [InlineData("ÜMLAUT")]
    public void What_is_no_title_is_not_proposed(string title)
    {
        Assert.Throws<ArgumentException>(() => Negotiation.Propose(Options() with { CalledAETitle = title }));
        Assert.Throws<ArgumentException>(() => Negotiation.Propose(Options() with { CallingAETitle = title }));
    }

    public static TheoryData<string, Pdu> Refusals => new()
    {
        { "version", new AssociateRj(1, 2, 2) },
        { "limit", new AssociateRj(2, 3, 2) },
        { "application context", new AssociateRj(1, 1, 2) },
        { "called", new AssociateRj(1, 1, 7) },
        { "calling", new AssociateRj(1, 1, 3) },
        { "identity", new AssociateRj(1, 1, 1) },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_request_is_refused_with_the_code_of_the_standard(string why, Pdu expected)
    {
        var request = Request(new PresentationContextRq(1, Ct, [Implicit]));
        var policy = new AcceptorPolicy { CalledAETitles = ["CALLED"], CallingAETitles = ["CALLING"] };
        (request, policy) = why switch
        {
            "version" => (request with { ProtocolVersion = 2 }, policy),
            "limit" => (request, policy with { IsLimitReached = true }),
            "application context" => (request with { ApplicationContext = "1.2.3" }, policy),
            "called" => (request with { CalledAETitle = "called" }, policy),
            "calling" => (request with { CallingAETitle = "OTHER" }, policy),
            _ => (request, policy with { UserIdentity = _ => new UserIdentityDecision(false) }),
        };
        Assert.Equal(expected, Negotiation.Accept(request, policy));
    }

    [Fact]
    public void A_role_is_granted_only_when_proposed_and_served()
    {
        var request = Request(new(1, Ct, [Implicit]), new(3, Mr, [Implicit])) with
        {
            UserItems = [new RoleSelection(Ct, Scu: false, Scp: true), new RoleSelection("1.2.3", true, true)],
        };
        var policy = new AcceptorPolicy { ChooseRoles = role => role with { Scu = true, Scp = true } };
        var answer = Accept(request, policy);
        Assert.Equal(new RoleSelection(Ct, Scu: false, Scp: true), Assert.Single(answer.UserItems.OfType<RoleSelection>()));
        var contexts = Negotiation.Conclude(request, answer).Accepted;
        Assert.Equal((false, true), (contexts[0].ScuRole, contexts[0].ScpRole));
        Assert.Equal((true, false), (contexts[1].ScuRole, contexts[1].ScpRole));
    }

    [Fact]
    public void Without_an_answer_to_a_role_the_requestor_is_SCU()
    {
        var request =
            Negotiation.Propose(Options() with { PresentationContexts = [new(Ct, [Implicit]) { ScuRole = true, ScpRole = true }] });
        Assert.Equal(new RoleSelection(Ct, true, true), Assert.Single(request.UserItems.OfType<RoleSelection>()));
        var answer = Accept(request, new AcceptorPolicy { ChooseRoles = _ => null });
        var context = Assert.Single(Negotiation.Conclude(request, answer).Accepted);
        Assert.Equal((true, false), (context.ScuRole, context.ScpRole));
    }

    [Fact]
    public void User_identity_is_answered_only_when_asked_for()
    {
        var request = Request(new PresentationContextRq(1, Ct, [Implicit]));
        var policy = new AcceptorPolicy { UserIdentity = _ => new UserIdentityDecision(true, new byte[] { 7 }) };
        Assert.Empty(
            Accept(request with { UserItems = [UserIdentityRq.ForUser("a", isResponseRequested: false)] },
                policy).UserItems.OfType<UserIdentityAc>());
        var answer =
            Assert.Single(Accept(request with { UserItems = [UserIdentityRq.ForUser("a")] }, policy).UserItems.OfType<UserIdentityAc>());
        Assert.Equal([7], answer.ServerResponse.ToArray());
    }

    public static TheoryData<UserIdentityKind> IdentityKinds() => [.. Enum.GetValues<UserIdentityKind>()];

    [Theory]
    [MemberData(nameof(IdentityKinds))]
    public void A_user_identity_that_nobody_checks_is_not_answered(UserIdentityKind kind)
    {
        var request = Request(new PresentationContextRq(1, Ct, [Implicit])) with
        {
            UserItems = [new UserIdentityRq(kind, IsResponseRequested: true, new byte[] { 1 }, new byte[] { 2 })],
        };
        Assert.Empty(Accept(request, new AcceptorPolicy()).UserItems.OfType<UserIdentityAc>());
    }

    [Fact]
    public void Extended_negotiation_is_answered_by_the_delegate()
    {
        var request = Request(new PresentationContextRq(1, Ct, [Implicit])) with
        {
            UserItems = [new SopClassExtendedNegotiation(Ct, new byte[] { 1, 1 }), new SopClassExtendedNegotiation(Mr, new byte[] { 1 })],
        };
        var answer = Accept(request, new AcceptorPolicy { ExtendedNegotiation = item => item with { Information = new byte[] { 0, 1 } } });
        Assert.Equal(Shape.Of(new SopClassExtendedNegotiation(Ct, new byte[] { 0, 1 })),
            Shape.Of(Assert.Single(answer.UserItems.OfType<SopClassExtendedNegotiation>())));
    }

    [Fact]
    public void An_operations_window_is_answered_only_when_both_want_one()
    {
        var request = Request(new PresentationContextRq(1, Ct, [Implicit]));
        var asking = request with { UserItems = [new AsynchronousOperationsWindow(0, 0)] };
        var policy = new AcceptorPolicy { OperationsWindow = new AsynchronousOperationsWindow(8, 1) };
        Assert.Empty(Accept(request, policy).UserItems.OfType<AsynchronousOperationsWindow>());
        Assert.Empty(Accept(asking, new AcceptorPolicy()).UserItems.OfType<AsynchronousOperationsWindow>());
        Assert.Single(Accept(asking, policy).UserItems.OfType<AsynchronousOperationsWindow>());
    }

    [Fact]
    public void An_answer_that_does_not_fit_its_proposal_is_a_refusal()
    {
        var request = Request(new(1, Ct, [Implicit]), new(3, Mr, [Implicit, Explicit]), new(5, Mr, [Explicit]), new(7, Mr, [Explicit]));
        var answer =
            ScriptedPeer.Answer(
                request) with
            { PresentationContexts = [new(1, 0, ""), new(3, 0, Jpeg), new(5, 1, ""), new(99, 0, Implicit)] };
        var contexts = Negotiation.Conclude(request, answer);
        Assert.Equal([(byte)1], contexts.Accepted.Select(context => context.Id));
        Assert.Equal(["accepted with the transfer syntax '1.2.840.10008.1.2.4.50', which was not proposed", "refused by the user",
            "not answered"], contexts.Refused.Select(context => context.ResultName));
    }

    [Fact]
    public void The_implementation_is_the_same_in_files_and_on_the_network()
    {
        Assert.Equal(DicomPS.Data.Uid.ImplementationClassUid, AssociationDefaults.ImplementationClassUid);
        Assert.Equal(DicomPS.Data.Uid.ImplementationVersionName, AssociationDefaults.ImplementationVersionName);
    }

    private static AssociateAc Accept(AssociateRq request, AcceptorPolicy policy) =>
        Assert.IsType<AssociateAc>(Negotiation.Accept(request, policy));

    private static AssociationOptions Options() => new() { Host = "localhost", Port = 104, PresentationContexts = [new(Ct, [Implicit])] };

    private static AssociateRq Request(params PresentationContextRq[] contexts) =>
        new() { CalledAETitle = "CALLED", CallingAETitle = "CALLING", PresentationContexts = contexts };
}
