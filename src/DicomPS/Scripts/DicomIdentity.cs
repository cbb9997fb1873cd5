using System.Management.Automation;
using System.Security;
using System.Text;
using DicomPS.Pdus;
using DicomPS.Scp;

namespace DicomPS.Scripts;

/// <summary>Who a caller says that its user is: what the block of -OnIdentity is asked about.</summary>
public sealed class DicomIdentity
{
    private readonly UserIdentityRq _identity;

    internal DicomIdentity(Caller caller, UserIdentityRq identity)
    {
        _identity = identity;
        CallingAETitle = caller.CallingAETitle;
        CalledAETitle = caller.CalledAETitle;
        RemoteAddress = caller.RemoteEndPoint.Address.ToString();
        CertificateThumbprint = caller.Certificate?.GetCertHashString();
    }

    /// <summary>The kind of proof: UserName, UserNameAndPasscode, Kerberos, Saml or Jwt.</summary>
    public string Kind => _identity.Kind.ToString();

    /// <summary>The name; null where it is in the proof.</summary>
    public string? UserName => _identity.Kind is UserIdentityKind.UserName or UserIdentityKind.UserNameAndPasscode
        ? Encoding.UTF8.GetString(_identity.Primary.ToArray()) : null;

    /// <summary>The name and the passcode; null where there are none.</summary>
    public PSCredential? Credential
    {
        get
        {
            if (_identity.Kind != UserIdentityKind.UserNameAndPasscode || string.IsNullOrEmpty(UserName))
                return null;
            var passcode = new SecureString();
            foreach (var c in Encoding.UTF8.GetString(_identity.Secondary.ToArray()))
                passcode.AppendChar(c);
            passcode.MakeReadOnly();
            return new PSCredential(UserName, passcode);
        }
    }

    /// <summary>The Kerberos ticket, SAML assertion or JSON Web Token; null for a name.</summary>
    public byte[]? Token => UserName is null ? _identity.Primary.ToArray() : null;

    /// <summary>The AE title of the caller.</summary>
    public string CallingAETitle { get; }

    /// <summary>The AE title that it called.</summary>
    public string CalledAETitle { get; }

    /// <summary>The address that it calls from.</summary>
    public string RemoteAddress { get; }

    /// <summary>The thumbprint of the certificate that it showed; null for none.</summary>
    public string? CertificateThumbprint { get; }

    /// <summary>Who says so, without the proof.</summary>
    public override string ToString() => SafeText.Clean($"{UserName ?? Kind} by {CallingAETitle} at {RemoteAddress}");
}
