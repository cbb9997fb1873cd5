using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Pdus;

/// <summary>One of each PDU and user item.</summary>
internal static class PduSamples
{
    public static IReadOnlyDictionary<string, UserItem> UserItems { get; } = new Dictionary<string, UserItem>
    {
        ["maximum length"] = new MaximumLength(262144),
        ["no maximum length"] = new MaximumLength(0),
        ["implementation class UID"] = new ImplementationClassUid("2.25.1234567890"),
        ["implementation version name"] = new ImplementationVersionName("DICOMPS_0.1.0"),
        ["asynchronous operations window"] = new AsynchronousOperationsWindow(16, 0),
        ["role selection, SCP only"] = new RoleSelection("1.2.840.10008.5.1.4.1.1.2", Scu: false, Scp: true),
        ["role selection, SCU only"] = new RoleSelection("1.2.840.10008.5.1.4.1.1.2", Scu: true, Scp: false),
        ["SOP class extended negotiation"] = new SopClassExtendedNegotiation("1.2.840.10008.5.1.4.1.2.2.1", new byte[] { 1, 0, 1 }),
        ["SOP class common extended negotiation"] =
            new SopClassCommonExtendedNegotiation("1.2.3", "1.2.840.10008.4.2", ["1.2.4", "1.2.5.6"]),
        ["SOP class common extended negotiation, none related"] =
            new SopClassCommonExtendedNegotiation("1.2.3", "1.2.840.10008.4.2", []) { Version = 1 },
        ["user identity, name"] = UserIdentityRq.ForUser("Zoë"),
        ["user identity, name and passcode"] = UserIdentityRq.ForUser("Zoë", "sécret", isResponseRequested: false),
        ["user identity, Kerberos"] = new UserIdentityRq(UserIdentityKind.Kerberos, true, new byte[300], default),
        ["user identity, SAML"] = new UserIdentityRq(UserIdentityKind.Saml, true, "<saml/>"u8.ToArray(), default),
        ["user identity, JWT"] = new UserIdentityRq(UserIdentityKind.Jwt, true, "a.b.c"u8.ToArray(), default),
        ["user identity response"] = new UserIdentityAc(new byte[] { 1, 2, 3 }),
        ["user identity response, empty"] = new UserIdentityAc(default),
        ["unknown user item"] = new UnknownUserItem(0x7A, new byte[] { 9, 8, 7 }),
    };

    public static IReadOnlyDictionary<string, Pdu> Pdus { get; } = new Dictionary<string, Pdu>
    {
        ["A-ASSOCIATE-RQ"] = new AssociateRq
        {
            CalledAETitle = "SIXTEEN_LETTERS_",
            CallingAETitle = "A",
            PresentationContexts = [new(1, "1.2.840.10008.1.1", ["1.2.840.10008.1.2"]),
                new(255, "1.2.3", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"])],
            UserItems = [.. UserItems.Values],
            UnknownItems = [new UnknownItem(0x60, new byte[] { 1, 2 })],
        },
        ["A-ASSOCIATE-AC"] = new AssociateAc
        {
            CalledAETitle = "CALLED",
            CallingAETitle = "CALLING",
            PresentationContexts = [new(1, 0, "1.2.840.10008.1.2"), new(3, 4, "")],
            UserItems = [new MaximumLength(16384)],
        },
        ["A-ASSOCIATE-RJ"] = new AssociateRj(1, 1, 7),
        ["P-DATA-TF"] = new PData([new(1, true, true, new byte[] { 1, 2 }), new(3, false, false, new byte[] { 3, 4, 5 }),
            new(3, false, true, default)]),
        ["A-RELEASE-RQ"] = new ReleaseRq(),
        ["A-RELEASE-RP"] = new ReleaseRp(),
        ["A-ABORT"] = new Abort(2, 6),
        ["unknown PDU"] = new UnknownPdu(0x42, new byte[] { 1, 2, 3 }),
    };
}
