using System.Management.Automation;
using System.Net;
using DicomPS.Archiving.Databases;

namespace DicomPS.Indexes;

/// <summary>Where an index is, as a user named it: a file, or a database of PostgreSQL with who logs in.</summary>
/// <param name="Text">The whole path, or the address of the database.</param>
/// <param name="Login">Who logs in where the address does not say; null for a passfile or what the system offers.</param>
internal sealed record IndexPlace(string Text, NetworkCredential? Login)
{
    /// <summary>The file; null for a database.</summary>
    public string? File => Login is null && !IsOfDatabase(Text) ? Text : null;

    /// <summary>The place that a cmdlet was given.</summary>
    /// <param name="text">A path or the address of a database.</param>
    /// <param name="credential">Who logs in.</param>
    /// <param name="resolve">Makes a path whole.</param>
    public static IndexPlace Of(string text, PSCredential? credential, Func<string, string> resolve) => IsOfDatabase(text)
        ? new IndexPlace(text, credential is null ? null
            : new NetworkCredential(credential.UserName, credential.GetNetworkCredential().Password))
        : new IndexPlace(resolve(text), null);

    /// <summary>As it is shown: without a password that was written into it.</summary>
    public override string ToString() => StoreAddress.Shown(Text);

    private static bool IsOfDatabase(string text) => StoreAddress.IsOfDatabase(text);
}
