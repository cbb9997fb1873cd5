using System.IO.Compression;

namespace DicomPS.Data;

/// <summary>Bytes that stay in their file: a value too large to be worth a buffer.</summary>
/// <param name="Path">The full path of the file.</param>
/// <param name="Offset">Where the bytes begin, from the start of the file; of a deflated dataset, in what it inflates to.</param>
/// <param name="Length">How many bytes.</param>
public sealed record FileRange(string Path, long Offset, long Length)
{
    /// <summary>
    /// Where the deflate stream begins that the bytes are in, and that <see cref="Offset"/> counts in; -1, the default, when they stand
    /// in the file as they are.
    /// </summary>
    internal long DeflateStart { get; init; } = -1;

    /// <summary>The length of the whole file when the range was made, or -1 when that was not noted.</summary>
    internal long FileLength { get; init; } = -1;

    /// <summary>When the file had last been written when the range was made.</summary>
    internal DateTime LastWriteTimeUtc { get; init; }

    /// <summary>Opens the bytes for reading; the caller disposes the stream.</summary>
    /// <exception cref="IOException">The file is gone or cannot be opened.</exception>
    /// <exception cref="DicomDataException">The file has changed since the dataset was read, so that these are other bytes.</exception>
    public Stream OpenRead()
    {
        var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan);
        try
        {
            if ((DeflateStart < 0 && Offset + Length > file.Length)
                || (FileLength >= 0 && (file.Length != FileLength || File.GetLastWriteTimeUtc(Path) != LastWriteTimeUtc)))
            {
                throw new DicomDataException("The file has changed since its dataset was read", Offset)
                {
                    Path = Path,
                    Stage = DicomStage.File
                };
            }

            file.Seek(DeflateStart < 0 ? Offset : DeflateStart, SeekOrigin.Begin);
            return new BoundedReadStream(DeflateStart < 0 ? file : Inflated(file), Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private DeflateStream Inflated(Stream file)
    {
        var inflating = new DeflateStream(file, CompressionMode.Decompress);
        var passed = new byte[81920];
        for (var left = Offset; left > 0;)
        {
            var read = inflating.Read(passed, 0, (int)Math.Min(passed.Length, left));
            if (read == 0)
                throw new DicomDataException("The file has changed since its dataset was read", Offset)
                {
                    Path = Path,
                    Stage = DicomStage.File
                };

            left -= read;
        }

        return inflating;
    }
}
