using System.Globalization;
using System.Text;

namespace DicomPS.Json;

/// <summary>Reads JSON (RFC 8259) token by token from a text. What it makes is never larger than the text.</summary>
internal sealed class JsonInput(string text)
{
    private readonly StringBuilder _buffer = new();

    public int Position { get; private set; } = text.Length > 0 && text[0] == '\uFEFF' ? 1 : 0;

    /// <summary>The element that is being read, for messages.</summary>
    public string? Element { get; set; }

    /// <summary>The next character that is no blank, without taking it; NUL at the end.</summary>
    public char Peek()
    {
        while (Position < text.Length && text[Position] is ' ' or '\t' or '\n' or '\r')
            Position++;

        return Position < text.Length ? text[Position] : '\0';
    }

    /// <summary>Takes a character if it is the next.</summary>
    public bool TryRead(char wanted)
    {
        if (Peek() != wanted || Position >= text.Length)
            return false;

        Position++;
        return true;
    }

    public void Expect(char wanted, string where)
    {
        if (!TryRead(wanted))
            throw Error($"{Found()} stands where '{wanted}' is expected {where}");
    }

    /// <summary>Goes through the members of an object or the elements of an array: true when there is another.</summary>
    public bool Next(char close, ref bool first)
    {
        if (TryRead(close))
            return false;

        if (!first)
            Expect(',', close == '}' ? "between members" : "between values");

        first = false;
        return true;
    }

    /// <summary>Whether the object that comes next has the groups of a name: Alphabetic, Ideographic, Phonetic.</summary>
    public bool StartsName()
    {
        var start = Position;
        if (!TryRead('{') || Peek() != '"')
        {
            Position = start;
            return false;
        }

        var isName = IsNext("\"Alphabetic\"") || IsNext("\"Ideographic\"") || IsNext("\"Phonetic\"");
        Position = start;
        return isName;
    }

    public string String()
    {
        Expect('"', "to begin a text");
        var start = Position;
        while (Position < text.Length && text[Position] is not ('"' or '\\') && text[Position] >= ' ')
            Position++;

        if (Position < text.Length && text[Position] == '"')
            return text.Substring(start, Position++ - start);

        _buffer.Clear().Append(text, start, Position - start);
        while (true)
        {
            if (Position >= text.Length)
                throw Error("The input ends inside a text");

            var c = text[Position++];
            if (c == '"')
                return _buffer.ToString();

            // A line break as it stands is not JSON, but it is met in long texts and means what it is.
            _buffer.Append(c == '\\' ? Escaped() : c);
        }
    }

    /// <summary>A number, true, false or null as it stands.</summary>
    public string Literal()
    {
        Peek();
        var start = Position;
        while (Position < text.Length && (char.IsLetterOrDigit(text[Position]) || text[Position] is '-' or '+' or '.'))
            Position++;

        var literal = text.Substring(start, Position - start);
        if (literal is "true" or "false" or "null" || JsonNumber.IsNumber(literal))
            return literal;

        Position = start;
        throw Error($"{(literal.Length == 0 ? Found() : $"'{Shown(literal)}'")} is no JSON value");
    }

    /// <summary>Goes past a value of any kind.</summary>
    public void Skip(int depth)
    {
        switch (Peek())
        {
            case '"':
                String();
                break;
            case '{' or '[':
                if (depth <= 0)
                    throw Error("The input is nested too deeply");

                SkipMembers(text[Position++] == '{', depth - 1);
                break;
            default:
                Literal();
                break;
        }
    }

    public DicomJsonException Error(string message, int? at = null)
    {
        int line = 1, start = 0, end = Math.Min(at ?? Position, text.Length);
        for (var i = 0; i < end; i++)
        {
            if (text[i] == '\n')
            {
                line++;
                start = i + 1;
            }
        }

        return new DicomJsonException(message, line, end - start + 1, Element);
    }

    public static string Shown(string value) => value.Length > 40 ? value.Substring(0, 40) + "..." : value;

    private void SkipMembers(bool isObject, int depth)
    {
        var close = isObject ? '}' : ']';
        for (var first = true; Next(close, ref first);)
        {
            if (isObject)
            {
                String();
                Expect(':', "after a name");
            }

            Skip(depth);
        }
    }

    private char Escaped()
    {
        var c = Position < text.Length ? text[Position++] : '\0';
        switch (c)
        {
            case '"' or '\\' or '/':
                return c;
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'u' when Position + 4 <= text.Length && ushort.TryParse(
                text.Substring(Position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                Position += 4;
                return (char)code;
            default:
                throw Error("A backslash in a text begins no escape that JSON has");
        }
    }

    private bool IsNext(string wanted) => string.CompareOrdinal(text, Position, wanted, 0, wanted.Length) == 0;

    private string Found() => Position >= text.Length ? "The end of the input" : $"'{text[Position]}'";
}
