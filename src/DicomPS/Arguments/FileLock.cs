using DicomPS.Compatibility;

namespace DicomPS.Arguments;

/// <summary>One session at a time reads a file, changes it and puts it back; otherwise the change of one of two would be lost.</summary>
internal static class FileLock
{
    /// <summary>How long another session is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Takes the lock of a file; it is given back when the stream is closed.</summary>
    /// <param name="path">The file, which need not be there; the lock is a file beside it.</param>
    /// <exception cref="IOException">Another session has it for too long.</exception>
    public static FileStream Take(string path)
    {
        var end = DateTime.UtcNow + Patience;
        for (var pause = 5; ; pause = Math.Min(pause * 2, 100))
        {
            try
            {
                // It stays when it is closed: deleting it would let two sessions hold two files of the same name.
                return PrivateFiles.Open(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < end && Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            {
                Thread.Sleep(pause);
            }
        }
    }
}
