using System.Security.Cryptography;
using System.Text;
using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;

namespace DicomPS.Simulation;

/// <summary>
/// One seed: an archive that lives a few times in one folder, each time with senders and faults, ends in good order, by a kill or by a
/// power cut, and is compared after each end with what was said.
/// </summary>
internal sealed class Run : IDisposable
{
    private readonly string _folder;
    private readonly List<string> _trace = [];
    private int _version;
    private int _lives;

    public Run(int seed, string folder)
    {
        (Seed, _folder) = (seed, folder);
        Random = new Random(seed);
        Same = (SameInstance)Random.Next(3);
        IsFlushing = Random.Next(3) > 0;
        Spread = 1 + Random.Next(3);
        IsStorage = Random.Next(5) == 0;
        Ledger = new Ledger(Same);
        Outbox = Path.Combine(folder, "out");
        Directory.CreateDirectory(Outbox);
    }

    public int Seed { get; }

    public Random Random { get; }

    public SimulatedTime Time { get; } = new();

    public Ledger Ledger { get; }

    public SameInstance Same { get; }

    public bool IsFlushing { get; }

    /// <summary>Whether it is a storage server, which has files alone.</summary>
    public bool IsStorage { get; }

    /// <summary>How many studies, series and instances there are of each.</summary>
    public int Spread { get; }

    public string Outbox { get; }

    public Figures Figures { get; } = new();

    /// <summary>What happened, a line a step.</summary>
    public IReadOnlyList<string> Steps => _trace;

    /// <summary>The mark of all that happened: the same for each run of a seed.</summary>
    public string Mark => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _trace))), 0, 8);

    public int NextVersion() => ++_version;

    /// <summary>Files of which the archive said that they are damaged, or one more of an instance; by their names.</summary>
    public HashSet<string> Told { get; } = new(StringComparer.Ordinal);

    public void Tell(string path, Exception problem)
    {
        Trace($"told: {Path.GetFileName(path)}: {problem.Message}");
        Told.Add(Path.GetFileName(path));
    }

    public void Trace(string what) => _trace.Add(what);

    public async Task PlayAsync()
    {
        Trace($"seed {Seed}: {(IsStorage ? "storage" : "archive")}, {Same}, {(IsFlushing ? "flushed" : "not flushed")}, spread {Spread}");
        var folder = Path.Combine(_folder, "archive");
        Directory.CreateDirectory(folder);
        for (var lives = Random.Next(1, 4); lives > 0; lives--)
        {
            folder = await LiveAsync(folder, DiskFaults.By(Random)).ConfigureAwait(false);
            folder = await LookAsync(folder).ConfigureAwait(false);
            // What may be torn says nothing about what comes after it.
            if (Ledger.IsTorn)
                break;
        }

        Figures.Attempts = Ledger.Attempts;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> LiveAsync(string folder, DiskFaults faults)
    {
        Trace($"life with {faults}");
        var disk = NewDisk(folder, faults);
        var life = new Life(this, disk);
        try
        {
            await life.OpenAsync().ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            Trace($"not opened: {problem.Message}");
            return End(disk, faults);
        }

        await life.ServeAsync().ConfigureAwait(false);
        // The power may go after a good end too.
        try
        {
            await life.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            Trace($"not closed: {problem.Message}");
        }

        // What could not be undone is told, by a marker that stays, and the next opening takes it as it is.
        // A storage server has nothing to tell it by: what it could not take back, since the disk failed again, stays.
        if (IsStorage ? disk.Failures > 1 : disk.Next is null ? life.IsInDoubt : disk.WasInDoubt)
            Ledger.Doubt();
        if (faults.CrashAt is { } && faults.Crash == CrashKind.PowerCut)
            disk.Crash();
        return End(disk, faults);
    }

    private string End(SimulatedDisk disk, DiskFaults faults)
    {
        Figures.Calls += disk.Calls;
        Figures.Failures += disk.Failures;
        Figures.Acknowledged = Math.Max(Figures.Acknowledged, Ledger.Acknowledged);
        if (disk.Next is not { } next)
            return disk.Folder;
        if (faults.Crash == CrashKind.Kill)
            Figures.Kills++;
        else
            Figures.PowerCuts++;
        if (faults.Crash == CrashKind.PowerCut && !IsFlushing)
            Ledger.PromiseNothing();
        return next;
    }

    /// <summary>Opens it when nothing fails, compares, and does so once more after a good end.</summary>
    private async Task<string> LookAsync(string folder)
    {
        if (Ledger.IsTorn && !IsStorage)
            await RepairAsync(folder).ConfigureAwait(false);
        for (var look = 1; look <= 2; look++)
        {
            Trace($"look {look}");
            var life = new Life(this, NewDisk(folder, DiskFaults.None));
            await life.OpenAsync().ConfigureAwait(false);
            await life.CheckAsync().ConfigureAwait(false);
            if (look == 2 && life.IsRecovered)
                throw new BrokenPromiseException("it was closed in good order, and was not opened as such");
            await life.CloseAsync().ConfigureAwait(false);
        }

        return folder;
    }

    // Nothing was promised, but that it opens, and that a repair makes it one again.
    private async Task RepairAsync(string folder)
    {
        var life = new Life(this, NewDisk(folder, DiskFaults.None));
        await life.OpenAsync().ConfigureAwait(false);
        await life.CloseAsync().ConfigureAwait(false);
        Trace("repair");
        await (await Archive.RepairAsync(new ArchiveOptions { Folder = folder, Unreadable = Tell }).ConfigureAwait(false)).DisposeAsync()
            .ConfigureAwait(false);
    }

    private SimulatedDisk NewDisk(string folder, DiskFaults faults)
    {
        var vault = Path.Combine(_folder, $"kept{++_lives}");
        Directory.CreateDirectory(vault);
        var disk = new SimulatedDisk(folder, vault, faults, IsFlushing, Random, Trace);
        disk.Begin();
        return disk;
    }
}
