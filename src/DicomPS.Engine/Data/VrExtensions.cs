namespace DicomPS.Data;

/// <summary>What each value representation implies for its bytes (PS3.5 6.2 and 7.1.2).</summary>
public static class VrExtensions
{
    /// <summary>Whether the explicit form has two reserved bytes and a 32-bit length (PS3.5 7.1.2).</summary>
    public static bool HasLongLength(this Vr vr) => vr is Vr.OB or Vr.OD or Vr.OF or Vr.OL or Vr.OV or Vr.OW
        or Vr.SQ or Vr.SV or Vr.UC or Vr.UN or Vr.UR or Vr.UT or Vr.UV;

    /// <summary>Whether Specific Character Set (0008,0005) applies (PS3.5 6.1.2.2).</summary>
    public static bool IsText(this Vr vr) => vr is Vr.SH or Vr.LO or Vr.ST or Vr.LT or Vr.UC or Vr.UT or Vr.PN;

    /// <summary>Whether the value is made of characters.</summary>
    public static bool IsString(this Vr vr) => vr is Vr.AE or Vr.AS or Vr.CS or Vr.DA or Vr.DS or Vr.DT or Vr.IS
        or Vr.TM or Vr.UI or Vr.UR || vr.IsText();

    /// <summary>Whether a backslash separates values; in the single-valued texts it is a character like any other (PS3.5 6.2).</summary>
    public static bool IsMultiValued(this Vr vr) => vr is not (Vr.ST or Vr.LT or Vr.UT or Vr.UR);

    /// <summary>Whether the value is a stream of bytes or words whose length may pass 64 KiB.</summary>
    public static bool IsBulk(this Vr vr) => vr is Vr.OB or Vr.OD or Vr.OF or Vr.OL or Vr.OV or Vr.OW or Vr.UN;

    /// <summary>Bytes that change places together when the byte order changes: 1, 2, 4 or 8 (PS3.5 7.3). AT is two 16-bit words.</summary>
    public static int UnitSize(this Vr vr) => vr switch
    {
        Vr.US or Vr.SS or Vr.OW or Vr.AT => 2,
        Vr.UL or Vr.SL or Vr.FL or Vr.OF or Vr.OL => 4,
        Vr.FD or Vr.OD or Vr.SV or Vr.UV or Vr.OV => 8,
        _ => 1,
    };

    /// <summary>The byte that makes an odd length even: a space for strings, NUL for UI and everything binary (PS3.5 6.2).</summary>
    public static byte PaddingByte(this Vr vr) => vr != Vr.UI && vr.IsString() ? (byte)' ' : (byte)0;

    /// <summary>Reads the two letters of an explicit VR (PS3.5 7.1.2).</summary>
    /// <param name="first">The first byte.</param>
    /// <param name="second">The second byte.</param>
    /// <param name="vr">The VR, or <see cref="Vr.None"/>.</param>
    /// <returns>False when the letters name no VR of this edition.</returns>
    public static bool TryParse(byte first, byte second, out Vr vr)
    {
        vr = (Vr)((first << 8) | second);
        if (IsDefined(vr))
            return true;

        vr = Vr.None;
        return false;
    }

    /// <summary>Reads a VR from its name, such as "CS".</summary>
    /// <param name="text">Two upper-case letters.</param>
    /// <param name="vr">The VR, or <see cref="Vr.None"/>.</param>
    /// <returns>False when the text names no VR.</returns>
    public static bool TryParse(string? text, out Vr vr)
    {
        vr = Vr.None;
        return text is { Length: 2 } && text[0] < 128 && text[1] < 128 && TryParse((byte)text[0], (byte)text[1], out vr);
    }

    private static bool IsDefined(Vr vr) => vr switch
    {
        Vr.AE or Vr.AS or Vr.AT or Vr.CS or Vr.DA or Vr.DS or Vr.DT or Vr.FD or Vr.FL or Vr.IS or Vr.LO or Vr.LT
            or Vr.OB or Vr.OD or Vr.OF or Vr.OL or Vr.OV or Vr.OW or Vr.PN or Vr.SH or Vr.SL or Vr.SQ or Vr.SS
            or Vr.ST or Vr.SV or Vr.TM or Vr.UC or Vr.UI or Vr.UL or Vr.UN or Vr.UR or Vr.US or Vr.UT or Vr.UV => true,
        _ => false,
    };
}
