using DicomPS.Data;

namespace DicomPS.Text;

/// <summary>
/// Writes text with escape sequences (PS3.5 6.1.2.5): keeps to what is designated as long as it has the characters, otherwise takes the
/// first of the declared code elements that does, and returns to the initial state before each delimiter and at the end.
/// </summary>
internal sealed class Iso2022Encoder
{
    private readonly InitialState _initial;
    private readonly List<(GraphicSet Set, bool IsG1)> _declared;
    private readonly IEnumerable<GraphicSet> _candidates;
    private readonly bool _isMultiValued;
    private readonly bool _isPersonName;
    private readonly List<byte> _output = [];
    private GraphicSet _g0;
    private GraphicSet? _g1;

    /// <param name="initial">What value 1 designates.</param>
    /// <param name="declared">The code elements of all declared terms in their order; empty when escape sequences are not allowed.</param>
    /// <param name="vr">Which characters delimit.</param>
    internal Iso2022Encoder(in InitialState initial, List<(GraphicSet Set, bool IsG1)> declared, Vr vr)
    {
        _initial = initial;
        _declared = declared;
        _candidates = declared.Count > 0 ? declared.Select(element => element.Set)
            : initial.G1 is null ? [initial.G0] : [initial.G0, initial.G1];
        _isMultiValued = vr.IsMultiValued();
        _isPersonName = vr == Vr.PN;
        _g0 = initial.G0;
        _g1 = initial.G1;
    }

    /// <summary>Writes the text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="failedAt">Where it stopped, at a character that no declared set has; or -1.</param>
    /// <returns>The bytes; null when it stopped.</returns>
    internal byte[]? Encode(string text, out int failedAt)
    {
        for (failedAt = 0; failedAt < text.Length; failedAt++)
        {
            var character = text[failedAt];
            if (IsDelimiter(character))
            {
                Return();
                _output.Add((byte)character);
            }
            else if (!TryWrite(character, failedAt + 1 < text.Length ? text[failedAt + 1] : '\0'))
            {
                return null;
            }
        }

        Return();
        failedAt = -1;
        return _output.ToArray();
    }

    /// <summary>Whether a reader would take two characters of the text itself for the start of an escape sequence.</summary>
    internal static bool LooksLikeEscape(char character, char next) => character == '\u001B' && next is '(' or ')' or '-' or '$';

    private bool IsDelimiter(char character) => character is '\t' or '\n' or '\f' or '\r'
        || (character == '\\' && _isMultiValued)
        || (_isPersonName && character is '^' or '=');

    // PS3.5 6.1.2.5.3. Where value 1 leaves G1 empty there is nothing to return it to: what was designated ends with the delimiter
    // (PS3.5 K.2 note 2).
    private void Return()
    {
        if (_g0 != _initial.G0)
            Designate(_initial.G0, isG1: false);

        if (_initial.G1 is not null && _g1 != _initial.G1)
            Designate(_initial.G1, isG1: true);

        _g1 = _initial.G1;
    }

    private bool TryWrite(char character, char next)
    {
        if (character is <= ' ' or '\u007F')
        {
            if (LooksLikeEscape(character, next))
                return false;

            // ISO/IEC 2022 has space and controls in every state; readers of double-byte G0 sets expect them outside.
            if (_g0.IsDoubleByte)
                Designate(_initial.G0, isG1: false);

            _output.Add((byte)character);
            return true;
        }

        if (TryWriteGraphic(character))
            return true;

        // Only where no declared set has the character itself: what is read back is the other one.
        foreach (var set in _candidates)
        {
            if (set.FindVariant(character) is { } variant && TryWriteGraphic(variant))
                return true;
        }

        // Controls 80 to 9F stand for themselves in an 8-bit code; they are kept as they were read.
        if (character is >= '\u0080' and <= '\u009F' && _initial.G1 is not null)
        {
            _output.Add((byte)character);
            return true;
        }

        return false;
    }

    private bool TryWriteGraphic(char character)
    {
        if (TryWriteIn(_g0, isG1: false, character) || (_g1 is not null && TryWriteIn(_g1, isG1: true, character))
            || (_g0 != _initial.G0 && Holds(_initial.G0, isG1: false, character) && Switch(_initial.G0, isG1: false, character)))
        {
            return true;
        }

        foreach (var (set, isG1) in _declared)
        {
            if (Holds(set, isG1, character))
                return Switch(set, isG1, character);
        }

        return false;
    }

    private bool Switch(GraphicSet set, bool isG1, char character)
    {
        Designate(set, isG1);
        return TryWriteIn(set, isG1, character);
    }

    private void Designate(GraphicSet set, bool isG1)
    {
        _output.AddRange(isG1 ? set.EscapeToG1 : set.EscapeToG0);
        if (isG1)
            _g1 = set;
        else
            _g0 = set;
    }

    // A yen sign is code 5C of JIS X 0201, and a delimiter to every reader of a value that may have several (PS3.5 H.1.1 note 3).
    private bool Holds(GraphicSet set, bool isG1, char character) =>
        set.TryWrite(character, out var code) && !(code == '\\' && !isG1 && _isMultiValued);

    private bool TryWriteIn(GraphicSet set, bool isG1, char character)
    {
        if (!Holds(set, isG1, character))
            return false;

        set.TryWrite(character, out var code);
        var high = isG1 ? 0x80 : 0;
        if (set.IsDoubleByte)
            _output.Add((byte)((code >> 8) | high));

        _output.Add((byte)((code & 0xFF) | high));
        return true;
    }
}
