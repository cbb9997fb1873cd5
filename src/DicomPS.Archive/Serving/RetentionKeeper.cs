using System.Diagnostics;
using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;

namespace DicomPS.Archiving.Serving;

/// <summary>Holds a running archive to its limits: looks at its start, when something has changed, and once a minute.</summary>
internal sealed class RetentionKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Task _loop;

    /// <summary>Begins.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="rules">Its limits.</param>
    /// <param name="isBusy">The studies that are being received.</param>
    /// <param name="removed">Told of each study that was removed.</param>
    /// <param name="failed">Told when the index cannot be used.</param>
    public RetentionKeeper(Archive archive, Retention rules, Func<string, bool> isBusy, Action<RemovedStudy> removed,
        Action<Exception> failed) =>
        _loop = Task.Run(() => RunAsync(archive, rules, isBusy, removed, failed));

    /// <summary>The rules of these limits; null when there are none.</summary>
    public static Retention? Rules(long? maxBytes, TimeSpan? maxAge) =>
        maxBytes is null && maxAge is null ? null : new Retention { MaxBytes = maxBytes, MaxAge = maxAge };

    /// <summary>What a start of an archive would remove, a line for each study.</summary>
    public static async Task<IReadOnlyList<string>> PreviewAsync(string folder, long? maxBytes, TimeSpan? maxAge,
        CancellationToken token) =>
        Rules(maxBytes, maxAge) is { } rules
            ? [.. (await Archive.ExpiredAsync(folder, rules, token).ConfigureAwait(false)).Select(
                study => Describe(study, study.Instances, study.Bytes))] : [];

    /// <summary>Something has changed.</summary>
    public void Wake() => _wake.Release();

    /// <summary>Finishes the study that it is at, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        await _loop.ConfigureAwait(false);
        _stopping.Dispose();
        _wake.Dispose();
    }

    /// <summary>A study in words.</summary>
    public static string Describe(StoredStudy study, long instances, long bytes) =>
        $"Study {study.StudyInstanceUid}{(study.PatientId is { } patient ? $" of patient {patient}" : "")}: {instances} instance(s), "
        + $"{bytes} bytes, last arrival "
        + study.LastArrival.ToLocalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    private async Task RunAsync(Archive archive, Retention rules, Func<string, bool> isBusy, Action<RemovedStudy> removed,
        Action<Exception> failed)
    {
        var clock = new Stopwatch();
        try
        {
            while (true)
            {
                clock.Restart();
                try
                {
                    await foreach (var study in archive.RetainAsync(rules, DateTime.UtcNow, isBusy, _stopping.Token).ConfigureAwait(false))
                        removed(study);
                }
                catch (Exception problem) when (problem is not OperationCanceledException)
                {
                    // Whatever it was, it is told, and the next round tries again.
                    failed(problem);
                }

                // A large index takes its time to ask: most of the time is left to others.
                await Task.Delay(TimeSpan.FromTicks(Math.Min(clock.Elapsed.Ticks * 10, Interval.Ticks)), _stopping.Token)
                    .ConfigureAwait(false);
                await _wake.WaitAsync(Interval, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The archive stops.
        }
    }
}
