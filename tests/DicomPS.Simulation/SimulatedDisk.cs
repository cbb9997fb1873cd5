using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Data;
using DicomPS.Part10;

namespace DicomPS.Simulation;

/// <summary>
/// The files of one life of an archive, in a real folder, with a book of what the disk would have after a power cut: of a file what was
/// flushed, of a folder the names that were. Each call may fail, or be the last one.
/// </summary>
internal sealed class SimulatedDisk(string folder, string vault, DiskFaults faults, bool isFlushing, Random random, Action<string> trace)
    : FileSystem
{
    private const string IndexName = "index.sqlite";
    private readonly DiskImage _image = new(vault);
    private readonly Dictionary<FileStream, DiskNode> _open = [];
    private readonly HashSet<string> _unflushed = new(StringComparer.Ordinal);
    private int _calls;
    private long _indexFlushed;

    /// <summary>Where the archive is.</summary>
    public string Folder { get; } = folder;

    /// <summary>Whether it has ended: nothing works any more, and nothing that is answered was said.</summary>
    public bool IsDead { get; private set; }

    /// <summary>How many calls there were.</summary>
    public int Calls => _calls;

    /// <summary>How many of them failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Where the next life begins; null as long as this one has not ended by a crash.</summary>
    public string? Next { get; private set; }

    /// <summary>Whether the archive knows of something that it could not undo.</summary>
    public Func<bool> IsInDoubt { get; set; } = () => false;

    /// <summary>Whether it knew so when it crashed.</summary>
    public bool WasInDoubt { get; private set; }

    /// <summary>Begins with what an earlier life left.</summary>
    public void Begin() => _image.Begin(Folder);

    /// <summary>A disk of the same files on which nothing fails.</summary>
    public bool IsHealed { get; set; }

    public override FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        Call("open", path);
        var isNew = !File.Exists(path);
        // But for the marker: a file that is locked could not be looked at when the power goes.
        var isMarker = path.EndsWith("-open", StringComparison.Ordinal);
        var file = base.Open(path, mode, access, isMarker ? share : FileShare.ReadWrite | FileShare.Delete);
        if (IsInside(path) && access != FileAccess.Read)
            _open[file] = isNew ? _image.Create(path) : _image.At(path);
        return file;
    }

    public override void Write(FileStream file, long position, ReadOnlyMemory<byte>[] pieces)
    {
        Call("write", file.Name, () => base.Write(file, position, Torn(pieces)));
        base.Write(file, position, pieces);
    }

    public override void Flush(FileStream file)
    {
        Call("flush", file.Name);
        if (_open.TryGetValue(file, out var node))
            node.Flushed = file.Length;
    }

    public override void FlushFolder(string folder)
    {
        Call("flush names", folder);
        _image.FlushNames(folder);
    }

    public override bool TryMoveToNew(string from, string to)
    {
        Call("move", to);
        if (!base.TryMoveToNew(from, to))
            return false;
        _image.Rename(from, to);
        return true;
    }

    public override void Replace(string from, string to)
    {
        Call("replace", to);
        base.Replace(from, to);
        _image.Rename(from, to);
    }

    public override bool TryLink(string file, string name)
    {
        Call("link", name);
        if (!base.TryLink(file, name))
            return false;
        _image.Link(file, name);
        return true;
    }

    public override void Delete(string path)
    {
        Call("delete", path);
        base.Delete(path);
        _image.Remove(path);
    }

    public override void CreateFolder(string path, bool isPrivate = false)
    {
        Call("make folder", path);
        for (var missing = path; missing.Length >= Folder.Length && !Directory.Exists(missing); missing = Path.GetDirectoryName(missing)!)
            _unflushed.Add(missing);
        base.CreateFolder(path, isPrivate);
        _image.CreateFolders(_unflushed);
        _unflushed.Clear();
    }

    public override void DeleteFolder(string path)
    {
        Call("delete folder", path);
        base.DeleteFolder(path);
        _image.RemoveFolder(path);
    }

    public override FileInfo Look(string path)
    {
        if (IsDead)
            throw new IOException("The process has ended.");
        return base.Look(path);
    }

    public override ProbedFile Probe(string path, DicomTag? stopAt = null, Func<DicomTag, bool>? wanted = null)
    {
        Call("read", path);
        return base.Probe(path, stopAt, wanted);
    }

    /// <summary>A step of the index: it may fail before it begins or is committed, and end all at each.</summary>
    public void AtStep(TransactionStep step)
    {
        if (step == TransactionStep.Committed)
        {
            // With full synchronisation a commit has flushed its log; nobody looks into the file, which would end SQLite's locks.
            if (isFlushing && !IsDead && new FileInfo(Path.Combine(Folder, IndexName + "-wal")) is { Exists: true } log)
                _indexFlushed = log.Length;
            trace("committed");
            if (!IsDead && !IsHealed && ++_calls == faults.CrashAt)
                Crash();
            return;
        }

        Call(step == TransactionStep.Beginning ? "begin" : "commit", Path.Combine(Folder, IndexName));
    }

    /// <summary>Ends this life as its faults say, wherever it is.</summary>
    public void Crash()
    {
        if (IsDead)
            return;
        IsDead = true;
        WasInDoubt = IsInDoubt();
        trace($"-- {faults.Crash} --");
        Next = Folder + "'";
        try
        {
            Directory.CreateDirectory(Next);
            if (faults.Crash == CrashKind.PowerCut)
                _image.Lose(random, trace);
            _image.WriteTo(Next, Folder, random);
            CopyIndex(Next);
        }
        catch (Exception problem)
        {
            // Whoever calls would take it for a failure of the disk.
            Environment.FailFast("The simulation itself is wrong.", problem);
        }
    }

    private void Call(string what, string path, Action? half = null)
    {
        if (IsDead)
            throw new IOException("The process has ended.");
        trace($"{what} {_image.NameOf(path, Folder)}");
        if (IsHealed)
            return;
        var number = ++_calls;
        if (number == faults.CrashAt)
        {
            half?.Invoke();
            Crash();
            throw new IOException("The process has ended.");
        }

        if (!faults.FailsAt(number))
            return;
        Failures++;
        half?.Invoke();
        var problem = faults.Failure(random);
        trace($"   fails: {problem.Message}");
        throw problem;
    }

    private ReadOnlyMemory<byte>[] Torn(ReadOnlyMemory<byte>[] pieces)
    {
        var length = random.Next(pieces.Sum(piece => piece.Length) + 1);
        var torn = new ReadOnlyMemory<byte>[pieces.Length];
        for (var i = 0; i < pieces.Length; i++)
        {
            torn[i] = pieces[i][..Math.Min(length, pieces[i].Length)];
            length -= torn[i].Length;
        }

        return torn;
    }

    private bool IsInside(string path) => path.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // The database as it is, since SQLite flushes it itself; of the log what was flushed, and of the rest as much as the power left.
    private void CopyIndex(string next)
    {
        foreach (var name in new[] { IndexName, IndexName + "-wal", ".dicomps-removed.csv" })
        {
            if (File.Exists(Path.Combine(Folder, name)))
                File.Copy(Path.Combine(Folder, name), Path.Combine(next, name));
        }

        var log = Path.Combine(next, IndexName + "-wal");
        if (faults.Crash != CrashKind.PowerCut || !File.Exists(log))
            return;
        using var file = new FileStream(log, FileMode.Open, FileAccess.ReadWrite);
        var flushed = Math.Min(_indexFlushed, file.Length);
        var left = flushed + random.NextInt64(file.Length - flushed + 1);
        trace($"   of the log of {file.Length} bytes {flushed} were flushed and {left} are left");
        file.SetLength(left);
        if (left - flushed > 4096 && random.Next(2) == 0)
        {
            // Blocks reach the disk in any order.
            file.Position = flushed + (random.NextInt64((left - flushed) / 512) * 512);
            file.Write(new byte[512]);
        }
    }
}
