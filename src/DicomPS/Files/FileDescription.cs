using DicomPS.Dictionary;
using DicomPS.Part10;

namespace DicomPS.Files;

/// <summary>What a file is, in the words that -WhatIf uses.</summary>
internal static class FileDescription
{
    /// <summary>SOP class and transfer syntax by name.</summary>
    public static string Of(ProbedFile file) => $"{DicomDictionary.NameOf(file.SopClassUid)}, {file.TransferSyntax.Name}";

    /// <summary>Whether the file says of itself that it is DICOM (PS3.10 7.1).</summary>
    public static bool HasPrefix(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 256);
            var prefix = new byte[132];
            var length = 0;
            for (int read; length < prefix.Length && (read = stream.Read(prefix, length, prefix.Length - length)) > 0;)
                length += read;
            return length == prefix.Length && prefix.AsSpan(128).SequenceEqual("DICM"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be opened is reported as it is, not skipped.
            return true;
        }
    }
}
