using DicomPS.Compatibility;

namespace DicomPS.Simulation;

/// <summary>A file, whatever its names are.</summary>
internal sealed class DiskNode(int number, string kept)
{
    public int Number { get; } = number;

    /// <summary>A name outside the archive, by which its bytes are still there when all others are gone.</summary>
    public string Kept { get; } = kept;

    /// <summary>How many of its bytes the disk has for sure.</summary>
    public long Flushed { get; set; }
}

/// <summary>
/// Names and files as the process sees them, and as the disk has them. Each change of names is one step, that of a rename too; until one
/// of its folders is flushed the disk has it or not, and may have a later one without it.
/// </summary>
internal sealed class DiskImage(string vault)
{
    private readonly Dictionary<string, DiskNode?> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DiskNode?> _flushed = new(StringComparer.Ordinal);
    private readonly List<List<(string Path, DiskNode? Node, bool IsGone)>> _pending = [];
    private int _number;

    // A folder is a name without a node.
    public void Begin(string folder)
    {
        _flushed[folder] = _names[folder] = null;
        foreach (var path in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            _flushed[path] = _names[path] = null;
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith("index.sqlite", StringComparison.Ordinal) || name.EndsWith(".csv", StringComparison.Ordinal))
                continue;
            var node = Keep(path);
            node.Flushed = new FileInfo(path).Length;
            _flushed[path] = _names[path] = node;
        }
    }

    public DiskNode Create(string path)
    {
        var node = Keep(path);
        Change((path, node, false));
        return node;
    }

    public DiskNode At(string path) => _names.TryGetValue(path, out var node) && node is { } ? node : Create(path);

    public void Rename(string from, string to)
    {
        if (_names.TryGetValue(from, out var node))
            Change((from, null, true), (to, node, false));
    }

    public void Link(string file, string name) => Change((name, _names[file], false));

    public void Remove(string path)
    {
        if (_names.ContainsKey(path))
            Change((path, null, true));
    }

    public void CreateFolders(IEnumerable<string> paths)
    {
        foreach (var path in paths.OrderBy(path => path.Length))
            Change((path, null, false));
    }

    public void RemoveFolder(string path) => Change((path, null, true));

    /// <summary>The disk has all names of a folder.</summary>
    public void FlushNames(string folder)
    {
        foreach (var step in _pending.Where(step => step.Exists(change => Path.GetDirectoryName(change.Path) == folder)).ToList())
        {
            Apply(_flushed, step);
            _pending.Remove(step);
        }
    }

    /// <summary>The power goes: of what was not flushed, some is there and some is not.</summary>
    public void Lose(Random random, Action<string> trace)
    {
        // None, all or any of them.
        var share = random.Next(3) switch { 0 => 0, 1 => 100, _ => random.Next(100) };
        foreach (var step in _pending)
        {
            if (random.Next(100) < share)
                Apply(_flushed, step);
        }

        trace($"   {_pending.Count} changes of names were not flushed, of which {share} in a hundred are there");
        _pending.Clear();
        _names.Clear();
        foreach (var (path, node) in _flushed)
        {
            // What lies in a folder that is not there is not there either.
            if (HasFolders(path))
                _names[path] = node;
        }

        _isCut = true;
    }

    private bool _isCut;

    /// <summary>Makes a folder of it.</summary>
    public void WriteTo(string next, string folder, Random random)
    {
        foreach (var (path, node) in _names.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var target = next + path[folder.Length..];
            if (node is null)
                Directory.CreateDirectory(target);
        }

        foreach (var (path, node) in _names.Where(pair => pair.Value is { }).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Write(node!, next + path[folder.Length..], random);
    }

    /// <summary>A name that is the same in each run of a seed.</summary>
    public string NameOf(string path, string folder)
    {
        if (!path.StartsWith(folder, StringComparison.Ordinal))
            return Path.GetFileName(path);
        var name = path[folder.Length..];
        return name.EndsWith(".part", StringComparison.Ordinal)
            ? $"/part {(_names.TryGetValue(path, out var node) ? node!.Number : _number + 1)}" : name;
    }

    private DiskNode Keep(string path)
    {
        var kept = Path.Combine(vault, $"{_number}");
        if (!FileMoves.TryLink(path, kept))
            throw new NotSupportedException("The simulation needs a file system in which a file can have two names.");
        return new DiskNode(_number++, kept);
    }

    private void Change(params (string Path, DiskNode? Node, bool IsGone)[] step)
    {
        Apply(_names, step);
        _pending.Add([.. step]);
    }

    private static void Apply(Dictionary<string, DiskNode?> names, IEnumerable<(string Path, DiskNode? Node, bool IsGone)> step)
    {
        foreach (var (path, node, isGone) in step)
        {
            if (isGone)
                names.Remove(path);
            else
                names[path] = node;
        }
    }

    private bool HasFolders(string path)
    {
        for (var folder = Path.GetDirectoryName(path)!; folder.Length >= Root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (!_flushed.ContainsKey(folder))
                return false;
        }

        return true;
    }

    private string Root => _root ??= _flushed.Keys.MinBy(path => path.Length)!;

    private string? _root;

    private void Write(DiskNode node, string target, Random random)
    {
        var length = new FileInfo(node.Kept).Length;
        if (!_isCut || node.Flushed >= length || random.Next(3) == 0)
        {
            if (!FileMoves.TryLink(node.Kept, target))
                throw new InvalidOperationException($"{node.Kept} could not become {target}.");
            return;
        }

        // Cut short, or with nothing where something was written.
        var bytes = new byte[length];
        using (var file = new FileStream(node.Kept, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            file.ReadExactly(bytes);
        var time = File.GetLastWriteTimeUtc(node.Kept);
        var left = (int)(node.Flushed + random.NextInt64(length - node.Flushed + 1));
        if (random.Next(2) == 0)
            bytes.AsSpan(left).Clear();
        else
            bytes = bytes[..left];
        File.WriteAllBytes(target, bytes);
        File.SetLastWriteTimeUtc(target, time);
    }
}
