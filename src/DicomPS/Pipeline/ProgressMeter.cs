using System.Diagnostics;
using System.Management.Automation;

namespace DicomPS.Pipeline;

/// <summary>Progress that stays out of the way: nothing in the first half second, then at most five updates a second.</summary>
internal sealed class ProgressMeter(Cmdlet cmdlet, int id, string activity, int parent = -1)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next = Silence;
    private bool _shown;

    /// <summary>How long it has been running.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Whether an update would be shown now.</summary>
    public bool IsDue => _clock.Elapsed >= _next;

    /// <summary>Shows an update when one is due.</summary>
    public void Update(string status, double? fraction, TimeSpan? left, string? current = null)
    {
        if (!IsDue)
            return;
        _next = _clock.Elapsed + Interval;
        _shown = true;
        cmdlet.WriteProgress(new ProgressRecord(id, SafeText.Clean(activity), SafeText.Clean(status))
        {
            PercentComplete = fraction is { } part ? (int)Math.Min(100, Math.Max(0, part * 100)) : -1,
            SecondsRemaining = left is { } time ? (int)Math.Min(int.MaxValue, time.TotalSeconds) : -1,
            CurrentOperation = current is null ? null : SafeText.Clean(current),
            ParentActivityId = parent,
        });
    }

    /// <summary>
    /// Shows a count with its rate, with the share and the time left where the whole is known, and bytes where there are any.
    /// </summary>
    public void Count(long done, long? all, string what, long failed = 0, long bytes = 0, string? current = null)
    {
        if (!IsDue)
            return;
        var seconds = _clock.Elapsed.TotalSeconds;
        double? fraction = all > 0 ? Math.Min(1, done / (double)all) : null;
        var status =
            $"{done}{(all is { } known ? $" of {known}" : "")} {what}{(failed > 0 ? $", {failed} failed" : "")}, {done / seconds:0} "
            + $"{what}/s"
            + (bytes > 0 ? $", {Size(bytes)}, {Size(bytes / seconds)}/s" : "");
        Update(status, fraction, Left(fraction), current);
    }

    /// <summary>The time left, when it goes on as until now.</summary>
    public TimeSpan? Left(double? fraction) =>
        fraction is > 0 ? TimeSpan.FromSeconds(_clock.Elapsed.TotalSeconds * (1 / fraction.Value - 1)) : null;

    /// <summary>Takes the bar away, if there was one.</summary>
    public void Complete()
    {
        if (!_shown)
            return;
        _shown = false;
        cmdlet.WriteProgress(new ProgressRecord(id, SafeText.Clean(activity), "Completed")
        {
            RecordType = ProgressRecordType.Completed,
            ParentActivityId = parent
        });
    }

    /// <summary>A number of bytes as people read it.</summary>
    public static string Size(double bytes) => bytes switch
    {
        >= 1e9 => $"{bytes / 1e9:0.0} GB",
        >= 1e6 => $"{bytes / 1e6:0.0} MB",
        >= 1e3 => $"{bytes / 1e3:0.0} KB",
        _ => $"{bytes:0} B",
    };
}
