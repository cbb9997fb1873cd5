using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Tracing;

/// <summary>
/// What a trace hides unless it is told to show patients' data: more than the identifying attributes of PS3.15 Annex E,
/// because it goes by what a value can hold. Names of persons, free text, private and unknown elements, all of
/// group 0010 and everything below a hidden sequence are hidden, and so is whatever is not made of the characters of its VR.
/// UIDs, codes, numbers, AE titles, and dates and times other than the patient's own stay: they are what a fault is found by.
/// </summary>
internal static class PatientMask
{
    private const ushort PatientGroup = 0x0010;

    /// <summary>Whether a value is hidden.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">The VR that it came with.</param>
    /// <param name="value">The value as text; null when it has none.</param>
    public static bool Hides(DicomTag tag, Vr vr, string? value)
    {
        if (tag.Group == PatientGroup)
            return true;
        if (tag.IsPrivateCreator)
            return false;
        var known = DicomDictionary.VrOf(tag);
        if (known == Vr.None)
            return true;
        // What the standard says counts, and what the peer says counts as well: the stricter of both.
        return !Shows(tag, known, value) || (vr != known && !Shows(tag, vr, value));
    }

    private static bool Shows(DicomTag tag, Vr vr, string? value) => vr switch
    {
        // In lower case too: a peer that spells its codes wrong is what is looked for.
        Vr.CS => IsMadeOf(value, "_ *?\\", letters: true),
        Vr.UI => IsMadeOf(value, ".\\*?", letters: false),
        Vr.DA or Vr.TM or Vr.DT or Vr.IS or Vr.DS => IsMadeOf(value, ".:+-eE \\", letters: false),
        Vr.AE => DicomDictionary.VrOf(tag) == Vr.AE,
        Vr.AT or Vr.SQ or Vr.US or Vr.SS or Vr.UL or Vr.SL or Vr.UV or Vr.SV or Vr.FL or Vr.FD => true,
        // Written as a count of bytes, or as some numbers.
        Vr.OB or Vr.OW or Vr.OF or Vr.OD or Vr.OL or Vr.OV => true,
        Vr.SH or Vr.LO => IsTechnical(tag),
        _ => false,
    };

    // Text that devices and code tables fill in, not people.
    private static bool IsTechnical(DicomTag tag) =>
        tag == Tags.Manufacturer || tag == Tags.ManufacturerModelName || tag == Tags.SoftwareVersions
        || tag == Tags.CodeValue || tag == Tags.CodingSchemeDesignator || tag == Tags.CodingSchemeVersion
        || tag == Tags.TimezoneOffsetFromUTC;

    private static bool IsMadeOf(string? value, string others, bool letters)
    {
        foreach (var c in value ?? "")
        {
            if (c is not (>= '0' and <= '9') && !(letters && c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z')) && others.IndexOf(c) < 0)
                return false;
        }

        return true;
    }
}
