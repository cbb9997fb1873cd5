namespace DicomPS.Data;

/// <summary>
/// Turns the bytes of string values into text and back, according to Specific Character Set (0008,0005).
/// This base is the default repertoire ISO_IR 6, read leniently; the other repertoires derive from it.
/// </summary>
public class TextCodec
{
    /// <summary>For derived codecs; use <see cref="Default"/> for the default repertoire.</summary>
    protected TextCodec()
    {
    }

    /// <summary>
    /// ISO_IR 6. Bytes above 7F, which it does not have, are read as UTF-8 where they are that, which other text hardly ever is by chance,
    /// and otherwise as Latin-1.
    /// </summary>
    public static TextCodec Default { get; } = new();

    /// <summary>The defined terms as they stand in (0008,0005); empty for the default repertoire.</summary>
    public virtual string[] Terms => [];

    /// <summary>Reads a whole value, all its backslash-separated parts together, padding included.</summary>
    /// <param name="bytes">The value as it is in the dataset.</param>
    /// <param name="vr">The VR: code extensions are reset at its delimiters, and apply to texts only (PS3.5 6.1.2.5.3).</param>
    /// <returns>The text; never an exception, whatever the bytes are.</returns>
    public virtual string Decode(ReadOnlySpan<byte> bytes, Vr vr) => vr.IsText() && IsUtf8(bytes) ? DecodeUtf8(bytes) : DecodeLatin1(bytes);

    /// <summary>Writes a whole value, all its backslash-separated parts together; padding is the writer's business.</summary>
    /// <param name="text">The text.</param>
    /// <param name="vr">The VR.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ArgumentException">The repertoire lacks a character. None is replaced: a question mark would be a wildcard in a
    /// query.</exception>
    public virtual byte[] Encode(string text, Vr vr)
    {
        if (text is null)
            throw new ArgumentNullException(nameof(text));

        return EncodeLatin1(text);
    }

    /// <summary>Whether bytes are UTF-8 and not ASCII alone (RFC 3629 4).</summary>
    /// <param name="bytes">The bytes of a whole value.</param>
    internal static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        var isMore = false;
        for (var i = 0; i < bytes.Length; i++)
        {
            var lead = bytes[i];
            if (lead < 0x80)
                continue;
            var further = lead switch { >= 0xC2 and <= 0xDF => 1, >= 0xE0 and <= 0xEF => 2, >= 0xF0 and <= 0xF4 => 3, _ => 0 };
            if (further == 0 || i + further >= bytes.Length)
                return false;
            // No longer form than needed, no half of a surrogate pair, nothing behind the last code point.
            var (least, most) = lead switch
            {
                0xE0 => (0xA0, 0xBF),
                0xED => (0x80, 0x9F),
                0xF0 => (0x90, 0xBF),
                0xF4 => (0x80, 0x8F),
                _ => (0x80, 0xBF)
            };
            if (bytes[i + 1] < least || bytes[i + 1] > most)
                return false;
            for (var next = 2; next <= further; next++)
            {
                if ((bytes[i + next] & 0xC0) != 0x80)
                    return false;
            }

            i += further;
            isMore = true;
        }

        return isMore;
    }

    /// <summary>Reads bytes that are UTF-8.</summary>
    /// <param name="bytes">The bytes.</param>
    internal static string DecodeUtf8(ReadOnlySpan<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.ToArray());

    /// <summary>Reads bytes as Latin-1: each byte is the character of the same number.</summary>
    /// <param name="bytes">The bytes.</param>
    internal static string DecodeLatin1(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return string.Empty;

        var chars = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            chars[i] = (char)bytes[i];

        return chars.ToString();
    }

    /// <summary>Writes text as Latin-1.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentException">Latin-1 lacks a character.</exception>
    internal static byte[] EncodeLatin1(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            bytes[i] = text[i] <= 0xFF
                ? (byte)text[i]
                : throw new ArgumentException($"'{text}' has characters that need a character set in (0008,0005), such as ISO_IR 192.",
                    nameof(text));
        }

        return bytes;
    }
}
