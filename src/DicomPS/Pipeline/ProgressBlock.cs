using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;

namespace DicomPS.Pipeline;

/// <summary>
/// The block of -OnProgress. Any thread says what the peer said; the block runs on the pipeline thread, in the scope of the caller, so
/// that it sees and sets the caller's variables. The peer never waits for it: what comes meanwhile is kept up to a bound.
/// </summary>
internal sealed class ProgressBlock(PSCmdlet cmdlet, ScriptBlock block)
{
    private const int MostWaiting = 1024;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private readonly ConcurrentQueue<OperationProgress> _waiting = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last;
    private long _skipped;
    private OperationProgress? _known;
    private bool _isRunning;

    /// <summary>Whether the block said that it is enough.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Keeps what the peer said. Any thread may call it, and it returns at once.</summary>
    public void Keep(OperationProgress progress)
    {
        _waiting.Enqueue(progress);
        // The latest says most: the oldest goes.
        while (_waiting.Count > MostWaiting && _waiting.TryDequeue(out _))
            Interlocked.Increment(ref _skipped);
    }

    /// <summary>Runs the block for what waits, and when nothing came for three seconds. The pipeline thread calls it.</summary>
    /// <param name="now">Completes what is known: of a response, or of the last one where none came.</param>
    /// <param name="cancel">Called once when the block says $false.</param>
    public void Run(Func<OperationProgress?, OperationProgress> now, Action cancel)
    {
        // A block may write to a pipeline that comes back here.
        if (_isRunning || IsCancelled)
            return;
        _isRunning = true;
        try
        {
            while (!IsCancelled && _waiting.TryDequeue(out var said))
                Call(now(_known = said) with { IsResponse = true }, cancel);
            if (!IsCancelled && _clock.Elapsed - _last >= Silence)
                Call(now(_known) with { IsResponse = false }, cancel);
        }
        finally
        {
            _isRunning = false;
        }
    }

    private void Call(OperationProgress progress, Action cancel)
    {
        var status = progress with { Elapsed = _clock.Elapsed, Skipped = Interlocked.Exchange(ref _skipped, 0) };
        var before = cmdlet.SessionState.PSVariable.GetValue("_");
        cmdlet.SessionState.PSVariable.Set("_", status);
        try
        {
            var written = cmdlet.InvokeCommand.InvokeScript(useLocalScope: false, block, null, status);
            if (written.LastOrDefault(output => output?.BaseObject is bool) is { BaseObject: false })
            {
                IsCancelled = true;
                cancel();
            }
        }
        finally
        {
            cmdlet.SessionState.PSVariable.Set("_", before);
            // From its end: a block that takes long is not called on and on.
            _last = _clock.Elapsed;
        }
    }
}
