using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using DicomPS.Archiving.Index;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// The items of a worklist: those that were given, and those of a folder, which is looked through again for each query, and
/// of which a file is read again when its name, size or time has changed. Any thread may use it.
/// </summary>
/// <param name="path">The folder, looked through with its subfolders, or a single file; null for none.</param>
/// <param name="given">Items that stay.</param>
/// <param name="marks">What has become of the items; null where nobody says.</param>
internal sealed class WorklistSource(string? path, IReadOnlyList<DicomDataset> given, WorklistMarks? marks = null)
{
    private const int MaximumFiles = 100_000, MaximumItems = 100_000;

    // A folder that takes longer than this is looked through once a second, not for each query.
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(50), Fresh = TimeSpan.FromSeconds(1);

    private readonly object _starting = new();
    private readonly Stopwatch _since = new();
    private Dictionary<string, KnownFile> _files = new(StringComparer.Ordinal);
    private IReadOnlyList<DicomDataset> _items = Sorted(given);
    private TimeSpan _cost;
    private Task<IReadOnlyList<DicomDataset>>? _reading;

    /// <summary>Told of each file that cannot be read, once for each version of it; what was read of it before is served further.</summary>
    public Action<string, Exception>? Unreadable { private get; set; }

    /// <summary>How many items there were when the folder was last looked through.</summary>
    public int Count => _items.Count;

    /// <summary>What the options of an archive name; null when they name no worklist.</summary>
    /// <param name="options">The options.</param>
    /// <param name="marks">What has become of the items; null where nobody says.</param>
    public static WorklistSource? Of(ArchiveServerOptions options, WorklistMarks? marks = null)
    {
        if (options.Worklist is null && options.WorklistItems is null)
            return null;
        return new WorklistSource(options.Worklist,
            [.. (options.WorklistItems ?? []).SelectMany(WorklistItems.Of)], marks)
        { Unreadable = options.WorklistUnreadable };
    }

    /// <summary>The items as they are now, in the order in which they are scheduled.</summary>
    public Task<IReadOnlyList<DicomDataset>> ItemsAsync()
    {
        lock (_starting)
        {
            var isFresh = path is null || (_cost > Quick && _since.Elapsed < Fresh);
            // Of many queries at once one reads, and the others wait for it.
            if (_reading is null || (_reading.IsCompleted && !(isFresh && _reading.Status == TaskStatus.RanToCompletion)))
                _reading = path is null ? Task.FromResult(_items) : Task.Run(ReadAsync);
            return _reading;
        }
    }

    /// <summary>
    /// The answers to an identifier. A date and a time that are both ranges are one range of moments (PS3.4 table K.6-1).
    /// </summary>
    /// <param name="identifier">The keys.</param>
    /// <param name="fuzzyNames">Whether names match by sound.</param>
    /// <param name="token">Stops it.</param>
    public async IAsyncEnumerable<DicomDataset> FindAsync(DicomDataset identifier, bool fuzzyNames,
        [EnumeratorCancellation] CancellationToken token)
    {
        var matcher = new DatasetMatcher(identifier, new MatchOptions { CombinedDateTimes = true, FuzzyNames = fuzzyNames });
        var items = await ItemsAsync().ConfigureAwait(false);
        var look = marks?.Look(items, identifier);
        foreach (var known in items)
        {
            token.ThrowIfCancellationRequested();
            var item = look is { } ? look(known) : known;
            if (item is { } && matcher.Matches(item))
                yield return DatasetAnswer.Of(item, identifier);
        }
    }

    private async Task<IReadOnlyList<DicomDataset>> ReadAsync()
    {
        var clock = Stopwatch.StartNew();
        var now = new Dictionary<string, KnownFile>(StringComparer.Ordinal);
        var isChanged = false;
        foreach (var file in Names())
        {
            var known = _files.TryGetValue(file, out var before) ? before : new KnownFile(default, []);
            var version = VersionOf(file);
            now[file] = known.Version == version ? known : await ReadAsync(file, known, version).ConfigureAwait(false);
            isChanged |= !ReferenceEquals(now[file], before);
        }

        if (isChanged || now.Count != _files.Count)
        {
            _files = now;
            var count = given.Count + _files.Values.Sum(file => (long)file.Items.Count);
            if (count > MaximumItems)
                Unreadable?.Invoke(path!, new DicomException($"The worklist has {count} items; the first {MaximumItems} are served."));
            _items = Sorted(given.Concat(_files.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => file.Value.Items))
                .Take(MaximumItems));
        }

        _cost = clock.Elapsed;
        _since.Restart();
        return _items;
    }

    private async Task<KnownFile> ReadAsync(string file, KnownFile known, (long, DateTime) version)
    {
        var problems = new List<Exception>();
        try
        {
            var read = await WorklistFile.ReadAsync(file, problems.Add).ConfigureAwait(false);
            // Written to meanwhile: the next query reads it whole.
            if (VersionOf(file) != version)
                return known;
            problems.ForEach(problem => Unreadable?.Invoke(file, problem));
            return new KnownFile(version, read);
        }
        catch (Exception problem) when (problem is DicomException or ArgumentException)
        {
            Unreadable?.Invoke(file, problem);
            return known with { Version = version };
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Another program holds it, or it has just gone: tried again for the next query.
            Unreadable?.Invoke(file, problem);
            return known;
        }
    }

    private List<string> Names()
    {
        try
        {
            if (File.Exists(path))
                return [path!];
            var names = Directory.EnumerateFiles(path!, "*", SearchOption.AllDirectories).Where(WorklistFile.IsOne)
                .Take(MaximumFiles + 1).ToList();
            if (names.Count > MaximumFiles)
            {
                Unreadable?.Invoke(path!,
                    new DicomException($"The folder has more than {MaximumFiles} files of a worklist; the others are left out."));
                names.RemoveAt(MaximumFiles);
            }

            return names;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // A share that is away for a while takes no item away.
            Unreadable?.Invoke(path!, problem);
            return [.. _files.Keys];
        }
    }

    private static (long, DateTime) VersionOf(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? (info.Length, info.LastWriteTimeUtc) : default;
    }

    private static IReadOnlyList<DicomDataset> Sorted(IEnumerable<DicomDataset> items) => [.. items
        .OrderBy(item => Step(item, Tags.ScheduledProcedureStepStartDate), StringComparer.Ordinal)
        .ThenBy(item => Step(item, Tags.ScheduledProcedureStepStartTime), StringComparer.Ordinal)];

    private static string? Step(DicomDataset item, DicomTag tag) => item.GetItems(Tags.ScheduledProcedureStepSequence)[0].GetString(tag);

    private sealed record KnownFile((long, DateTime) Version, IReadOnlyList<DicomDataset> Items);
}
