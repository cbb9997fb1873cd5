using System.Threading.Channels;

namespace DicomPS.Pipeline;

/// <summary>
/// Runs an engine stream on the pool and keeps a bounded number of its items ready for the pipeline thread.
/// Disposing of it cancels the stream and gives it a bounded time to leave in good order (C-CANCEL, release).
/// </summary>
internal sealed class Pump<T> : IDisposable
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _leaving;
    private readonly Channel<T> _channel;
    private readonly Task _engine;
    private Task<bool>? _ready;

    public Pump(Func<CancellationToken, IAsyncEnumerable<T>> stream, CancellationToken stop, int capacity = 64)
    {
        _leaving = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _channel = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });
        var token = _leaving.Token;
        _engine = Task.Run(() => RunAsync(stream, token));
    }

    /// <summary>Completes when an item is there or the stream has ended.</summary>
    public Task<bool> Ready => _ready ??= _channel.Reader.WaitToReadAsync().AsTask();

    /// <summary>Takes an item that is already there.</summary>
    public bool TryRead(out T item) => _channel.Reader.TryRead(out item!);

    /// <summary>Waits at most one tick. False once the stream has ended; throws what ended it.</summary>
    public bool Wait(TimeSpan tick)
    {
        var waiting = Ready;
        if (Task.WaitAny([waiting], tick) < 0)
            return true;
        _ready = null;
        return waiting.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _leaving.Cancel();
        if (Task.WaitAny([_engine], LeaveTime) == 0)
            _leaving.Dispose();
    }

    private async Task RunAsync(Func<CancellationToken, IAsyncEnumerable<T>> stream, CancellationToken token)
    {
        Exception? failure = null;
        try
        {
            await foreach (var item in stream(token).ConfigureAwait(false))
                await _channel.Writer.WriteAsync(item, token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
        }

        _channel.Writer.TryComplete(failure);
    }
}
