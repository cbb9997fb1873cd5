using System.Globalization;

namespace DicomPS.Data;

/// <summary>The number of a data element: group and element, 16 bits each (PS3.5 7.1).</summary>
public readonly struct DicomTag : IEquatable<DicomTag>, IComparable<DicomTag>
{
    /// <summary>A tag of its two halves.</summary>
    /// <param name="group">The group, such as 0x0010.</param>
    /// <param name="element">The element, such as 0x0020.</param>
    public DicomTag(ushort group, ushort element) => Value = ((uint)group << 16) | element;

    /// <summary>A tag of both halves in one number, such as 0x00100020.</summary>
    /// <param name="value">The group in the upper 16 bits, the element in the lower.</param>
    public DicomTag(uint value) => Value = value;

    /// <summary>Both halves in one number, the group in the upper 16 bits; tags are ordered by it.</summary>
    public uint Value { get; }

    /// <summary>The upper half.</summary>
    public ushort Group => (ushort)(Value >> 16);

    /// <summary>The lower half.</summary>
    public ushort Element => (ushort)Value;

    /// <summary>Whether the group is odd, so that a vendor and not the standard gives the meaning (PS3.5 7.8).</summary>
    public bool IsPrivate => (Value & 0x00010000) != 0;

    /// <summary>Whether this element names the owner of a private block: (odd group, 0010-00FF) (PS3.5 7.8.1).</summary>
    public bool IsPrivateCreator => IsPrivate && Element is >= 0x0010 and <= 0x00FF;

    /// <summary>Whether this is a group length (gggg,0000), retired outside groups 0000 and 0002 (PS3.5 7.2).</summary>
    public bool IsGroupLength => Element == 0;

    /// <summary>Start of an item (PS3.5 7.5).</summary>
    internal static DicomTag Item => new(0xFFFEE000);

    /// <summary>End of an item of undefined length.</summary>
    internal static DicomTag ItemDelimitation => new(0xFFFEE00D);

    /// <summary>End of a sequence of undefined length.</summary>
    internal static DicomTag SequenceDelimitation => new(0xFFFEE0DD);

    /// <summary>Whether two tags are the same.</summary>
    public static bool operator ==(DicomTag left, DicomTag right) => left.Value == right.Value;

    /// <summary>Whether two tags differ.</summary>
    public static bool operator !=(DicomTag left, DicomTag right) => left.Value != right.Value;

    /// <summary>Whether the left tag comes first in a dataset.</summary>
    public static bool operator <(DicomTag left, DicomTag right) => left.Value < right.Value;

    /// <summary>Whether the left tag comes last in a dataset.</summary>
    public static bool operator >(DicomTag left, DicomTag right) => left.Value > right.Value;

    /// <summary>Whether the left tag does not come after the right one.</summary>
    public static bool operator <=(DicomTag left, DicomTag right) => left.Value <= right.Value;

    /// <summary>Whether the left tag does not come before the right one.</summary>
    public static bool operator >=(DicomTag left, DicomTag right) => left.Value >= right.Value;

    /// <summary>Reads a tag from "0010,0020", "00100020" or "(0010,0020)".</summary>
    /// <param name="text">The text; hexadecimal digits in either case.</param>
    /// <exception cref="FormatException">The text is none of the three forms.</exception>
    public static DicomTag Parse(string text) => TryParse(text, out var tag)
        ? tag
        : throw new FormatException($"'{text}' is not a tag. Write it as 0010,0020 or 00100020 or (0010,0020).");

    /// <summary>Reads a tag from "0010,0020", "00100020" or "(0010,0020)".</summary>
    /// <param name="text">The text; hexadecimal digits in either case.</param>
    /// <param name="tag">The tag, or zero.</param>
    /// <returns>False when the text is none of the three forms.</returns>
    public static bool TryParse(string? text, out DicomTag tag)
    {
        tag = default;
        if (text is null)
            return false;

        var digits = text.Trim();
        if (digits.Length == 11 && digits[0] == '(' && digits[10] == ')')
            digits = digits.Substring(1, 9);

        if (digits.Length == 9 && digits[4] == ',')
            digits = digits.Remove(4, 1);

        if (digits.Length != 8
            || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        tag = new DicomTag(value);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(DicomTag other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DicomTag other && Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Value;

    /// <inheritdoc/>
    public int CompareTo(DicomTag other) => Value.CompareTo(other.Value);

    /// <summary>The tag as the standard prints it: "(0010,0020)".</summary>
    public override string ToString() => $"({Group:X4},{Element:X4})";
}
