using System.Text;

namespace DicomPS.Associations;

/// <summary>What else than plain DICOM may speak on the other side of a port.</summary>
internal enum ForeignKind
{
    Unknown,
    Tls,
    Http,
    Ssh,
    Dicom,
    Text,
}

/// <summary>Recognizes a protocol by the first bytes that its speaker sends.</summary>
internal static class ForeignProtocol
{
    private static readonly string[] HttpStarts = ["HTTP/", "GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "CONNECT ", "DELETE ",
        "PRI * HTTP", "<!DOCTYPE", "<html"];

    public static ForeignKind Recognize(ReadOnlySpan<byte> first)
    {
        // TLS record (RFC 8446 5.1): alert 15 or handshake 16, then major version 3
        if (first.Length >= 2 && first[0] is 0x14 or 0x15 or 0x16 && first[1] == 3) return ForeignKind.Tls;

        // PDU (PS3.8 9.3.1): type 1 to 7, reserved, length of less than 16 MiB
        if (first.Length >= 4 && first[0] is >= 1 and <= 7 && first[2] == 0) return ForeignKind.Dicom;
        var text = Printable(first, 16);
        foreach (var start in HttpStarts)
            if (text.StartsWith(start, StringComparison.OrdinalIgnoreCase)) return ForeignKind.Http;

        if (text.StartsWith("SSH-", StringComparison.Ordinal)) return ForeignKind.Ssh;
        return IsText(first) ? ForeignKind.Text : ForeignKind.Unknown;
    }

    /// <summary>The first bytes as a person can read them: text, or hexadecimal.</summary>
    public static string Show(ReadOnlySpan<byte> first)
    {
        if (IsText(first)) return $"\"{Printable(first, 60).TrimEnd('.')}\"";
        var count = Math.Min(first.Length, 16);
        return BitConverter.ToString(first.Slice(0, count).ToArray()).Replace('-', ' ');
    }

    private static bool IsText(ReadOnlySpan<byte> first)
    {
        var count = Math.Min(first.Length, 64);
        for (var i = 0; i < count; i++)
            if (first[i] is not ((>= 0x20 and < 0x7F) or (byte)'\r' or (byte)'\n' or (byte)'\t')) return false;

        return count > 0;
    }

    private static string Printable(ReadOnlySpan<byte> first, int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < Math.Min(first.Length, count); i++) text.Append(first[i] is >= 0x20 and < 0x7F ? (char)first[i] : '.');
        return text.ToString();
    }
}
