using System.Diagnostics.CodeAnalysis;

namespace DicomPS.Jobs;

/// <summary>
/// The items that wait for the workers of a job. Who adds waits for a place. The queue ends when no more come and none waits; where a
/// worker may put items back before the others, as long as its own is not done, when all are done.
/// </summary>
/// <param name="places">How many may wait.</param>
/// <param name="takesBack">Whether workers may put items back.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing of the system.")]
internal sealed class WorkQueue<T>(int places, bool takesBack = false) where T : class
{
    private readonly LinkedList<(T Item, bool HasPlace)> _waiting = new();
    // One for each that waits, and one more at the end, which each worker that takes it puts back.
    private readonly SemaphoreSlim _available = new(0);
    private readonly SemaphoreSlim _places = new(places);
    private int _open;
    private volatile bool _isComplete;

    /// <summary>Whether all that is left is under way.</summary>
    public bool IsDrained => _isComplete && Waiting().Count == 0;

    /// <summary>Those that wait, at the moment.</summary>
    public IReadOnlyList<T> Waiting()
    {
        lock (_waiting)
            return [.. _waiting.Select(entry => entry.Item)];
    }

    /// <summary>Adds an item, waiting for a place.</summary>
    /// <exception cref="InvalidOperationException">The queue was completed.</exception>
    public async ValueTask AddAsync(T item, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (Put(item))
            return;
        cancellationToken.ThrowIfCancellationRequested();
        throw new InvalidOperationException("Nothing can be added any more.");
    }

    /// <summary>Puts items before all others, in their order; they need no place.</summary>
    public void PutBack(IReadOnlyList<T> items)
    {
        lock (_waiting)
        {
            for (var i = items.Count - 1; i >= 0; i--)
                _waiting.AddFirst((items[i], false));
            _open += items.Count;
            EngineMeter.Wait(items.Count);
            if (items.Count > 0)
                _available.Release(items.Count);
        }
    }

    /// <summary>Says that no more come.</summary>
    public void Complete()
    {
        lock (_waiting)
        {
            if (_isComplete)
                return;
            _isComplete = true;
            if (_open == 0)
                _available.Release();
            // Who waits for a place hears of it, one from the other.
            _places.Release();
        }
    }

    /// <summary>Takes the next item, waiting for one; null at the end.</summary>
    /// <param name="prefers">Which items are to be taken before the others; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<T?> DequeueAsync(Func<T, bool>? prefers, CancellationToken cancellationToken)
    {
        await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Dequeue(prefers);
    }

    /// <summary>Takes the next item if one waits.</summary>
    public bool TryDequeue([NotNullWhen(true)] out T? item)
    {
        item = _available.Wait(0) ? Dequeue(null) : null;
        return item is { };
    }

    /// <summary>Says that an item that was taken is done, after what it left was put back.</summary>
    public void Done()
    {
        lock (_waiting)
        {
            if (takesBack)
                Close();
        }
    }

    /// <summary>Forgets the items that nobody will take.</summary>
    public void Clear()
    {
        lock (_waiting)
        {
            EngineMeter.Wait(-_waiting.Count);
            _waiting.Clear();
        }
    }

    private void Close()
    {
        if (--_open == 0 && _isComplete)
            _available.Release();
    }

    private bool Put(T item)
    {
        lock (_waiting)
        {
            if (_isComplete)
            {
                _places.Release();
                return false;
            }

            _waiting.AddLast((item, true));
            _open++;
            EngineMeter.Wait(1);
            _available.Release();
            return true;
        }
    }

    private T? Dequeue(Func<T, bool>? prefers)
    {
        lock (_waiting)
        {
            var node = _waiting.First;
            if (prefers is { })
            {
                while (node is { } && !prefers(node.Value.Item))
                    node = node.Next;
                node ??= _waiting.First;
            }

            if (node is null)
            {
                _available.Release();
                return null;
            }

            _waiting.Remove(node);
            EngineMeter.Wait(-1);
            if (node.Value.HasPlace)
                _places.Release();
            if (!takesBack)
                Close();
            return node.Value.Item;
        }
    }
}
