namespace DicomPS.Simulation;

/// <summary>How a life of the archive ends.</summary>
internal enum CrashKind
{
    /// <summary>The process is killed: the operating system has all that it did.</summary>
    Kill,
    /// <summary>The power goes: what was not flushed is there, lost or torn.</summary>
    PowerCut,
}

/// <summary>What goes wrong with a disk in one life, by the number of the call.</summary>
/// <param name="First">The first call that fails; null for none.</param>
/// <param name="Every">After how many further calls one fails again; 0 for none.</param>
/// <param name="Length">How many calls in a row fail each time.</param>
/// <param name="CrashAt">The call at which all ends; null for none.</param>
/// <param name="Crash">How it ends.</param>
/// <param name="IsFull">Whether it is a full disk; otherwise one that cannot be read or written, or access that is denied.</param>
internal sealed record DiskFaults(int? First, int Every, int Length, int? CrashAt, CrashKind Crash, bool IsFull)
{
    public static DiskFaults None { get; } = new(null, 0, 0, null, CrashKind.Kill, false);

    public static DiskFaults By(Random random)
    {
        // Near the start things are rare, such as the first file of a study.
        var fails = random.Next(2) == 0;
        return new DiskFaults(
            fails ? random.Next(1, random.Next(2) == 0 ? 60 : 400) : null,
            fails && random.Next(2) == 0 ? random.Next(3, 80) : 0,
            random.Next(4) == 0 ? random.Next(2, 12) : 1,
            random.Next(3) > 0 ? random.Next(1, random.Next(2) == 0 ? 80 : 500) : null,
            random.Next(2) == 0 ? CrashKind.Kill : CrashKind.PowerCut,
            random.Next(2) == 0);
    }

    public bool FailsAt(int call) => First is { } first && call >= first
        && (Every == 0 ? call - first : (call - first) % (Every + Length)) < Length;

    public Exception Failure(Random random) => IsFull ? new IOException("No space left on the device.", 28)
        : random.Next(2) == 0 ? new IOException("Input/output error.", 5) : new UnauthorizedAccessException("Access is denied.");
}
