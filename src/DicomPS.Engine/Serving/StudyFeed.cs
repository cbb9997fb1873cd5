using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using DicomPS.Data;
using DicomPS.Scp;

namespace DicomPS.Serving;

/// <summary>
/// The studies that a server has received whole, kept until somebody takes them. The queue forgets its oldest when it is full.
/// Any thread may use it, and several may wait, each for studies of its own.
/// </summary>
public sealed class StudyFeed : IAsyncDisposable
{
    /// <summary>The quiet period that applies when none is given.</summary>
    public static readonly TimeSpan DefaultQuietPeriod = TimeSpan.FromSeconds(10);

    private const int Capacity = 4096;

    private readonly Func<CompletedStudy, Task<CompletedStudy>> _describe;
    private readonly StudyWatch _watch;
    private readonly LinkedList<CompletedStudy> _ready = new();
    private readonly SemaphoreSlim _wake = new(0);
    private TaskCompletionSource<bool> _changed = NewSignal();
    private Task _loop = Task.CompletedTask;
    private volatile bool _isClosing;
    private volatile bool _isExpecting;
    private long _told, _forgotten;

    /// <summary>Prepares a feed; it tells nothing until <see cref="Start"/>.</summary>
    /// <param name="quietPeriod">How long a study must be quiet, zero or more.</param>
    /// <param name="describe">Says more of a study before it is told, such as its folder; must not throw.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period is negative.</exception>
    public StudyFeed(TimeSpan quietPeriod, Func<CompletedStudy, Task<CompletedStudy>> describe)
    {
        if (quietPeriod < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(quietPeriod), quietPeriod, "A quiet period is zero or more.");
        var clock = Stopwatch.StartNew();
        QuietPeriod = quietPeriod;
        _describe = describe;
        _watch = new StudyWatch(quietPeriod, () => clock.Elapsed);
    }

    /// <summary>Told of each study when it is complete; must return at once.</summary>
    internal event Action<CompletedStudy>? Completed;

    /// <summary>How long a study must be quiet before it is complete.</summary>
    public TimeSpan QuietPeriod { get; }

    /// <summary>How many times a study was complete.</summary>
    public long Told => Interlocked.Read(ref _told);

    /// <summary>How many of them were forgotten because nobody took them.</summary>
    public long Forgotten => Interlocked.Read(ref _forgotten);

    /// <summary>How many studies are being received.</summary>
    public int Open => _watch.Count;

    /// <summary>Whether nothing comes any more; what is there can still be taken.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>
    /// Completes when there is something new, or nothing comes any more. Ask for it before you look, then nothing is missed.
    /// </summary>
    public Task Changed
    {
        get
        {
            lock (_ready)
                return _changed.Task;
        }
    }

    /// <summary>Takes the oldest study that is wanted, if one is there; the others stay.</summary>
    /// <param name="isWanted">Which are wanted.</param>
    /// <param name="study">The study.</param>
    public bool TryDequeue(Func<CompletedStudy, bool> isWanted, [NotNullWhen(true)] out CompletedStudy? study)
    {
        lock (_ready)
        {
            study = _ready.FirstOrDefault(isWanted);
            return study is { } && _ready.Remove(study);
        }
    }

    /// <summary>How far a study is; null when it is not being received.</summary>
    /// <param name="studyInstanceUid">The study.</param>
    public StudyProgress? Find(string studyInstanceUid) => _watch.Find(studyInstanceUid);

    /// <summary>An instance is about to be put in its place; see <see cref="StudyWatch.Coming"/>.</summary>
    /// <param name="association">The peer's address and port.</param>
    /// <param name="header">The first elements of the instance.</param>
    public void Coming(string association, DicomDataset header) => _watch.Coming(association, header);

    /// <summary>An instance is stored.</summary>
    /// <param name="instance">The instance.</param>
    public void Stored(ReceivedInstance instance)
    {
        _watch.Stored(instance);
        if (_isExpecting)
            _wake.Release();
    }

    /// <summary>A modality has made all that it wanted to make of a study; see <see cref="StudyWatch.Expect"/>.</summary>
    /// <param name="studyInstanceUid">The study.</param>
    /// <param name="instances">The SOP instance UIDs that have to be here.</param>
    public void Expect(string studyInstanceUid, IEnumerable<string> instances)
    {
        _watch.Expect(studyInstanceUid, instances);
        _isExpecting = true;
    }

    /// <summary>Some of what a modality has named is here; see <see cref="StudyWatch.Arrived"/>.</summary>
    /// <param name="studyInstanceUid">The study.</param>
    /// <param name="instances">Their SOP instance UIDs.</param>
    public void Arrived(string studyInstanceUid, IEnumerable<string> instances)
    {
        _watch.Arrived(studyInstanceUid, instances);
        _wake.Release();
    }

    /// <summary>An instance came and was not stored.</summary>
    /// <param name="association">The peer's address and port.</param>
    public void Failed(string association) => _watch.Failed(association);

    /// <summary>An association is over.</summary>
    /// <param name="association">The peer's address and port.</param>
    /// <param name="isReleased">Whether it was released in good order.</param>
    public void Ended(string association, bool isReleased)
    {
        _watch.Ended(association, isReleased);
        _wake.Release();
    }

    /// <summary>Tells from now on.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Tells what was being received, as far as it came, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsClosed)
            return;
        _isClosing = true;
        _wake.Release();
        await _loop.ConfigureAwait(false);
        await TellAsync(_watch.CollectAll()).ConfigureAwait(false);
        lock (_ready)
        {
            IsClosed = true;
            _changed.TrySetResult(true);
        }
    }

    private static TaskCompletionSource<bool> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        var longest = TimeSpan.FromHours(1);
        while (!_isClosing)
        {
            await TellAsync(_watch.CollectDue()).ConfigureAwait(false);
            var next = _watch.UntilNext() is { } left && left < longest ? left : longest;
            // A timer may be early by less than a millisecond.
            await _wake.WaitAsync(next + TimeSpan.FromMilliseconds(1)).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(IReadOnlyList<CompletedStudy> studies)
    {
        foreach (var study in studies)
        {
            var told = await _describe(study).ConfigureAwait(false);
            TaskCompletionSource<bool> changed;
            lock (_ready)
            {
                _ready.AddLast(told);
                if (_ready.Count > Capacity)
                {
                    _ready.RemoveFirst();
                    Interlocked.Increment(ref _forgotten);
                }

                (changed, _changed) = (_changed, NewSignal());
            }

            Interlocked.Increment(ref _told);
            changed.TrySetResult(true);
            Completed?.Invoke(told);
        }
    }
}
