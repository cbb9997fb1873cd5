namespace DicomPS.Text;

/// <summary>How many codes a graphic character set has (ISO/IEC 2022); the escape sequence that designates it depends on it.</summary>
internal enum SetSize
{
    /// <summary>94 characters, codes 21 to 7E, one byte each.</summary>
    Ninety4,
    /// <summary>96 characters, codes 20 to 7F, one byte each; only ever in G1.</summary>
    NinetySix,
    /// <summary>94 by 94 characters, two bytes each.</summary>
    Ninety4Squared,
}

/// <summary>
/// One graphic character set of the international register, such as ISO-IR 100: 7-bit codes on one side, characters on the other.
/// Designated to G0 its codes stand as they are, designated to G1 they have the high bit set (PS3.5 6.1.2.5.1).
/// </summary>
internal sealed class GraphicSet
{
    /// <summary>What stands for a code without a character.</summary>
    internal const char Unassigned = '\uFFFD';

    private readonly string _variants;
    private readonly Lazy<char[]> _cells;
    private readonly Lazy<Dictionary<char, ushort>> _codes;

    /// <param name="name">The name in the international register, such as "ISO-IR 100".</param>
    /// <param name="size">How many codes.</param>
    /// <param name="final">The final byte of its escape sequences (PS3.3 Tables C.12-3 and C.12-4).</param>
    /// <param name="fill">Makes the characters in the order of their codes; runs at first use.</param>
    /// <param name="isWritten">Which codes belong to the set as registered; the others are read but never written. Null: all.</param>
    /// <param name="variants">Pairs: a character that other mappings use, and the one that stands for the same code here.</param>
    internal GraphicSet(string name, SetSize size, char final, Func<char[]> fill, Func<int, bool>? isWritten = null, string variants = "")
    {
        Name = name;
        Size = size;
        Final = (byte)final;
        _cells = new Lazy<char[]>(fill);
        _codes = new Lazy<Dictionary<char, ushort>>(() => Invert(isWritten));
        _variants = variants;
    }

    internal string Name { get; }

    internal SetSize Size { get; }

    internal byte Final { get; }

    internal bool IsDoubleByte => Size == SetSize.Ninety4Squared;

    /// <summary>The first code of the set, in each byte.</summary>
    internal byte First => Size == SetSize.NinetySix ? (byte)0x20 : (byte)0x21;

    private int Width => Size == SetSize.NinetySix ? 96 : 94;

    /// <summary>The escape sequence that designates this set to G0. ESC $ B needs no intermediate parenthesis (PS3.5 H.1.2).</summary>
    internal byte[] EscapeToG0 => Size switch
    {
        SetSize.Ninety4 => [0x1B, (byte)'(', Final],
        SetSize.Ninety4Squared when Final is (byte)'@' or (byte)'A' or (byte)'B' => [0x1B, (byte)'$', Final],
        SetSize.Ninety4Squared => [0x1B, (byte)'$', (byte)'(', Final],
        _ => throw new InvalidOperationException($"{Name} has 96 characters and cannot be designated to G0."),
    };

    /// <summary>The escape sequence that designates this set to G1.</summary>
    internal byte[] EscapeToG1 => Size switch
    {
        SetSize.Ninety4 => [0x1B, (byte)')', Final],
        SetSize.NinetySix => [0x1B, (byte)'-', Final],
        _ => [0x1B, (byte)'$', (byte)')', Final],
    };

    /// <summary>The character of a one-byte code without its high bit; <see cref="Unassigned"/> where there is none.</summary>
    internal char Read(int code)
    {
        var index = code - First;
        return (uint)index < (uint)_cells.Value.Length ? _cells.Value[index] : Unassigned;
    }

    /// <summary>The character of a two-byte code without its high bits; <see cref="Unassigned"/> where there is none.</summary>
    internal char Read(int row, int column)
    {
        row -= 0x21;
        column -= 0x21;
        return (uint)row < 94 && (uint)column < 94 ? _cells.Value[(row * 94) + column] : Unassigned;
    }

    /// <summary>The code of a character: one byte, or two with the row in the high one; without high bits.</summary>
    internal bool TryWrite(char character, out int code)
    {
        var found = _codes.Value.TryGetValue(character, out var value);
        code = value;
        return found;
    }

    /// <summary>
    /// The character of this set that other mappings take for the given one, such as the wave dash for a full-width tilde; or null.
    /// </summary>
    internal char? FindVariant(char character)
    {
        for (var i = 0; i + 1 < _variants.Length; i += 2)
        {
            if (_variants[i] == character)
                return _variants[i + 1];
        }

        return null;
    }

    public override string ToString() => Name;

    private Dictionary<char, ushort> Invert(Func<int, bool>? isWritten)
    {
        var inverse = new Dictionary<char, ushort>();
        for (var index = 0; index < _cells.Value.Length; index++)
        {
            var code = IsDoubleByte ? ((0x21 + (index / Width)) << 8) | (0x21 + (index % Width)) : First + index;
            var character = _cells.Value[index];
            // The first code wins: JIS rows 13 and up repeat characters of row 2.
            if (character != Unassigned && !inverse.ContainsKey(character) && isWritten?.Invoke(code) != false)
                inverse.Add(character, (ushort)code);
        }

        return inverse;
    }
}
