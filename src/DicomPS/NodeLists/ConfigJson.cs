using System.Globalization;
using System.Text;

namespace DicomPS.NodeLists;

/// <summary>
/// Reads JSON (RFC 8259) as programs have it in their configuration: with // and /* */ comments, and a comma behind the last member.
/// What is not asked for is walked over and not kept.
/// </summary>
internal sealed class ConfigJson(string text)
{
    private const int MaximumDepth = 64, MaximumValues = 200_000;

    private readonly StringBuilder _buffer = new();
    private int _at = text.Length > 0 && text[0] == '\uFEFF' ? 1 : 0;
    private int _line = 1;
    private int _values;

    /// <summary>Whether a text begins as an object does, behind its comments.</summary>
    public static bool StartsObject(string text)
    {
        try
        {
            return new ConfigJson(text).Peek() == '{';
        }
        catch (NodeListException)
        {
            return false;
        }
    }

    /// <summary>The members of the object that a text is, of which only those that are wanted are kept.</summary>
    /// <exception cref="NodeListException">The text is no JSON object.</exception>
    public ConfigValue Read(Func<string, bool> isWanted)
    {
        if (Peek() != '{')
            throw Error($"{Found()} stands where the object of the configuration should begin");
        var line = _line;
        _at++;
        var members = new List<ConfigMember>();
        while (!ReadEnd('}'))
        {
            var (name, at) = Name();
            if (isWanted(name))
                members.Add(new ConfigMember(name, at, Value(1, isKept: true)!));
            else
                Value(1, isKept: false);
            if (!ReadComma('}'))
                break;
        }

        return Peek() == '\0' && _at >= text.Length ? new ConfigValue(line, null, members, null)
            : throw Error($"{Found()} stands behind the end");
    }

    private ConfigValue? Value(int depth, bool isKept)
    {
        if (depth > MaximumDepth)
            throw Error($"Values stand in each other more than {MaximumDepth} times");
        if (isKept && ++_values > MaximumValues)
            throw Error($"There are more than {MaximumValues} values");
        var next = Peek();
        var line = _line;
        switch (next)
        {
            case '{':
                _at++;
                var members = new List<ConfigMember>();
                while (!ReadEnd('}'))
                {
                    var (name, at) = Name();
                    var member = Value(depth + 1, isKept);
                    if (isKept)
                        members.Add(new ConfigMember(name, at, member!));
                    if (!ReadComma('}'))
                        break;
                }

                return isKept ? new ConfigValue(line, null, members, null) : null;
            case '[':
                _at++;
                var items = new List<ConfigValue>();
                while (!ReadEnd(']'))
                {
                    var item = Value(depth + 1, isKept);
                    if (isKept)
                        items.Add(item!);
                    if (!ReadComma(']'))
                        break;
                }

                return isKept ? new ConfigValue(line, null, null, items) : null;
            case '"':
                var content = Text();
                return isKept ? new ConfigValue(line, content, null, null) { IsText = true } : null;
            default:
                var literal = Literal();
                return isKept ? new ConfigValue(line, literal, null, null) : null;
        }
    }

    private bool ReadEnd(char close)
    {
        if (Peek() != close)
            return false;
        _at++;
        return true;
    }

    // Takes the comma, or the bracket behind the last.
    private bool ReadComma(char close)
    {
        var next = Peek();
        if (next != ',' && next != close)
            throw Error($"{Found()} stands where ',' or '{close}' is expected");
        _at++;
        return next == ',';
    }

    private (string Name, int Line) Name()
    {
        if (Peek() != '"')
            throw Error($"{Found()} stands where the name of a member should begin");
        var line = _line;
        var name = Text();
        if (Peek() != ':')
            throw Error($"{Found()} stands where ':' is expected behind \"{name}\"");
        _at++;
        return (name, line);
    }

    private string Text()
    {
        _buffer.Clear();
        for (_at++; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (c == '"')
            {
                _at++;
                return _buffer.ToString();
            }

            if (c < ' ')
                throw Error("A text is not closed, or has a control character in it");
            _buffer.Append(c == '\\' ? Escaped() : c);
        }

        throw Error("The file ends inside a text");
    }

    private char Escaped()
    {
        _at++;
        switch (_at < text.Length ? text[_at] : '\0')
        {
            case '"' or '\\' or '/':
                return text[_at];
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u'
                when _at + 4 < text.Length && ushort.TryParse(text.Substring(_at + 1, 4), NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture, out var code):
                _at += 4;
                return (char)code;
            default:
                throw Error("A text has an escape that JSON does not know");
        }
    }

    private string Literal()
    {
        var start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '-' or '+' or '.'))
            _at++;
        var literal = text.Substring(start, _at - start);
        if (literal is "true" or "false" or "null")
            return literal;
        if (literal.Length > 0 && literal.Length <= 64 && (literal[0] is '-' or (>= '0' and <= '9'))
            && double.TryParse(literal, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            return literal;
        _at = start;
        throw Error($"{Found()} stands where a value should begin");
    }

    // The next character that is neither blank nor comment, without taking it; NUL at the end.
    private char Peek()
    {
        while (_at < text.Length)
        {
            var c = text[_at];
            if (c == '\n')
                _line++;
            if (c is ' ' or '\t' or '\n' or '\r')
                _at++;
            else if (c == '/')
                Comment();
            else
                return c;
        }

        return '\0';
    }

    private void Comment()
    {
        var kind = _at + 1 < text.Length ? text[_at + 1] : '\0';
        if (kind == '/')
        {
            var end = text.IndexOf('\n', _at);
            _at = end < 0 ? text.Length : end;
        }
        else if (kind == '*')
        {
            var end = text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
            if (end < 0)
                throw Error("A comment has no end");
            for (; _at < end + 2; _at++)
            {
                if (text[_at] == '\n')
                    _line++;
            }
        }
        else
        {
            throw Error("A '/' stands alone");
        }
    }

    private string Found() => _at < text.Length ? $"'{text[_at]}'" : "The end of the file";

    private NodeListException Error(string what) =>
        new(_line, $"{what}: the file is no JSON.",
            "Mend the line; an editor that knows JSON shows the place. A comma is often missing in the line before.");
}
