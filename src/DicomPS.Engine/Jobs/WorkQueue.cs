using System.Diagnostics.CodeAnalysis;

namespace DicomPS.Jobs;

/// <summary>
/// The items that wait for the workers of a job. Who adds waits for a place. The queue ends for a worker when no more come and none
/// waits that it may take; where workers may put items back before the others, as long as their own is not done, when all are done.
/// Items of one group, such as the files of a study, go to one worker: see <see cref="WorkTaker{T}"/>.
/// </summary>
/// <param name="places">How many may wait.</param>
/// <param name="takesBack">Whether workers may put items back.</param>
/// <param name="groupOf">The group of an item; null for an item of none. Null groups nothing.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing of the system.")]
internal sealed class WorkQueue<T>(int places, bool takesBack = false, Func<T, string?>? groupOf = null) where T : class
{
    private readonly object _gate = new();
    private readonly LinkedList<WorkEntry<T>> _free = new();
    private readonly Dictionary<string, WorkTaker<T>> _owners = new(StringComparer.Ordinal);
    private readonly List<WorkTaker<T>> _takers = [];
    // Who waited last is served first: its association is the one that is open.
    private readonly LinkedList<WorkWaiter<T>> _waiters = new();
    private readonly SemaphoreSlim _places = new(places);
    private int _limit = int.MaxValue;
    private int _atWork;
    private int _held;
    private int _open;
    private volatile bool _isComplete;

    /// <summary>Whether all that is left is under way.</summary>
    public bool IsDrained => _isComplete && Locked(() => _free.Count + _held == 0);

    /// <summary>Whether an item waits that belongs to no worker.</summary>
    public bool HasFree => Locked(() => _free.Count > 0);

    /// <summary>
    /// How many workers may take what belongs to none. One that is at work and finds itself one too many ends what is its own and takes
    /// nothing further. Default: all.
    /// </summary>
    public int Limit
    {
        get => Volatile.Read(ref _limit);
        set => Do(() => _limit = value);
    }

    /// <summary>Those that wait, at the moment.</summary>
    public IReadOnlyList<T> Waiting() =>
        Locked(() => (T[])[.. _takers.SelectMany(taker => taker.Own).Concat(_free).Select(entry => entry.Item)]);

    /// <summary>A further worker.</summary>
    /// <param name="prefers">Which items it would have before the others; null for none.</param>
    public WorkTaker<T> Join(Func<T, bool>? prefers) => Locked(() =>
    {
        var taker = new WorkTaker<T>(prefers);
        _takers.Add(taker);
        return taker;
    });

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
    public void PutBack(IReadOnlyList<T> items) => Do(() =>
    {
        for (var i = items.Count - 1; i >= 0; i--)
        {
            var group = groupOf?.Invoke(items[i]);
            var entry = new WorkEntry<T>(items[i], group, false);
            if (group is { } && _owners.TryGetValue(group, out var owner))
                Hold(owner, entry, isFirst: true);
            else
                _free.AddFirst(entry);
        }

        _open += items.Count;
        EngineMeter.Wait(items.Count);
    });

    /// <summary>Says that no more come.</summary>
    public void Complete() => Do(() =>
    {
        if (_isComplete)
            return;
        _isComplete = true;
        // Who waits for a place hears of it, one from the other.
        _places.Release();
    });

    /// <summary>Takes the next item, waiting for one; null at the end.</summary>
    /// <param name="taker">Who takes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<T?> DequeueAsync(WorkTaker<T> taker, CancellationToken cancellationToken)
    {
        WorkWaiter<T> waiter;
        lock (_gate)
        {
            // Nothing is begun any more then, although it waits.
            if (cancellationToken.IsCancellationRequested)
                return Task.FromCanceled<T?>(cancellationToken);
            if (Dequeue(taker) is { } item)
                return Task.FromResult<T?>(item);
            if (IsEndFor(taker))
                return Task.FromResult<T?>(null);
            waiter = new WorkWaiter<T>(taker);
            waiter.Place = _waiters.AddFirst(waiter);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    /// <summary>Takes the next item if one waits, whoever it belongs to.</summary>
    public bool TryDequeue([NotNullWhen(true)] out T? item)
    {
        lock (_gate)
        {
            var list = _free.First is { } ? _free : _takers.Find(taker => taker.Own.First is { })?.Own;
            item = list?.First is { } node ? Remove(list, node) : null;
            return item is { };
        }
    }

    /// <summary>Says that an item that was taken is done, after what it left was put back.</summary>
    /// <param name="item">The item.</param>
    /// <param name="taker">The worker that took it; null when none did.</param>
    public void Done(T item, WorkTaker<T>? taker = null) => Do(() =>
    {
        if (groupOf?.Invoke(item) is { } group && taker?.End(group) is { } forgotten)
            _owners.Remove(forgotten);
        if (takesBack)
            _open--;
    });

    /// <summary>A worker gives up its association: what was its own is anybody's, and it makes room for another.</summary>
    /// <param name="taker">The worker.</param>
    public void Leave(WorkTaker<T> taker) => Do(() =>
    {
        foreach (var group in taker.Groups)
            _owners.Remove(group);
        taker.Forget();
        while (taker.Own.Last is { } last)
        {
            taker.Own.RemoveLast();
            _held--;
            _free.AddFirst(last);
        }

        Rest(taker);
    });

    /// <summary>Forgets the items that nobody will take.</summary>
    public void Clear() => Do(() =>
    {
        EngineMeter.Wait(-_free.Count - _held);
        _free.Clear();
        _takers.ForEach(taker => taker.Own.Clear());
        _held = 0;
    });

    private async Task<T?> WaitAsync(WorkWaiter<T> waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(() =>
        {
            lock (_gate)
                Withdraw(waiter);
            waiter.Given.TrySetCanceled(cancellationToken);
        });
        return await waiter.Given.Task.ConfigureAwait(false);
    }

    private bool Put(T item)
    {
        var isPut = false;
        Do(() =>
        {
            if (_isComplete)
            {
                _places.Release();
                return;
            }

            var group = groupOf?.Invoke(item);
            var entry = new WorkEntry<T>(item, group, true);
            if (group is { } && _owners.TryGetValue(group, out var owner))
                Hold(owner, entry, isFirst: false);
            else
                _free.AddLast(entry);
            _open++;
            EngineMeter.Wait(1);
            isPut = true;
        });
        return isPut;
    }

    private void Hold(WorkTaker<T> owner, WorkEntry<T> entry, bool isFirst)
    {
        if (isFirst)
            owner.Own.AddFirst(entry);
        else
            owner.Own.AddLast(entry);
        _held++;
    }

    // Its own first, so that what has been begun is ended; then what belongs to none, as long as it is not one too many.
    private T? Dequeue(WorkTaker<T> taker)
    {
        if (Find(taker.Own, taker.Prefers) is { } own)
        {
            _held--;
            taker.Begin(own.Value.Group!);
            return Remove(taker.Own, own);
        }

        if (_free.Count == 0 || !MayTake(taker) || Find(_free, taker.Prefers) is not { } node)
            return null;
        if (node.Value.Group is { } group)
            Own(taker, group, node);
        return Remove(_free, node);
    }

    private bool MayTake(WorkTaker<T> taker)
    {
        if (taker.IsAtWork && _atWork > _limit)
            Rest(taker);
        else if (!taker.IsAtWork && _atWork < _limit)
        {
            taker.IsAtWork = true;
            _atWork++;
        }

        return taker.IsAtWork;
    }

    private void Rest(WorkTaker<T> taker)
    {
        if (taker.IsAtWork)
            _atWork--;
        taker.IsAtWork = false;
    }

    private void Own(WorkTaker<T> taker, string group, LinkedListNode<WorkEntry<T>> first)
    {
        _owners[group] = taker;
        taker.Begin(group);
        for (var next = first.Next; next is { };)
        {
            var node = next;
            next = next.Next;
            if (node.Value.Group != group)
                continue;
            _free.Remove(node);
            Hold(taker, node.Value, isFirst: false);
        }
    }

    private static LinkedListNode<WorkEntry<T>>? Find(LinkedList<WorkEntry<T>> list, Func<T, bool>? prefers)
    {
        if (prefers is null)
            return list.First;
        for (var node = list.First; node is { }; node = node.Next)
        {
            if (prefers(node.Value.Item))
                return node;
        }

        return list.First;
    }

    private T Remove(LinkedList<WorkEntry<T>> list, LinkedListNode<WorkEntry<T>> node)
    {
        list.Remove(node);
        EngineMeter.Wait(-1);
        if (node.Value.HasPlace)
            _places.Release();
        if (!takesBack)
            _open--;
        return node.Value.Item;
    }

    private bool IsEndFor(WorkTaker<T> taker) =>
        _isComplete && (takesBack ? _open == 0 : _free.Count == 0 && taker.Own.Count == 0);

    private void Withdraw(WorkWaiter<T> waiter)
    {
        if (waiter.Place is { List: { } })
            _waiters.Remove(waiter.Place);
    }

    // Who is at work before who would have to begin.
    private void Serve()
    {
        for (var pass = 0; pass < 2; pass++)
        {
            for (var next = _waiters.First; next is { };)
            {
                var waiter = next.Value;
                next = next.Next;
                if (pass == 0 && !waiter.Taker.IsAtWork && waiter.Taker.Own.Count == 0)
                    continue;
                var item = Dequeue(waiter.Taker);
                if (item is null && !IsEndFor(waiter.Taker))
                    continue;
                Withdraw(waiter);
                waiter.Given.TrySetResult(item);
            }
        }
    }

    private void Do(Action work)
    {
        lock (_gate)
        {
            work();
            if (_waiters.Count > 0)
                Serve();
        }
    }

    private TResult Locked<TResult>(Func<TResult> work)
    {
        lock (_gate)
            return work();
    }
}
