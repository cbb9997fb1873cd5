using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>How element headers are spelt: with or without VR, and in which byte order.</summary>
internal readonly record struct DatasetForm(bool IsExplicit, bool IsBigEndian)
{
    /// <summary>How many bytes show all that <see cref="Detect"/> looks at.</summary>
    public const int BytesToDetect = 16;

    public static DatasetForm ImplicitLittleEndian => new(false, false);

    public static DatasetForm ExplicitLittleEndian => new(true, false);

    public static DatasetForm Of(TransferSyntax syntax) => new(syntax.IsExplicitVr, syntax.IsBigEndian);

    /// <summary>The transfer syntax of this form, without compression.</summary>
    public TransferSyntax ToTransferSyntax() => !IsExplicit ? TransferSyntax.ImplicitVRLittleEndian
        : IsBigEndian ? TransferSyntax.ExplicitVRBigEndian
        : TransferSyntax.ExplicitVRLittleEndian;

    /// <summary>
    /// The form that the first element shows. Files whose meta information names another form than they have are met,
    /// so the claim is dropped when the bytes contradict it; in doubt the claim stands.
    /// </summary>
    /// <param name="start">The first bytes of the dataset, 8 at least to find out anything, <see cref="BytesToDetect"/> for all.</param>
    /// <param name="claimed">What the transfer syntax says.</param>
    public static DatasetForm Detect(ReadOnlySpan<byte> start, DatasetForm claimed)
    {
        if (start.Length < 8)
            return claimed;

        var hasVr = VrExtensions.TryParse(start[4], start[5], out var vr) && vr != Vr.None;
        if (!hasVr)
        {
            // Length bytes of an implicit element are seldom both capitals, and then they are a VR of a later edition.
            var letters = start[4] is >= (byte)'A' and <= (byte)'Z' && start[5] is >= (byte)'A' and <= (byte)'Z';
            return letters || (claimed.IsExplicit && IsAstray(start, claimed)) || !Plausible(start, false) ? claimed : ImplicitLittleEndian;
        }

        if (!claimed.IsExplicit && !Matches(start, false, vr) && !Matches(start, true, vr))
        {
            // The low half of a length may happen to spell a VR.
            return claimed;
        }

        var order = claimed.IsExplicit && claimed.IsBigEndian;
        if (!Matches(start, order, vr) && Matches(start, !order, vr))
            order = !order;

        return new DatasetForm(true, order);
    }

    /// <summary>Whether bytes look like the start of a dataset in any form, for files that have nothing before it.</summary>
    /// <param name="start">The first bytes.</param>
    public static bool LooksLikeDataset(ReadOnlySpan<byte> start)
    {
        if (start.Length < 8)
            return false;

        var tag = ElementHeader.ReadTag(start, false);
        if (VrExtensions.TryParse(start[4], start[5], out var vr))
            return Matches(start, false, vr) || Matches(start, true, vr) || (tag.Group is >= 2 and < 0x100);

        // Implicit: a known early tag with a length that no early element exceeds.
        return tag.Group is 2 or 8 or 0x10 or 0x18 or 0x20 or 0x28 && DicomDictionary.VrOf(tag) != Vr.None && Plausible(start, false);
    }

    /// <summary>
    /// Whether an explicit dataset begins with an implicit element without a value: what follows at once is an explicit one.
    /// </summary>
    /// <param name="start">The first bytes, which have no VR.</param>
    /// <param name="form">The explicit form.</param>
    internal static bool IsAstray(ReadOnlySpan<byte> start, DatasetForm form) =>
        start.Length >= BytesToDetect && ElementHeader.Length32(start, 4, form) == 0
        && VrExtensions.TryParse(start[12], start[13], out var vr) && vr != Vr.None
        && ElementHeader.ReadTag(start.Slice(8), form.IsBigEndian) > ElementHeader.ReadTag(start, form.IsBigEndian);

    internal static bool Matches(ReadOnlySpan<byte> start, bool bigEndian, Vr vr)
    {
        var known = DicomDictionary.VrOf(ElementHeader.ReadTag(start, bigEndian));
        return known != Vr.None && (known == vr || vr == Vr.UN);
    }

    private static bool Plausible(ReadOnlySpan<byte> start, bool bigEndian)
    {
        var tag = ElementHeader.ReadTag(start, bigEndian);
        var length = start[4] | ((uint)start[5] << 8) | ((uint)start[6] << 16) | ((uint)start[7] << 24);

        // A first element has no 64 KiB; a short explicit header with a strange VR would read as at least 128 KiB.
        return tag.Group != 0xFFFE && (length < 0x10000 || length == ElementHeader.Undefined);
    }
}
