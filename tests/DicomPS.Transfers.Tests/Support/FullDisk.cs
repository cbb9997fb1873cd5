using DicomPS.Part10;

namespace DicomPS.Transfers.Tests.Support;

/// <summary>A disk that is full after some files, until there is room again.</summary>
internal sealed class FullDisk : FileSystem
{
    // ENOSPC.
    private const int NoSpace = 28;
    private int _room;

    public bool IsFull { get; set; } = true;

    /// <summary>How many writes it takes before it is full.</summary>
    public int Room
    {
        get => _room;
        set => _room = value;
    }

    public override void Write(FileStream file, long position, ReadOnlyMemory<byte>[] pieces)
    {
        if (IsFull && Interlocked.Decrement(ref _room) < 0)
            throw new IOException("No space left on device", NoSpace);
        base.Write(file, position, pieces);
    }
}
