using DicomPS.Part10;

namespace DicomPS.Transfers.Working;

/// <summary>
/// The disk of a spool. It remembers what went wrong, so that a disk of this machine that is full is not taken for a fault of the node
/// that sends: the node hears a refusal and says that it could not send.
/// </summary>
internal sealed class SpoolDisk(FileSystem disk) : FileSystem
{
    private Exception? _problem;
    private long _problems;

    /// <summary>How often something went wrong.</summary>
    public long Problems => Interlocked.Read(ref _problems);

    /// <summary>What went wrong last; null for nothing.</summary>
    public Exception? LastProblem => Volatile.Read(ref _problem);

    public override FileStream Open(string path, FileMode mode, FileAccess access, FileShare share) =>
        Watched(() => disk.Open(path, mode, access, share));

    public override void Write(FileStream file, long position, ReadOnlyMemory<byte>[] pieces) => Watched(() =>
    {
        disk.Write(file, position, pieces);
        return true;
    });

    public override void Flush(FileStream file) => Watched(() =>
    {
        disk.Flush(file);
        return true;
    });

    public override void CreateFolder(string path, bool isPrivate = false) => Watched(() =>
    {
        disk.CreateFolder(path, isPrivate);
        return true;
    });

    public override bool TryMoveToNew(string from, string to) => Watched(() => disk.TryMoveToNew(from, to));

    public override void Replace(string from, string to) => Watched(() =>
    {
        disk.Replace(from, to);
        return true;
    });

    private T Watched<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Volatile.Write(ref _problem, problem);
            Interlocked.Increment(ref _problems);
            throw;
        }
    }
}
