using DicomPS.Associations;
using DicomPS.Serialization;

namespace DicomPS.Scu;

/// <summary>A SOP class in one transfer syntax: what a file needs of an association.</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="TransferSyntaxUid">The transfer syntax of the file.</param>
public readonly record struct StoreContextKey(string SopClassUid, string TransferSyntaxUid);

/// <summary>Which presentation contexts to propose for a set of files. Pure.</summary>
public static class StoreContexts
{
    /// <summary>The most that one association can carry: context ids are the odd numbers of one byte (PS3.8 9.3.2.2).</summary>
    public const int Maximum = 128;

    /// <summary>
    /// A context of its own for each SOP class in each transfer syntax, so that the peer cannot prefer another and
    /// force a conversion; and one more for each uncompressed SOP class with the syntaxes that every peer should know.
    /// </summary>
    /// <param name="keys">What the files need, the most urgent first.</param>
    /// <param name="reencode">Whether to propose the fall-back contexts.</param>
    /// <returns>At most 128 proposals, and the keys that they serve, from the front of <paramref name="keys"/>.</returns>
    public static (IReadOnlyList<PresentationContextProposal> Proposals, IReadOnlyCollection<StoreContextKey> Served) Propose(
        IEnumerable<StoreContextKey> keys, bool reencode)
    {
        var proposals = new List<PresentationContextProposal>();
        var served = new HashSet<StoreContextKey>();
        var withFallback = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (served.Contains(key))
                continue;
            var fallback = reencode && !withFallback.Contains(key.SopClassUid) ? FallbackFor(key.TransferSyntaxUid) : [];
            if (proposals.Count + 1 + (fallback.Count > 0 ? 1 : 0) > Maximum)
                break;
            served.Add(key);
            proposals.Add(new PresentationContextProposal(key.SopClassUid, [key.TransferSyntaxUid]));
            if (fallback.Count == 0)
                continue;
            withFallback.Add(key.SopClassUid);
            proposals.Add(new PresentationContextProposal(key.SopClassUid, fallback));
        }

        return (proposals, served);
    }

    private static IReadOnlyList<string> FallbackFor(string transferSyntaxUid)
    {
        var native = TransferSyntax.Find(transferSyntaxUid);
        if (!native.IsUncompressed)
            return [];
        return native.Uid == TransferSyntax.ImplicitVRLittleEndian.Uid ? [TransferSyntax.ExplicitVRLittleEndian.Uid]
            : native.Uid == TransferSyntax.ExplicitVRLittleEndian.Uid ? [TransferSyntax.ImplicitVRLittleEndian.Uid]
            : [TransferSyntax.ExplicitVRLittleEndian.Uid, TransferSyntax.ImplicitVRLittleEndian.Uid];
    }
}
