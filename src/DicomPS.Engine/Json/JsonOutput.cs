using System.Globalization;

namespace DicomPS.Json;

/// <summary>The few kinds of JSON text that datasets need (RFC 8259).</summary>
internal sealed class JsonOutput(TextWriter output, bool indented)
{
    // A multiple of three bytes, so that only the last piece of base64 has padding.
    private const int Base64Piece = 48 * 1024;

    private int _depth;

    public void Raw(string text) => output.Write(text);

    /// <summary>A blank where people read.</summary>
    public void Space()
    {
        if (indented)
            output.Write(' ');
    }

    /// <summary>The end of a line where people read.</summary>
    public void BreakLine()
    {
        if (!indented)
            return;

        output.Write('\n');
        for (var i = 0; i < _depth; i++)
            output.Write("  ");
    }

    public void Open(char bracket)
    {
        output.Write(bracket);
        _depth++;
    }

    public void Close(char bracket)
    {
        _depth--;
        BreakLine();
        output.Write(bracket);
    }

    /// <summary>The end of what was opened and has nothing in it.</summary>
    public void Dedent() => _depth--;

    public void Name(string name)
    {
        Text(name);
        output.Write(':');
        Space();
    }

    public void Text(string text)
    {
        output.Write('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '"':
                    output.Write("\\\"");
                    break;
                case '\\':
                    output.Write("\\\\");
                    break;
                case '\n':
                    output.Write("\\n");
                    break;
                case '\r':
                    output.Write("\\r");
                    break;
                case '\t':
                    output.Write("\\t");
                    break;
                default:
                    if (c < ' ' || c is '\u007F' or '\u2028' or '\u2029' || IsAlone(text, i))
                    {
                        output.Write("\\u");
                        output.Write(((int)c).ToString("X4", CultureInfo.InvariantCulture));
                    }
                    else
                    {
                        output.Write(c);
                    }

                    break;
            }
        }

        output.Write('"');
    }

    public void Base64(Stream bytes)
    {
        output.Write('"');
        var piece = new byte[Base64Piece];
        int filled;
        do
        {
            filled = 0;
            int read;
            while (filled < piece.Length && (read = bytes.Read(piece, filled, piece.Length - filled)) > 0)
                filled += read;

            output.Write(Convert.ToBase64String(piece, 0, filled));
        }
        while (filled == piece.Length);
        output.Write('"');
    }

    /// <summary>Half of a surrogate pair has no UTF-8; escaped it survives.</summary>
    private static bool IsAlone(string text, int i) =>
        (char.IsHighSurrogate(text[i]) && !(i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])))
        || (char.IsLowSurrogate(text[i]) && !(i > 0 && char.IsHighSurrogate(text[i - 1])));
}
