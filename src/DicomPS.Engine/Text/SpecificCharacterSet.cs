using System.Globalization;
using System.Text;
using DicomPS.Data;

namespace DicomPS.Text;

/// <summary>
/// The character sets that a dataset declares in Specific Character Set (0008,0005), as a codec for its texts (PS3.3 C.12.1.1.2,
/// PS3.5 6.1). Reading is lenient and never throws; writing is strict. Immutable and safe to share between threads.
/// </summary>
public sealed class SpecificCharacterSet : TextCodec
{
    private static readonly Encoding Latin1 = Encoding.GetEncoding(28591);

    // One term, correctly spelt, is nearly every dataset there is. Lazy, because the large code pages take milliseconds to open.
    private static readonly Dictionary<string, Lazy<SpecificCharacterSet>> Singles = CharacterSets.All
        .Where(entry => !entry.IsMultiByteExtension)
        .ToDictionary(entry => entry.Term, entry => new Lazy<SpecificCharacterSet>(() => new SpecificCharacterSet([entry])),
            StringComparer.Ordinal);

    private readonly string[] _terms;
    private readonly InitialState _initial;
    private readonly List<(GraphicSet Set, bool IsG1)> _declared = [];
    private readonly CharacterSetTerm _first;

    private SpecificCharacterSet(List<CharacterSetTerm> entries)
    {
        _first = entries[0];
        _terms = entries.Count == 1 && _first == DeclaredTerms.Empty ? [] : [.. entries.Select(entry => entry.Term)];
        var usesExtensions = entries.Count > 1 || _first.IsCodeExtension;
        _initial = new InitialState(
            _first.G0 ?? SingleByteSets.Ascii,
            _first.G1,
            entries.Find(entry => entry.G1 is not null)?.G1,
            _first.IsWholeEncoding ? OpenCodePage(_first.CodePage) : null);
        foreach (var entry in usesExtensions ? entries : [])
        {
            Declare(entry.G0, isG1: false);
            Declare(entry.G1, isG1: true);
        }
    }

    /// <summary>
    /// The default repertoire, ISO 646, for datasets without Specific Character Set (PS3.5 6.1.1). Unlike
    /// <see cref="TextCodec.Default"/> it refuses to write what it does not have.
    /// </summary>
    public static SpecificCharacterSet Ascii { get; } = new([DeclaredTerms.Empty]);

    /// <summary>ISO_IR 100, Latin alphabet No. 1.</summary>
    public static SpecificCharacterSet Latin => Singles["ISO_IR 100"].Value;

    /// <summary>ISO_IR 192, Unicode in UTF-8: holds every character.</summary>
    public static SpecificCharacterSet Utf8 => Singles["ISO_IR 192"].Value;

    /// <summary>Every defined term of Specific Character Set with what it is for, in the order of the tables (PS3.3 C.12.1.1.2).</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> DefinedTerms =>
        [.. CharacterSets.All.Where(entry => entry.IsStandard)
            .Select(entry => new KeyValuePair<string, string>(entry.Term, entry.Description))];

    /// <summary>
    /// The terms as the standard spells them, in their order; a first empty one stands for the default repertoire with code extensions
    /// after it. Empty for the default repertoire alone.
    /// </summary>
    public override string[] Terms => (string[])_terms.Clone();

    /// <summary>
    /// Whether every term is one of the standard; false for the likes of windows-1252, which are read but should not be declared.
    /// </summary>
    public bool IsStandard => _first.IsStandard;

    /// <summary>
    /// Understands the values of Specific Character Set (0008,0005), also misspelt or wrongly combined (PS3.3 C.12.1.1.2).
    /// </summary>
    /// <param name="terms">The values, separated; none, or one empty, is the default repertoire.</param>
    /// <param name="warnings">What is wrong with them and how they are read, a sentence each; empty when nothing is wrong.</param>
    /// <returns>The codec; the default repertoire in place of a first term that nobody knows.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="terms"/> is null.</exception>
    public static SpecificCharacterSet Parse(IEnumerable<string> terms, out IReadOnlyList<string> warnings)
    {
        if (terms is null)
            throw new ArgumentNullException(nameof(terms));

        warnings = [];
        if (terms is IReadOnlyList<string> { Count: 1 } list
            && Singles.TryGetValue(list[0]?.TrimEnd(' ', '\0') ?? string.Empty, out var single))
            return single.Value;

        var told = new List<string>();
        var entries = DeclaredTerms.Resolve(terms, told);
        warnings = told;
        return entries.Count switch
        {
            0 => Ascii,
            1 when entries[0] == DeclaredTerms.Empty => Ascii,
            1 when Singles.TryGetValue(entries[0].Term, out var known) => known.Value,
            _ => new SpecificCharacterSet(entries),
        };
    }

    /// <summary>Chooses the character set to declare for a text.</summary>
    /// <param name="text">The text that will be written.</param>
    /// <param name="preferred">What to keep to if it can hold the text, such as what the peer is known to read; null for no
    /// preference.</param>
    /// <returns>The preferred one if the standard has it and it can hold the text; otherwise ISO_IR 192 (UTF-8), which holds every
    /// text.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static SpecificCharacterSet ForText(string text, SpecificCharacterSet? preferred = null) =>
        preferred is { IsStandard: true } && preferred.CanEncode(text) ? preferred : Utf8;

    /// <inheritdoc/>
    /// <remarks>A byte that means nothing in its place becomes U+FFFD, or is read as Latin-1 where no set is declared for it.</remarks>
    public override string Decode(ReadOnlySpan<byte> bytes, Vr vr)
    {
        if (bytes.IsEmpty)
            return string.Empty;

        // PS3.5 6.1.2.2: the character set is for SH, LO, ST, LT, UC, UT and PN; the other strings keep to the default repertoire.
        if (vr.IsString() && !vr.IsText())
            return base.Decode(bytes, vr);

        // Nothing is declared: the same guess as without the attribute.
        if (_terms.Length == 0 && IsUtf8(bytes))
            return DecodeUtf8(bytes);

        if (bytes.IndexOf((byte)0x1B) < 0)
        {
            if (_initial.Whole is { } whole)
                return Iso2022Decoder.GetString(whole, bytes);

            if (_initial.G0 == SingleByteSets.Ascii
                && ((_initial.G1 ?? _initial.UndesignatedG1 ?? SingleByteSets.Latin1) == SingleByteSets.Latin1 || IsAscii(bytes)))
            {
                return Iso2022Decoder.GetString(Latin1, bytes);
            }
        }

        return Iso2022Decoder.Decode(bytes, vr, _initial);
    }

    /// <summary>Writes a whole value, all its backslash-separated parts together; padding is the writer's business.</summary>
    /// <param name="text">The text.</param>
    /// <param name="vr">The VR; the character sets apply to texts only (PS3.5 6.1.2.2).</param>
    /// <returns>The bytes, with the escape sequences that they need (PS3.5 6.1.2.5.3).</returns>
    /// <exception cref="ArgumentException">A character is in none of the declared sets; the message names it, them, and what to declare
    /// instead.</exception>
    public override byte[] Encode(string text, Vr vr) =>
        TryEncode(text, vr, out var failedAt) ?? throw Refuse(text, failedAt);

    /// <summary>Whether the declared sets hold every character of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="vr">The VR: where a backslash delimits, code 5C of JIS X 0201 cannot be a yen sign (PS3.5 H.1.1).</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public bool CanEncode(string text, Vr vr = Vr.LO) => TryEncode(text, vr, out _) is not null;

    /// <summary>The terms as they stand in (0008,0005).</summary>
    public override string ToString() => _terms.Length == 0 ? "default repertoire" : string.Join("\\", _terms);

    private static bool IsAscii(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (value >= 0x80)
                return false;
        }

        return true;
    }

    private static Encoding OpenCodePage(int codePage)
    {
        var decoding = new DecoderReplacementFallback("\uFFFD");
        // Straight from the provider: nothing is registered for the whole process, and no culture data is needed.
        return CodePagesEncodingProvider.Instance.GetEncoding(codePage, EncoderFallback.ExceptionFallback, decoding)
            ?? Encoding.GetEncoding(codePage, EncoderFallback.ExceptionFallback, decoding);
    }

    private void Declare(GraphicSet? set, bool isG1)
    {
        if (set is not null && !_declared.Contains((set, isG1)))
            _declared.Add((set, isG1));
    }

    private byte[]? TryEncode(string text, Vr vr, out int failedAt)
    {
        if (text is null)
            throw new ArgumentNullException(nameof(text));

        failedAt = -1;
        if (vr.IsString() && !vr.IsText())
            return base.Encode(text, vr);

        if (_initial.Whole is { } whole)
            return EncodeWhole(whole, text, out failedAt);

        if (_initial.G0 == SingleByteSets.Ascii && IsPlain(text))
            return Encoding.ASCII.GetBytes(text);

        return new Iso2022Encoder(_initial, _declared, vr).Encode(text, out failedAt);
    }

    private static bool IsPlain(string text)
    {
        foreach (var character in text)
        {
            if (character is >= '\u0080' or '\u001B')
                return false;
        }

        return true;
    }

    private byte[]? EncodeWhole(Encoding whole, string text, out int failedAt)
    {
        failedAt = FindUnwritable(text);
        if (failedAt < 0)
        {
            try
            {
                return whole.GetBytes(text);
            }
            catch (EncoderFallbackException exception)
            {
                failedAt = Math.Max(0, exception.Index);
            }
        }

        return null;
    }

    // What the encoding would write, but no reader would read as the same: an escape sequence, and the euro,
    // which code page 936 writes as byte 80 that GBK does not have.
    private int FindUnwritable(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if ((text[at] == '\u20AC' && _first.CodePage == CharacterSets.GbkCodePage)
                || (text[at] == '\u001B' && at + 1 < text.Length && Iso2022Encoder.LooksLikeEscape(text[at], text[at + 1])))
            {
                return at;
            }
        }

        return -1;
    }

    private ArgumentException Refuse(string text, int at)
    {
        var isPair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
        var codePoint = isPair ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];
        var shown = char.IsControl(text[at]) || (char.IsSurrogate(text[at]) && !isPair) ? string.Empty
            : $"\"{text.Substring(at, isPair ? 2 : 1)}\" ";
        var advice = this == Utf8
            ? "Half a surrogate pair is no character: correct the text."
            : "Declare ISO_IR 192 (UTF-8), which holds every character, or add a character set that has it.";
        return new ArgumentException(string.Format(CultureInfo.InvariantCulture,
            "The character {0}(U+{1:X4}) at position {2} is not in the declared character set ({3}). {4}",
            shown, codePoint, at, this, advice), nameof(text));
    }
}
