namespace DicomPS.Data;

/// <summary>Bytes that stay in their file: a value too large to be worth a buffer.</summary>
/// <param name="Path">The full path of the file.</param>
/// <param name="Offset">Where the bytes begin, from the start of the file.</param>
/// <param name="Length">How many bytes.</param>
public sealed record FileRange(string Path, long Offset, long Length)
{
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
            if (Offset + Length > file.Length
                || (FileLength >= 0 && (file.Length != FileLength || File.GetLastWriteTimeUtc(Path) != LastWriteTimeUtc)))
            {
                throw new DicomDataException("The file has changed since its dataset was read", Offset) { Path = Path, Stage = DicomStage.File };
            }

            file.Seek(Offset, SeekOrigin.Begin);
            return new BoundedReadStream(file, Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
