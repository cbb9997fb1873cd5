using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>The VR of an element that spelt none, or spelt UN although the standard knows it.</summary>
internal static class VrResolver
{
    public static Vr Resolve(ElementHeader header, ParserFrame frame)
    {
        if (header.Vr is not (Vr.None or Vr.UN))
            return header.Vr;

        var vr = DicomDictionary.VrOf(header.Tag);
        if (header.IsUndefined && vr is not (Vr.OB or Vr.OW))
        {
            // Undefined length without a VR, or with UN, is a sequence (PS3.5 6.2.2); pixel data are the exception.
            return Vr.SQ;
        }

        if (vr is Vr.US or Vr.OB)
            vr = Choose(header.Tag, vr, frame);

        if (vr == Vr.None || (header.Vr == Vr.UN && !Fits(vr, header.Length)))
            return Vr.UN;

        return vr;
    }

    /// <summary>The elements with a choice of VR (PS3.5 A.1 and PS3.6 6).</summary>
    private static Vr Choose(DicomTag tag, Vr first, ParserFrame frame) => DicomDictionary.VrTextOf(tag) switch
    {
        "US or SS" => frame.PixelRepresentation == 1 ? Vr.SS : Vr.US,
        "OB or OW" or "US or OW" or "US or SS or OW" => Vr.OW,
        _ => first,
    };

    /// <summary>A value of whole words, and no longer than its explicit form could say.</summary>
    private static bool Fits(Vr vr, uint length) =>
        vr == Vr.SQ || ((vr.HasLongLength() || length <= 0xFFFE) && length % (uint)vr.UnitSize() == 0);
}
