using System.Text;
using DicomPS.Data;

namespace DicomPS.Text;

/// <summary>
/// Reads text with escape sequences (PS3.5 6.1.2.5): one pass over the bytes, at most one character for each, never an exception.
/// It knows the escape sequences of every defined term, declared or not, and their forms for the other code element.
/// </summary>
internal static class Iso2022Decoder
{
    private const byte Escape = 0x1B;

    /// <summary>Reads a whole value.</summary>
    /// <param name="bytes">The value.</param>
    /// <param name="vr">Which characters delimit, and so reset the code elements.</param>
    /// <param name="initial">What is designated at the start and after each delimiter.</param>
    internal static string Decode(ReadOnlySpan<byte> bytes, Vr vr, in InitialState initial)
    {
        var text = new StringBuilder(bytes.Length);
        var isMultiValued = vr.IsMultiValued();
        var isPersonName = vr == Vr.PN;
        var (g0, g1, lastG1) = (initial.G0, initial.G1, initial.UndesignatedG1);
        var i = 0;
        while (i < bytes.Length)
        {
            var value = bytes[i];
            if (value == Escape && TryReadEscape(bytes.Slice(i), out var set, out var toG1, out var length))
            {
                if (toG1)
                    (g1, lastG1) = (set, set);
                else
                    g0 = set;

                i += length;
            }
            else if (initial.Whole is { } whole && g0 == initial.G0 && g1 is null)
            {
                var end = i + 1;
                while (end < bytes.Length && !(bytes[end] == Escape && TryReadEscape(bytes.Slice(end), out _, out _, out _)))
                    end++;

                text.Append(GetString(whole, bytes.Slice(i, end - i)));
                i = end;
            }
            else if (value >= 0x80)
            {
                i += ReadHigh(bytes.Slice(i), g1, lastG1, text);
            }
            else if (value is <= 0x20 or 0x7F)
            {
                // PS3.5 6.1.2.5.3: the initial state returns at each line, page and tab. A space is a space in every code element.
                if (value is 0x09 or 0x0A or 0x0C or 0x0D)
                    (g0, g1) = (initial.G0, initial.G1);

                text.Append((char)value);
                i++;
            }
            else if (g0.IsDoubleByte)
            {
                // The halves of a double-byte character look like delimiters (5C, 5E, 3D) and are none.
                var isPair = i + 1 < bytes.Length && bytes[i + 1] is >= 0x21 and <= 0x7E;
                text.Append(isPair ? g0.Read(value, bytes[i + 1]) : GraphicSet.Unassigned);
                i += isPair ? 2 : 1;
            }
            else if ((value == '\\' && isMultiValued) || (isPersonName && value is (byte)'^' or (byte)'='))
            {
                // PS3.5 6.1.2.5.3. The delimiter is a backslash even where code 5C is a yen sign (PS3.5 H.1.1).
                (g0, g1) = (initial.G0, initial.G1);
                text.Append((char)value);
                i++;
            }
            else
            {
                text.Append(g0.Read(value));
                i++;
            }
        }

        return text.ToString();
    }

    /// <summary>
    /// Recognises the escape sequences that designate a set to G0 or G1 (PS3.3 Tables C.12-3 and C.12-4, ISO/IEC 2022 13.2). Others,
    /// and one cut short by the end of the value, are no designation; their bytes are read as they stand.
    /// </summary>
    internal static bool TryReadEscape(ReadOnlySpan<byte> bytes, out GraphicSet set, out bool toG1, out int length)
    {
        set = SingleByteSets.Ascii;
        toG1 = false;
        length = 3;
        if (bytes.Length < 3)
            return false;

        GraphicSet? found;
        switch (bytes[1])
        {
            case (byte)'(' or (byte)')':
                toG1 = bytes[1] == ')';
                found = CharacterSets.Find(SetSize.Ninety4, bytes[2]);
                break;
            case (byte)'-':
                toG1 = true;
                found = CharacterSets.Find(SetSize.NinetySix, bytes[2]);
                break;
            case (byte)'$' when bytes[2] is (byte)'(' or (byte)')' && bytes.Length > 3:
                toG1 = bytes[2] == ')';
                length = 4;
                found = CharacterSets.Find(SetSize.Ninety4Squared, bytes[3]);
                break;
            case (byte)'$' when bytes[2] is (byte)'@' or (byte)'A' or (byte)'B':
                found = CharacterSets.Find(SetSize.Ninety4Squared, bytes[2]);
                break;
            default:
                return false;
        }

        set = found ?? set;
        return found is not null;
    }

    /// <summary>One call into the runtime; the overload that takes a span is not in netstandard2.0.</summary>
    internal static unsafe string GetString(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            return bytes.IsEmpty ? string.Empty : encoding.GetString(start, bytes.Length);
    }

    private static int ReadHigh(ReadOnlySpan<byte> bytes, GraphicSet? g1, GraphicSet? lastG1, StringBuilder text)
    {
        // Where nothing is designated to G1, bytes above 7F mean nothing by the standard. Writers that designate once and not again after
        // a delimiter mean the set they had; those that never do mean the one they declared; Latin-1 is what is left to guess.
        var set = g1 ?? lastG1;
        if (set is null || bytes[0] < 0xA0)
        {
            text.Append((char)bytes[0]);
            return 1;
        }

        if (!set.IsDoubleByte)
        {
            text.Append(set.Read(bytes[0] & 0x7F));
            return 1;
        }

        if (bytes.Length > 1 && bytes[0] is >= 0xA1 and <= 0xFE && bytes[1] is >= 0xA1 and <= 0xFE)
        {
            text.Append(set.Read(bytes[0] & 0x7F, bytes[1] & 0x7F));
            return 2;
        }

        text.Append(g1 is null ? (char)bytes[0] : GraphicSet.Unassigned);
        return 1;
    }
}

/// <summary>What is designated before any escape sequence and after each delimiter (PS3.5 6.1.2.5.3).</summary>
/// <param name="G0">Codes 21 to 7E.</param>
/// <param name="G1">Bytes A0 to FF, or null.</param>
/// <param name="UndesignatedG1">What bytes A0 to FF are taken for when nothing is designated, or null for Latin-1.</param>
/// <param name="Whole">The encoding that reads everything until an escape sequence comes, or null.</param>
internal readonly record struct InitialState(GraphicSet G0, GraphicSet? G1, GraphicSet? UndesignatedG1, Encoding? Whole);
