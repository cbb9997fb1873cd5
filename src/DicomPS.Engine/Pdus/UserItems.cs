using System.Text;

namespace DicomPS.Pdus;

/// <summary>
/// An item of the user information (PS3.7 D.3.3). The family is closed; kinds that the standard does not name are
/// <see cref="UnknownUserItem"/>.
/// </summary>
public abstract record UserItem
{
    private protected UserItem()
    {
    }
}

/// <summary>The longest P-DATA-TF that its sender will take (PS3.8 D.1).</summary>
/// <param name="Value">In bytes, counted as the PDU length field counts; 0 means no limit.</param>
public sealed record MaximumLength(uint Value) : UserItem;

/// <summary>Which implementation its sender is (PS3.7 D.3.3.2.1).</summary>
/// <param name="Uid">The implementation class UID.</param>
public sealed record ImplementationClassUid(string Uid) : UserItem;

/// <summary>The version of its sender's implementation (PS3.7 D.3.3.2.3).</summary>
/// <param name="Name">1 to 16 characters.</param>
public sealed record ImplementationVersionName(string Name) : UserItem;

/// <summary>How many operations may be outstanding (PS3.7 D.3.3.3); without this item one each way.</summary>
/// <param name="MaximumInvoked">Operations that the requestor may have open; 0 means no limit.</param>
/// <param name="MaximumPerformed">Operations that the requestor will perform at once; 0 means no limit.</param>
public sealed record AsynchronousOperationsWindow(ushort MaximumInvoked, ushort MaximumPerformed) : UserItem;

/// <summary>Roles of the association requestor for a SOP class, proposed or answered (PS3.7 D.3.3.4).</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="Scu">Whether the requestor may be SCU.</param>
/// <param name="Scp">Whether the requestor may be SCP.</param>
public sealed record RoleSelection(string SopClassUid, bool Scu, bool Scp) : UserItem;

/// <summary>Details of a service negotiated for a SOP class (PS3.7 D.3.3.5).</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="Information">The service class application information, defined by each service class.</param>
public sealed record SopClassExtendedNegotiation(string SopClassUid, ReadOnlyMemory<byte> Information) : UserItem;

/// <summary>The service class and the general SOP classes behind a SOP class (PS3.7 D.3.3.6).</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="ServiceClassUid">The service class, for instance Storage.</param>
/// <param name="RelatedGeneralSopClasses">SOP classes that the SOP class is related to.</param>
public sealed record SopClassCommonExtendedNegotiation(string SopClassUid, string ServiceClassUid,
    IReadOnlyList<string> RelatedGeneralSopClasses) : UserItem
{
    /// <summary>The version of the item; 0 is the only one that the standard defines.</summary>
    public byte Version { get; init; }
}

/// <summary>How a user proves who they are (PS3.7 D.3.3.7.1).</summary>
public enum UserIdentityKind : byte
{
    /// <summary>A user name in UTF-8, no proof.</summary>
    UserName = 1,
    /// <summary>A user name and a passcode in UTF-8. Send it over TLS only.</summary>
    UserNameAndPasscode = 2,
    /// <summary>A Kerberos service ticket.</summary>
    Kerberos = 3,
    /// <summary>A SAML assertion.</summary>
    Saml = 4,
    /// <summary>A JSON Web Token.</summary>
    Jwt = 5,
}

/// <summary>Who the user behind the request is (PS3.7 D.3.3.7.1).</summary>
/// <param name="Kind">The kind of proof.</param>
/// <param name="IsResponseRequested">Whether the acceptor shall answer with <see cref="UserIdentityAc"/>.</param>
/// <param name="Primary">The user name, ticket, assertion or token.</param>
/// <param name="Secondary">The passcode, with <see cref="UserIdentityKind.UserNameAndPasscode"/>; otherwise empty.</param>
public sealed record UserIdentityRq(UserIdentityKind Kind, bool IsResponseRequested, ReadOnlyMemory<byte> Primary,
    ReadOnlyMemory<byte> Secondary) : UserItem
{
    /// <summary>Makes the item for a user name, with a passcode when one is given.</summary>
    /// <param name="userName">The user name.</param>
    /// <param name="passcode">The passcode, or null.</param>
    /// <param name="isResponseRequested">Whether the acceptor shall answer.</param>
    public static UserIdentityRq ForUser(string userName, string? passcode = null, bool isResponseRequested = true) => new(
        passcode is null ? UserIdentityKind.UserName : UserIdentityKind.UserNameAndPasscode,
        isResponseRequested,
        Encoding.UTF8.GetBytes(userName),
        Encoding.UTF8.GetBytes(passcode ?? ""));
}

/// <summary>The answer to <see cref="UserIdentityRq"/> (PS3.7 D.3.3.7.2).</summary>
/// <param name="ServerResponse">A Kerberos server ticket, SAML response or JSON Web Token; empty for user names.</param>
public sealed record UserIdentityAc(ReadOnlyMemory<byte> ServerResponse) : UserItem;

/// <summary>A user item that the standard does not name, kept as it came.</summary>
/// <param name="Type">The first byte.</param>
/// <param name="Bytes">What follows the length.</param>
public sealed record UnknownUserItem(byte Type, ReadOnlyMemory<byte> Bytes) : UserItem;
