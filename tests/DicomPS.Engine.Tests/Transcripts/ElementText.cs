using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>Bytes of commands and datasets as lines, an element each, from which the bytes can be told again.</summary>
internal sealed class ElementText(Normal normal)
{
    private static readonly string[] Numbers = ["AT", "FD", "FL", "OB", "OD", "OF", "OL", "OV", "OW", "SL", "SS", "SV", "UL", "US", "UV"];
    private static readonly string[] LongLengths = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];

    /// <summary>
    /// Whether something in the last lines has another length the next time, so that no length around it can be written down.
    /// </summary>
    public bool Varies { get; private set; }

    /// <summary>
    /// The elements, with those of items behind their item; all of it as hexadecimal digits when it is not made of elements.
    /// </summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isExplicit">Whether elements have a VR; otherwise they are in Implicit VR Little Endian.</param>
    public List<string> Lines(byte[] bytes, bool isExplicit)
    {
        Varies = false;
        var lines = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            if (bytes.Length - at < 8)
                return [Value(bytes)];
            var tag = $"({Short(bytes, at):X4},{Short(bytes, at + 2):X4})";
            var isItem = Short(bytes, at) == 0xFFFE;
            var vr = isExplicit && !isItem ? Encoding.ASCII.GetString(bytes, at + 4, 2) : null;
            var isLong = vr is { } && Array.IndexOf(LongLengths, vr) >= 0;
            var header = isLong ? 12 : 8;
            if (bytes.Length - at < header)
                return [Value(bytes)];
            var length = vr is null ? Long(bytes, at + 4) : isLong ? Long(bytes, at + 8) : Short(bytes, at + 6);
            // What is in an item or a sequence is read as what follows: no length is lost, and items are lines.
            var isNested = isItem || vr == "SQ" || (vr is null && length == uint.MaxValue) || IsSequence(bytes, at, isExplicit);
            if (!isNested && length > bytes.Length - at - header)
                return [Value(bytes)];
            var value = isNested ? [] : bytes.AsSpan(at + header, (int)length).ToArray();
            var isNumber = vr is null ? value.Length <= 4 && Short(bytes, at) == 0 : Array.IndexOf(Numbers, vr) >= 0;
            var content = isNested ? "" : isNumber ? $" {Hex(value)}" : $" {Value(value)}";
            lines.Add($"{tag}{(vr is null ? "" : $" {vr}")} {Length(value, length)}{content}".TrimEnd());
            at += header + value.Length;
        }

        return Varies
            ? [.. lines.Select(line => Regex.Replace(line, "^(\\(FFFE,E000\\)|\\([0-9A-F,]+\\) SQ|\\(0000,0000\\)) .*", "$1 varies"))]
            : lines;
    }

    /// <summary>Printable text in quotes, anything else as hexadecimal digits.</summary>
    public string Value(byte[] value)
    {
        var end = value.Length > 0 && value[^1] == 0 ? value.Length - 1 : value.Length;
        if (end == 0 || value.Take(end).Any(b => b is < 0x20 or > 0x7E or (byte)'"'))
            return Hex(value);
        var text = Encoding.ASCII.GetString(value, 0, end);
        // Whether that is padded depends on its length.
        return normal.IsMade(text.TrimEnd(' ')) ? $"\"{normal.Text(text.TrimEnd(' '))}\""
            : $"\"{normal.Text(text)}{(end < value.Length ? "\\0" : "")}\"";
    }

    private static string Hex(byte[] value) => BitConverter.ToString(value).Replace("-", "");

    // A sequence in Implicit VR: its first item shows it.
    private static bool IsSequence(byte[] bytes, int at, bool isExplicit) =>
        !isExplicit && bytes.Length - at >= 16 && Short(bytes, at + 8) == 0xFFFE && Short(bytes, at + 10) == 0xE000;

    private string Length(byte[] value, uint length)
    {
        if (!normal.IsMade(Encoding.ASCII.GetString(value).TrimEnd('\0', ' ')))
            return length == uint.MaxValue ? "undefined" : length.ToString(CultureInfo.InvariantCulture);
        Varies = true;
        return "varies";
    }

    private static ushort Short(byte[] bytes, int at) => (ushort)(bytes[at] | (bytes[at + 1] << 8));

    private static uint Long(byte[] bytes, int at) => Short(bytes, at) | ((uint)Short(bytes, at + 2) << 16);
}
