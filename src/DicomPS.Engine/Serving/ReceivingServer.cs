using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace DicomPS.Serving;

/// <summary>A running server that remembers what came until somebody asks for it. Its queue forgets the oldest when it is full.</summary>
/// <typeparam name="T">What comes.</typeparam>
public abstract class ReceivingServer<T> : RunningServer
    where T : class
{
    private readonly Channel<T> _queue;
    private long _forgotten;

    /// <summary>Prepares a server.</summary>
    /// <param name="aeTitle">Its AE title.</param>
    /// <param name="capacity">How much the queue holds, at least 1.</param>
    protected ReceivingServer(string aeTitle, int capacity)
        : base(aeTitle) => _queue = Channel.CreateBounded<T>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _forgotten));

    /// <summary>How much was forgotten because nobody asked for it.</summary>
    protected long Forgotten => Interlocked.Read(ref _forgotten);

    /// <summary>Takes the next if one is there.</summary>
    /// <param name="item">What came.</param>
    public bool TryReceive([NotNullWhen(true)] out T? item) => _queue.Reader.TryRead(out item);

    /// <summary>Waits until something is there.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <returns>False when the server has stopped and everything was taken.</returns>
    public ValueTask<bool> WaitToReceiveAsync(CancellationToken cancellationToken) => _queue.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>What comes, as it comes, until the server stops. Each goes to one reader.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    public IAsyncEnumerable<T> ReceiveAsync(CancellationToken cancellationToken) => _queue.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Puts something into the queue.</summary>
    /// <param name="item">What came.</param>
    protected void Remember(T item) => _queue.Writer.TryWrite(item);

    /// <inheritdoc/>
    protected override Task CloseAsync()
    {
        _queue.Writer.TryComplete();
        return Task.CompletedTask;
    }
}
