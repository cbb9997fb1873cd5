using System.Globalization;
using DicomPS.Archiving.Storage;
using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// What an archive takes: so much of each sender, so that the flood of one has nobody else's studies deleted, and nothing once the disk is
/// so full. Refused is what has not come yet (A700), never what is there. Any thread may use it.
/// </summary>
/// <param name="archive">The archive.</param>
/// <param name="options">Its limits.</param>
internal sealed class StorageLimits(Archive archive, ArchiveServerOptions options)
{
    // How far below the limit of the disk is told.
    private const int WarningDistance = 10;
    private static readonly TimeSpan DiskLook = TimeSpan.FromSeconds(1), IndexLook = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private Dictionary<string, long> _used = new(StringComparer.Ordinal);
    private DateTime? _usedAt;
    private DateTime _diskAt;
    private int _diskUse;
    private bool _isWarned;

    // One at a time asks the index.
    private SemaphoreSlim Looking { get; } = new(1, 1);

    /// <summary>Told in a sentence when the disk comes near its limit, once until it is well below. Must return at once.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>How full a disk is, in percent; tests have another.</summary>
    internal Func<string, int> DiskUse { get; init; } = UseOf;

    /// <summary>Looks whether an instance has room.</summary>
    /// <param name="sender">The AE title that sends it.</param>
    /// <param name="bytes">The bytes of its file.</param>
    /// <param name="token">Gives up.</param>
    /// <exception cref="ServiceException">It has not.</exception>
    public async Task CheckAsync(string sender, long bytes, CancellationToken token)
    {
        if (options.MaximumDiskUse is { } limit)
            CheckDisk(limit);
        if (options.MaxBytesPerSender is not { } most)
            return;
        var used = await UsedAsync(sender, most - bytes, token).ConfigureAwait(false);
        if (used + bytes <= most)
            return;
        throw new ServiceException(Statuses.Storage.OutOfResources, "The room of this sender is used up")
        {
            Detail = $"{sender} has {used} bytes here, and -MaxBytesPerSender allows {most}",
            Advice = "The sender still has the instance. Raise -MaxBytesPerSender, delete studies of it, or find out why so much comes.",
        };
    }

    /// <summary>An instance is stored.</summary>
    public void Stored(string sender, long bytes)
    {
        lock (_gate)
            _used[sender] = (_used.TryGetValue(sender, out var before) ? before : 0) + bytes;
    }

    private static int UseOf(string folder)
    {
        var disk = new DriveInfo(Path.GetFullPath(folder));
        return disk.TotalSize == 0 ? 0 : (int)(100 - (disk.AvailableFreeSpace * 100.0 / disk.TotalSize));
    }

    private void CheckDisk(int limit)
    {
        int use;
        string? warning = null;
        lock (_gate)
        {
            var now = DateTime.UtcNow;
            if (now - _diskAt > DiskLook || now < _diskAt)
            {
                try
                {
                    _diskUse = DiskUse(archive.Folder);
                }
                catch (Exception problem) when (problem is IOException or ArgumentException or UnauthorizedAccessException)
                {
                    // A share that does not say is no reason to take nothing.
                    _diskUse = 0;
                }

                _diskAt = now;
            }

            use = _diskUse;
            if (use >= limit - WarningDistance && !_isWarned)
                warning = string.Format(CultureInfo.InvariantCulture,
                    "The disk of the archive is {0} % full; at {1} % nothing is taken any more.", use, limit);
            _isWarned = use >= limit - WarningDistance;
        }

        if (warning is { })
            Warn?.Invoke(warning);
        if (use < limit)
            return;
        throw new ServiceException(Statuses.Storage.OutOfResources, "The disk is nearly full")
        {
            Detail = $"The disk is {use} % full, and -MaximumDiskUse is {limit}",
            Advice = "The sender still has the instance. Free room on the disk, or let -MaxBytes or -MaxAge delete the oldest studies.",
        };
    }

    // Counted up as instances come; where that says there is no room, what was deleted meanwhile is asked of the index.
    private async Task<long> UsedAsync(string sender, long room, CancellationToken token)
    {
        lock (_gate)
        {
            if (_usedAt is { } at && (Known() <= room || DateTime.UtcNow - at < IndexLook))
                return Known();
        }

        await Looking.WaitAsync(token).ConfigureAwait(false);
        try
        {
            var found = await archive.Index.BytesBySenderAsync(token).ConfigureAwait(false);
            lock (_gate)
            {
                (_used, _usedAt) = (found, DateTime.UtcNow);
                return Known();
            }
        }
        finally
        {
            Looking.Release();
        }

        long Known() => _used.TryGetValue(sender, out var bytes) ? bytes : 0;
    }
}
