using System.Globalization;
using DicomPS.Archiving.Storage;
using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// What an archive takes: so much of each sender, so that the flood of one has nobody else's studies deleted, nothing once the disk is so
/// full, and nothing where only studies are left that are protected. Refused is what has not come yet (A700), never what is there. Any
/// thread may use it.
/// </summary>
/// <param name="archive">The archive.</param>
/// <param name="options">Its limits.</param>
internal sealed class StorageLimits(Archive archive, ArchiveServerOptions options)
{
    // How far below the limit of the disk is told; how full it is told where there is no limit.
    private const int WarningDistance = 10, NearlyFull = 90;
    private static readonly TimeSpan DiskLook = TimeSpan.FromSeconds(1), IndexLook = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private Dictionary<string, long> _used = new(StringComparer.Ordinal);
    private DateTime? _usedAt;
    private DateTime _diskAt;
    private int _diskUse;
    private bool _isWarned;
    private long _protected;
    private DateTime? _protectedAt;
    private bool _isFullOfProtected;

    // One at a time asks the index.
    private SemaphoreSlim Looking { get; } = new(1, 1);

    /// <summary>Told in a sentence when the disk comes near its limit, once until it is well below. Must return at once.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>How full a disk is, in percent; tests have another.</summary>
    internal Func<string, int> DiskUse { get; init; } = UseOf;

    /// <summary>The time, UTC; tests have another.</summary>
    internal Func<DateTime> Clock { get; init; } = () => DateTime.UtcNow;

    /// <summary>Looks whether an instance has room.</summary>
    /// <param name="sender">The AE title that sends it.</param>
    /// <param name="bytes">The bytes of its file.</param>
    /// <param name="token">Gives up.</param>
    /// <exception cref="ServiceException">It has not.</exception>
    public async Task CheckAsync(string sender, long bytes, CancellationToken token)
    {
        CheckDisk(options.MaximumDiskUse);
        if (options.MaxBytes is { } all)
            await CheckProtectedAsync(all, bytes, token).ConfigureAwait(false);
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

    private void CheckDisk(int? limit)
    {
        int use;
        string? warning = null;
        var warnAt = limit - WarningDistance ?? NearlyFull;
        lock (_gate)
        {
            var now = Clock();
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
            if (use >= warnAt && !_isWarned)
            {
                warning = string.Format(CultureInfo.InvariantCulture, limit is null
                    ? "The disk of the archive is {0} % full; with -MaximumDiskUse instances are refused before nothing fits on it."
                    : "The disk of the archive is {0} % full; at {1} % nothing is taken any more.", use, limit);
            }

            _isWarned = use >= warnAt;
        }

        if (warning is { })
            Warn?.Invoke(warning);
        if (limit is null || use < limit)
            return;
        throw new ServiceException(Statuses.Storage.OutOfResources, "The disk is nearly full")
        {
            Detail = $"The disk is {use} % full, and -MaximumDiskUse is {limit}",
            Advice = "The sender still has the instance. Free room on the disk, or let -MaxBytes or -MaxAge delete the oldest studies.",
        };
    }

    // What is protected alone fills -MaxBytes: whatever came would be the next to be deleted, after its sender was told Success.
    private async Task CheckProtectedAsync(long most, long bytes, CancellationToken token)
    {
        var used = await ProtectedBytesAsync(token).ConfigureAwait(false);
        var isFull = used + bytes > most && used > 0;
        bool isNews;
        lock (_gate)
        {
            // Told again once there was room for a while, not for each instance that is larger than others.
            isNews = isFull && !_isFullOfProtected;
            _isFullOfProtected = isFull || (_isFullOfProtected && used > most / 10 * 9);
        }

        if (!isFull)
            return;
        if (isNews)
            Warn?.Invoke(string.Format(CultureInfo.InvariantCulture,
                "Only protected studies are left: they have {0} bytes, and -MaxBytes is {1}. What comes is refused.", used, most));
        throw new ServiceException(Statuses.Storage.OutOfResources, "Protected studies take all the room")
        {
            Detail = $"The protected studies have {used} bytes, the instance {bytes}, and -MaxBytes is {most}",
            Advice = "The sender still has the instance. Raise -MaxBytes, or have studies deleted again with Unprotect-DicomStudy.",
        };
    }

    private async Task<long> ProtectedBytesAsync(CancellationToken token)
    {
        lock (_gate)
        {
            if (_protectedAt is { } at && Clock() - at < IndexLook && Clock() >= at)
                return _protected;
        }

        await Looking.WaitAsync(token).ConfigureAwait(false);
        try
        {
            var studies = archive.Protected.All();
            var bytes = studies.Count == 0 ? 0 : await archive.Index.BytesOfStudiesAsync(studies, token).ConfigureAwait(false);
            lock (_gate)
            {
                (_protected, _protectedAt) = (bytes, Clock());
                return bytes;
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Who cannot look takes it; retention, which cannot look either, deletes nothing meanwhile.
            return 0;
        }
        finally
        {
            Looking.Release();
        }
    }

    // Counted up as instances come; where that says there is no room, what was deleted meanwhile is asked of the index.
    private async Task<long> UsedAsync(string sender, long room, CancellationToken token)
    {
        lock (_gate)
        {
            if (_usedAt is { } at && (Known() <= room || Clock() - at < IndexLook))
                return Known();
        }

        await Looking.WaitAsync(token).ConfigureAwait(false);
        try
        {
            var found = await archive.Index.BytesBySenderAsync(token).ConfigureAwait(false);
            lock (_gate)
            {
                (_used, _usedAt) = (found, Clock());
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
