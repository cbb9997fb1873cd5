using System.Diagnostics;
using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>Writes the studies that archives and storage SCPs have received whole, each as soon as it is complete.</summary>
[Cmdlet(VerbsLifecycle.Wait, "DicomStudy", DefaultParameterSetName = ByObject)]
[OutputType(typeof(CompletedStudy))]
public sealed class WaitDicomStudyCommand : ServerCmdlet<RunningServer>
{
    private readonly List<StudyFeed> _feeds = [];
    private HashSet<string>? _missing;
    private HashSet<string>? _patients;
    private int _written;

    /// <summary>The studies to wait for; ends when each of them was complete once.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? StudyInstanceUID { get; set; }

    /// <summary>Only studies of these patients.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? PatientID { get; set; }

    /// <summary>Ends after so many studies.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = int.MaxValue;

    /// <summary>Waits at most this long in all: seconds or a TimeSpan. 0 takes what is there.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    private protected override void Begin()
    {
        _missing = StudyInstanceUID is null ? null
            : new HashSet<string>(StudyInstanceUID.Select(uid => uid.Trim()), StringComparer.Ordinal);
        _patients = PatientID is null ? null : new HashSet<string>(PatientID.Select(id => id.Trim()), StringComparer.Ordinal);
    }

    private protected override void Process()
    {
        foreach (var server in Selected())
        {
            if (server.GetStudyFeed() is not { } feed)
            {
                WriteFailure(new ModuleException(ErrorIds.ServerWithoutStudies, ErrorCategory.InvalidType,
                    $"{server} keeps no studies that could be complete.",
                    "Wait for an archive (Start-DicomArchive) or a storage SCP (Start-DicomStorageScp).", server), server);
            }
            else if (!_feeds.Contains(feed))
            {
                _feeds.Add(feed);
            }
        }
    }

    // Nothing is taken ahead of what is written: after Select-Object -First the rest is still there.
    private protected override void End()
    {
        if (_feeds.Count == 0)
            return;
        var clock = Stopwatch.StartNew();
        var isTimed = Timeout != System.Threading.Timeout.InfiniteTimeSpan;
        while (true)
        {
            // Asked before the look, so that nothing comes unseen between the look and the wait.
            var isOver = _feeds.TrueForAll(feed => feed.IsClosed);
            Task[] changes = [.. _feeds.Select(feed => feed.Changed)];
            _feeds.ForEach(WriteFrom);
            if (IsDone || StopToken.IsCancellationRequested)
                return;
            var left = isTimed ? Timeout - clock.Elapsed : System.Threading.Timeout.InfiniteTimeSpan;
            if (isOver || (isTimed && left <= TimeSpan.Zero))
                break;
            // The end of one server leaves its signal set; the others are waited for.
            changes = [.. changes.Where((change, i) => !_feeds[i].IsClosed || !change.IsCompleted)];
            if (changes.Length > 0)
                Task.WaitAny(changes, isTimed ? (int)Math.Min(left.TotalMilliseconds + 1, int.MaxValue) : -1, StopToken);
        }

        TellMissing();
    }

    private bool IsDone => _written >= Count || _missing?.Count == 0;

    private void WriteFrom(StudyFeed feed)
    {
        while (!IsDone && !StopToken.IsCancellationRequested && feed.TryDequeue(IsWanted, out var study))
        {
            _written++;
            _missing?.Remove(study.StudyInstanceUID!);
            WriteObject(study);
        }
    }

    private bool IsWanted(CompletedStudy study) => (_missing is null || _missing.Contains(study.StudyInstanceUID ?? ""))
        && (_patients is null || _patients.Contains(study.PatientID ?? ""));

    // Without a number or UIDs, what came is enough if anything did. Otherwise an error tells what is missing.
    private void TellMissing()
    {
        var until = _feeds.TrueForAll(feed => feed.IsClosed) ? "when the server stopped" : $"within {Timeout.TotalSeconds:0.###} s";
        foreach (var uid in _missing ?? [])
            Tell($"Study {uid} was not complete {until}: {Progress(uid)}.", uid);
        var isShort = MyInvocation.BoundParameters.ContainsKey(nameof(Count)) || (_written == 0 && Timeout > TimeSpan.Zero);
        if (_missing is null && isShort)
        {
            var counted = Count == int.MaxValue ? "No study" : $"Only {_written} of {Count} studies";
            var whose = _patients is null ? "" : $" of {string.Join(", ", _patients)}";
            Tell(
                $"{counted}{whose} {(Count == int.MaxValue ? "was" : "were")} complete {until}; {_feeds.Sum(feed => feed.Open)} being "
                + "received.", PatientID);
        }
    }

    private string Progress(string uid)
    {
        foreach (var feed in _feeds)
        {
            if (feed.Find(uid) is not { } progress)
                continue;
            var wait = progress.OpenAssociations > 0
                ? $"{progress.OpenAssociations} association(s) that brought some are open"
                : $"it has to be quiet for {feed.QuietPeriod.TotalSeconds:0.#} s";
            return $"{progress.Received} instance(s) have come, the last one {progress.QuietFor.TotalSeconds:0.#} s ago; {wait}";
        }

        return "nothing of it has come, or it was complete before and was taken";
    }

    private void Tell(string what, object? target) =>
        WriteFailure(new ModuleException(ErrorIds.StudyIncomplete, ErrorCategory.OperationTimeout, what,
        "Check that the sender sends, and releases its association; a longer -Timeout or a shorter -StudyQuietPeriod of the server may be "
        + "what is needed.", target), target);
}
