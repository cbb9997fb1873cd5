using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DicomPS.Serving;

/// <summary>A running server that remembers what came until somebody asks for it. Its queue forgets the oldest when it is full.</summary>
/// <typeparam name="T">What comes.</typeparam>
public abstract class ReceivingServer<T> : RunningServer
    where T : class
{
    private readonly ArrivalQueue<T> _queue;

    /// <summary>Prepares a server.</summary>
    /// <param name="aeTitle">Its AE title.</param>
    /// <param name="capacity">How much the queue holds, at least 1.</param>
    protected ReceivingServer(string aeTitle, int capacity)
        : base(aeTitle) => _queue = new ArrivalQueue<T>(capacity);

    /// <summary>How much was forgotten because nobody asked for it.</summary>
    protected long Forgotten => _queue.Forgotten;

    /// <summary>Takes the next if one is there.</summary>
    /// <param name="item">What came.</param>
    public bool TryReceive([NotNullWhen(true)] out T? item) => _queue.TryDequeue(out item);

    /// <summary>Waits until something is there.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <returns>False when the server has stopped and everything was taken.</returns>
    public ValueTask<bool> WaitToReceiveAsync(CancellationToken cancellationToken) => _queue.WaitAsync(cancellationToken);

    /// <summary>What comes, as it comes, until the server stops. Each goes to one reader.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    public async IAsyncEnumerable<T> ReceiveAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _queue.WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_queue.TryDequeue(out var item))
                yield return item;
        }
    }

    /// <summary>Puts something into the queue.</summary>
    /// <param name="item">What came.</param>
    protected void Remember(T item) => _queue.Add(item);

    /// <inheritdoc/>
    protected override Task CloseAsync()
    {
        _queue.Complete();
        return Task.CompletedTask;
    }
}
