using System.Threading.Channels;

namespace DicomPS.Auditing;

/// <summary>
/// A trail of who stored, asked for, got and was refused what (PS3.15 A.5). Nobody waits for it: records go through a bounded queue, what
/// cannot be written is tried again, what has no room is counted, and both are told once. Any thread may use it.
/// </summary>
public sealed class AuditTrail : IAsyncDisposable
{
    private const int MostWaiting = 10_000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LastTime = TimeSpan.FromSeconds(3);

    private readonly Channel<AuditRecord> _waiting = Channel.CreateBounded<AuditRecord>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly CancellationTokenSource _ending = new();
    private readonly Task _writer;
    private long _lost, _written;

    /// <summary>Begins a trail.</summary>
    /// <param name="target">Where it goes.</param>
    public AuditTrail(AuditTarget target)
    {
        Target = target ?? throw new ArgumentNullException(nameof(target));
        _writer = Task.Run(RunAsync);
    }

    /// <summary>Told, in a sentence, when it cannot be written, once until it can again. On a thread of the pool.</summary>
    public event Action<string>? Failed;

    /// <summary>Where it goes.</summary>
    public AuditTarget Target { get; }

    /// <summary>How many records were written.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>How many were lost, because more waited than there is room for.</summary>
    public long Lost { get; private set; }

    /// <summary>Takes a record; returns at once.</summary>
    internal void Add(AuditRecord record)
    {
        if (!_waiting.Writer.TryWrite(record))
            Interlocked.Increment(ref _lost);
    }

    /// <summary>Writes what waits, for three seconds at most, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        _ending.CancelAfter(LastTime);
        await _writer.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        using var sink = new AuditSink(Target);
        var isTold = false;
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                while (_waiting.Reader.TryRead(out var record))
                {
                    var lost = Interlocked.Exchange(ref _lost, 0);
                    if (lost > 0)
                    {
                        Lost += lost;
                        await WriteAsync(new AuditRecord
                        {
                            Kind = AuditKind.Lost, Outcome = 8, LocalAETitle = record.LocalAETitle,
                            Reason = $"{lost} record(s) before this one could not be written.",
                        }).ConfigureAwait(false);
                    }

                    await WriteAsync(record).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The time at the end is over; what still waits is lost, and that was told.
        }

        async Task WriteAsync(AuditRecord record)
        {
            for (var pause = FirstPause; ; pause = pause + pause < LongestPause ? pause + pause : LongestPause)
            {
                try
                {
                    await sink.WriteAsync(record).ConfigureAwait(false);
                    Interlocked.Increment(ref _written);
                    isTold = false;
                    return;
                }
                catch (IOException problem)
                {
                    if (!isTold)
                        Tell($"The audit trail cannot be written to {Target}, and nothing waits for it: {problem.Message}");
                    isTold = true;
                }

                await Task.Delay(pause, _ending.Token).ConfigureAwait(false);
            }
        }
    }

    private void Tell(string text)
    {
        try
        {
            Failed?.Invoke(text);
        }
        catch (Exception)
        {
            // Who listens must not end the trail.
            return;
        }
    }
}
