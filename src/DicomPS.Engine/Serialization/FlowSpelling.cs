using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>
/// Whether a dataset is spelt as its transfer syntax says. A strange VR is no sign of another spelling; a first element that reads only in
/// another one is, and so is a SOP class or instance without a VR where one belongs.
/// </summary>
internal static class FlowSpelling
{
    /// <summary>Looks at the first element.</summary>
    /// <param name="start">The first 16 bytes, or as many as there are, 8 at least.</param>
    /// <param name="syntax">What was agreed.</param>
    /// <returns>The form of the dataset.</returns>
    /// <exception cref="DicomDataException">It is another one.</exception>
    public static DatasetForm Check(ReadOnlySpan<byte> start, TransferSyntax syntax)
    {
        var form = DatasetForm.Of(syntax);
        if (!syntax.IsKnown)
            return DatasetForm.Detect(start, form);

        return (form.IsExplicit ? IsExplicit(start, form) : !DatasetForm.Detect(start, form).IsExplicit)
            ? form
            : throw Other(0);
    }

    /// <summary>Looks at an element of the outermost level.</summary>
    public static void CheckIdentifier(ElementHeader header, DatasetForm form, long position)
    {
        if (form.IsExplicit && header.IsImplicit && (header.Tag == Tags.SOPClassUID || header.Tag == Tags.SOPInstanceUID))
            throw Other(position);
    }

    /// <summary>An error for bytes in another transfer syntax.</summary>
    public static DicomDataException Other(long position) => new("Not in the agreed transfer syntax", position);

    private static bool IsExplicit(ReadOnlySpan<byte> start, DatasetForm form)
    {
        if (VrExtensions.TryParse(start[4], start[5], out var vr) && vr != Vr.None)
            return DatasetForm.Matches(start, form.IsBigEndian, vr) || !DatasetForm.Matches(start, !form.IsBigEndian, vr);

        // Letters are a VR of another edition. An implicit first element has a length below 64 KiB, whose upper half reads here as a
        // value of
        // no length: then an element would have to follow at once.
        return (ElementHeader.IsCapital(start[4]) && ElementHeader.IsCapital(start[5]))
            || ElementHeader.Length16(start, form) != 0
            || DatasetForm.IsAstray(start, form);
    }
}
