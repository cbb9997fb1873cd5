using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace DicomPS.Data;

/// <summary>The values inside an element, leniently: what cannot be understood is left out, and nothing throws.</summary>
internal static class ValueDecoder
{
    private static readonly char[] Trailing = [' ', '\0'];

    /// <summary>The values as text: strings trimmed by VR, numbers and tags printed.</summary>
    public static string[] Strings(DicomValue value, TextCodec codec)
    {
        var vr = value.Vr;
        if (value.Length == 0)
            return [];

        if (vr.IsString() || value.IsUnencodedText)
            return Split(value.DecodeText(codec), vr);

        switch (vr)
        {
            case Vr.UN:
                // A private element of an unknown owner is as a rule text, and a user wants to read it.
                var text = value.DecodeText(codec);
                return LooksLikeText(text) ? Split(text, vr) : [];
            case Vr.AT:
                return Array.ConvertAll(Tags(value), tag => tag.ToString());
            case Vr.FL or Vr.FD or Vr.OF or Vr.OD:
                return Array.ConvertAll(Doubles(value), v => v.ToString("R", CultureInfo.InvariantCulture));
            case Vr.UV or Vr.OV:
                return Array.ConvertAll(Words(value), v => unchecked((ulong)v).ToString(CultureInfo.InvariantCulture));
            case Vr.US or Vr.SS or Vr.UL or Vr.SL or Vr.SV:
                return Array.ConvertAll(Words(value), v => v.ToString(CultureInfo.InvariantCulture));
            default:
                return [];
        }
    }

    /// <summary>Whole numbers from words, from IS and DS, and from any text that reads as one.</summary>
    public static long[] Integers(DicomValue value)
    {
        if (value.Vr is Vr.FL or Vr.FD or Vr.OF or Vr.OD)
        {
            var doubles = Doubles(value);
            var whole = new List<long>(doubles.Length);
            foreach (var number in doubles)
            {
                if (Math.Floor(number) == number && Math.Abs(number) < 9e18)
                    whole.Add((long)number);
            }

            return [.. whole];
        }

        if (value.Vr == Vr.AT)
            return Array.ConvertAll(Tags(value), tag => (long)tag.Value);

        if (!value.Vr.IsString())
            return Words(value);

        var numbers = new List<long>();
        foreach (var text in Strings(value, TextCodec.Default))
        {
            if (NumberText.TryParse(text, out long number))
                numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>Numbers from words, from IS and DS, and from any text that reads as one.</summary>
    public static double[] Doubles(DicomValue value)
    {
        switch (value.Vr)
        {
            case Vr.FL or Vr.OF:
                return Array.ConvertAll(RawWords(value, 4, false), bits => (double)MemoryMarshal.Cast<int, float>([(int)bits])[0]);
            case Vr.FD or Vr.OD:
                return Array.ConvertAll(RawWords(value, 8, false), BitConverter.Int64BitsToDouble);
            case Vr.UV or Vr.OV:
                return Array.ConvertAll(Words(value), bits => (double)unchecked((ulong)bits));
        }

        if (!value.Vr.IsString())
            return Array.ConvertAll(Words(value), word => (double)word);

        var numbers = new List<double>();
        foreach (var text in Strings(value, TextCodec.Default))
        {
            if (NumberText.TryParse(text, out double number))
                numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>The tags of AT, each two 16-bit words (PS3.5 6.2).</summary>
    public static DicomTag[] Tags(DicomValue value)
    {
        if (value.Vr.IsString())
        {
            var parsed = new List<DicomTag>();
            foreach (var text in Strings(value, TextCodec.Default))
            {
                if (DicomTag.TryParse(text, out var tag))
                    parsed.Add(tag);
            }

            return [.. parsed];
        }

        var halves = RawWords(value, 2, false);
        var tags = new DicomTag[halves.Length / 2];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = new DicomTag((ushort)halves[2 * i], (ushort)halves[(2 * i) + 1]);

        return tags;
    }

    /// <summary>Takes the padding off a value: what is not significant differs by VR (PS3.5 6.2).</summary>
    public static string Trim(string text, Vr vr)
    {
        text = text.TrimEnd(Trailing);
        return vr is Vr.ST or Vr.LT or Vr.UT or Vr.UC or Vr.UR or Vr.PN ? text : text.TrimStart(' ');
    }

    private static string[] Split(string text, Vr vr)
    {
        if (!vr.IsMultiValued() || text.IndexOf('\\') < 0)
        {
            var single = Trim(text, vr);
            return single.Length == 0 ? [] : [single];
        }

        var parts = text.Split('\\');
        for (var i = 0; i < parts.Length; i++)
            parts[i] = Trim(parts[i], vr);

        return parts;
    }

    private static bool LooksLikeText(string text)
    {
        var trimmed = text.TrimEnd(Trailing);
        foreach (var c in trimmed)
        {
            if ((c < ' ' && c is not ('\t' or '\n' or '\r' or '\f')) || c == 0x7F)
                return false;
        }

        return trimmed.Length > 0;
    }

    private static long[] Words(DicomValue value) => value.Vr switch
    {
        Vr.US or Vr.OW => RawWords(value, 2, false),
        Vr.SS => RawWords(value, 2, true),
        Vr.UL or Vr.OL => RawWords(value, 4, false),
        Vr.SL => RawWords(value, 4, true),
        Vr.SV or Vr.UV or Vr.OV => RawWords(value, 8, true),
        Vr.OB => RawWords(value, 1, false),
        _ => [],
    };

    private static long[] RawWords(DicomValue value, int size, bool signed)
    {
        var bytes = value.ReadPlain().Span;
        var words = new long[bytes.Length / size];
        for (var i = 0; i < words.Length; i++)
        {
            var word = bytes.Slice(i * size, size);
            words[i] = (size, value.IsBigEndian) switch
            {
                (1, _) => word[0],
                (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(word),
                (2, true) => BinaryPrimitives.ReadUInt16BigEndian(word),
                (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(word),
                (4, true) => BinaryPrimitives.ReadUInt32BigEndian(word),
                (_, false) => BinaryPrimitives.ReadInt64LittleEndian(word),
                (_, true) => BinaryPrimitives.ReadInt64BigEndian(word),
            };
            if (signed)
                words[i] = size == 2 ? (short)words[i] : size == 4 ? (int)words[i] : words[i];
        }

        return words;
    }
}
