using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DicomPS.Interop.Tests.Support;

/// <summary>
/// The dataset of a file as bytes, without preamble and file meta information, so that what arrived can be compared with
/// what was sent. Written without the engine: a mistake there must not hide itself.
/// </summary>
internal static class DatasetBytes
{
    private const int PreambleLength = 132;

    public static ReadOnlyMemory<byte> Of(string path) => Of(File.ReadAllBytes(path));

    public static ReadOnlyMemory<byte> Of(byte[] file) => file.AsMemory(Start(file));

    /// <summary>A short form for comparing and for messages: length and hash.</summary>
    /// <param name="path">A file with or without preamble and meta.</param>
    public static string DigestOf(string path) => Digest(Of(path).Span);

    /// <summary>
    /// The same for bytes. A dataset of odd length counts as if padded: on the network it must be (PS3.5 A.5 for deflated ones).
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    public static string Digest(ReadOnlySpan<byte> dataset)
    {
        var even = dataset.Length % 2 == 0 ? dataset : [.. dataset, 0];
        return $"{even.Length} bytes, SHA-256 {Convert.ToHexString(SHA256.HashData(even))}";
    }

    /// <summary>Where the dataset begins: after group 0002, which is explicit little endian (PS3.10 7.1), group length or not.</summary>
    /// <param name="file">The whole file.</param>
    public static int Start(ReadOnlySpan<byte> file)
    {
        var position = file.Length >= PreambleLength && file[128..132].SequenceEqual("DICM"u8) ? PreambleLength : 0;
        while (position + 8 <= file.Length && BinaryPrimitives.ReadUInt16LittleEndian(file[position..]) == 0x0002)
        {
            var longForm = IsLongForm(file.Slice(position + 4, 2));
            var length = longForm
                ? BinaryPrimitives.ReadUInt32LittleEndian(file[(position + 8)..])
                : BinaryPrimitives.ReadUInt16LittleEndian(file[(position + 6)..]);
            position = checked(position + (longForm ? 12 : 8) + (int)length);
        }

        return position;
    }

    private static bool IsLongForm(ReadOnlySpan<byte> vr) =>
        vr.SequenceEqual("OB"u8) || vr.SequenceEqual("UN"u8) || vr.SequenceEqual("OW"u8) || vr.SequenceEqual("UT"u8)
        || vr.SequenceEqual("UC"u8) || vr.SequenceEqual("UR"u8) || vr.SequenceEqual("SQ"u8);
}
