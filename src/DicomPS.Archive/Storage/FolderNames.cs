using DicomPS.Compatibility;
using DicomPS.Part10;

namespace DicomPS.Archiving.Storage;

/// <summary>
/// Has the disk know the names that files and folders have. A new folder is a name in the one above, so those above are waited for too,
/// until they are known to be there; and stores that wait for one folder at the same time share what they wait for.
/// </summary>
/// <param name="archive">The archive's folder, the highest.</param>
/// <param name="files">The disk.</param>
internal sealed class FolderNames(string archive, FileSystem files)
{
    // What is forgotten is flushed again.
    private const int Most = 4096;
    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private long _made;

    /// <summary>Makes a folder of files, and those above it that are missing. No other way leads to one.</summary>
    public void Make(string folder)
    {
        // First: whoever finds the new folder may not take it for the one that was there before.
        lock (_known)
        {
            _made++;
            _known.Remove(folder);
        }

        // As the archive's own: whom that lets in, those below let in too.
        files.CreateFolder(folder, PrivateFiles.IsPrivate(archive));
    }

    /// <summary>Waits until the disk has the names in a folder of files, which has a file of the caller's, and its own.</summary>
    public async Task FlushAsync(string folder, CancellationToken cancellationToken)
    {
        Waiting waiting;
        long mine;
        lock (_waiting)
        {
            if (!_waiting.TryGetValue(folder, out waiting!))
                _waiting[folder] = waiting = new Waiting();
            waiting.Users++;
            mine = ++waiting.Asked;
        }

        try
        {
            await waiting.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (waiting.Done < mine)
                    FlushAll(folder, waiting);
            }
            finally
            {
                waiting.Turn.Release();
            }
        }
        finally
        {
            lock (_waiting)
            {
                if (--waiting.Users == 0)
                    _waiting.Remove(folder);
            }
        }
    }

    private void FlushAll(string folder, Waiting waiting)
    {
        long asked;
        // What was asked for until now has its name; what is asked for from now on may not.
        lock (_waiting)
            asked = waiting.Asked;
        files.FlushFolder(folder);
        FlushAbove(folder);
        waiting.Done = asked;
    }

    private void FlushAbove(string folder)
    {
        long made;
        lock (_known)
        {
            if (_known.Contains(folder))
                return;
            made = _made;
        }

        for (var above = folder; above.Length > archive.Length;)
            files.FlushFolder(above = Path.GetDirectoryName(above)!);
        lock (_known)
        {
            // A folder that was made meanwhile may be this one.
            if (made != _made)
                return;
            if (_known.Count >= Most)
                _known.Clear();
            _known.Add(folder);
        }
    }

    private sealed class Waiting
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Users { get; set; }

        /// <summary>How often the folder was to be flushed.</summary>
        public long Asked { get; set; }

        /// <summary>How many of those the disk was waited for.</summary>
        public long Done { get; set; }
    }
}
