namespace DicomPS.Data;

/// <summary>
/// The 34 value representations (PS3.5 6.2). The number is the two letters as they stand in the byte stream, first letter high.
/// </summary>
public enum Vr : ushort
{
    /// <summary>None: items, delimiters, and tags that have no value representation.</summary>
    None = 0,
    /// <summary>Application entity title, up to 16 characters.</summary>
    AE = ('A' << 8) | 'E',
    /// <summary>Age string, such as 045Y.</summary>
    AS = ('A' << 8) | 'S',
    /// <summary>Attribute tag.</summary>
    AT = ('A' << 8) | 'T',
    /// <summary>Code string, up to 16 characters.</summary>
    CS = ('C' << 8) | 'S',
    /// <summary>Date.</summary>
    DA = ('D' << 8) | 'A',
    /// <summary>Decimal string, up to 16 characters.</summary>
    DS = ('D' << 8) | 'S',
    /// <summary>Date and time, with fraction and offset from UTC where known.</summary>
    DT = ('D' << 8) | 'T',
    /// <summary>64-bit floating point.</summary>
    FD = ('F' << 8) | 'D',
    /// <summary>32-bit floating point.</summary>
    FL = ('F' << 8) | 'L',
    /// <summary>Integer string, up to 12 characters.</summary>
    IS = ('I' << 8) | 'S',
    /// <summary>Long string, up to 64 characters.</summary>
    LO = ('L' << 8) | 'O',
    /// <summary>Long text, up to 10,240 characters, a single value.</summary>
    LT = ('L' << 8) | 'T',
    /// <summary>Bytes.</summary>
    OB = ('O' << 8) | 'B',
    /// <summary>64-bit floating point words.</summary>
    OD = ('O' << 8) | 'D',
    /// <summary>32-bit floating point words.</summary>
    OF = ('O' << 8) | 'F',
    /// <summary>32-bit words.</summary>
    OL = ('O' << 8) | 'L',
    /// <summary>64-bit words.</summary>
    OV = ('O' << 8) | 'V',
    /// <summary>16-bit words.</summary>
    OW = ('O' << 8) | 'W',
    /// <summary>Person name, three component groups of up to 64 characters each.</summary>
    PN = ('P' << 8) | 'N',
    /// <summary>Short string, up to 16 characters.</summary>
    SH = ('S' << 8) | 'H',
    /// <summary>Signed 32-bit integer.</summary>
    SL = ('S' << 8) | 'L',
    /// <summary>Sequence of items.</summary>
    SQ = ('S' << 8) | 'Q',
    /// <summary>Signed 16-bit integer.</summary>
    SS = ('S' << 8) | 'S',
    /// <summary>Short text, up to 1,024 characters, a single value.</summary>
    ST = ('S' << 8) | 'T',
    /// <summary>Signed 64-bit integer.</summary>
    SV = ('S' << 8) | 'V',
    /// <summary>Time of day.</summary>
    TM = ('T' << 8) | 'M',
    /// <summary>Unlimited characters, several values.</summary>
    UC = ('U' << 8) | 'C',
    /// <summary>Unique identifier, up to 64 characters.</summary>
    UI = ('U' << 8) | 'I',
    /// <summary>Unsigned 32-bit integer.</summary>
    UL = ('U' << 8) | 'L',
    /// <summary>Unknown.</summary>
    UN = ('U' << 8) | 'N',
    /// <summary>Universal resource identifier, a single value.</summary>
    UR = ('U' << 8) | 'R',
    /// <summary>Unsigned 16-bit integer.</summary>
    US = ('U' << 8) | 'S',
    /// <summary>Unlimited text, a single value.</summary>
    UT = ('U' << 8) | 'T',
    /// <summary>Unsigned 64-bit integer.</summary>
    UV = ('U' << 8) | 'V',
}
