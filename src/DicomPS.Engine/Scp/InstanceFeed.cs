using DicomPS.Data;

namespace DicomPS.Scp;

/// <summary>Finds the instances that a C-GET asks for, one after the other; each is sent as it comes.</summary>
/// <param name="call">The request.</param>
/// <param name="identifier">The unique keys.</param>
/// <param name="cancellationToken">Cancelled by C-CANCEL and by the end of the association.</param>
/// <exception cref="ServiceException">The request ends with its status; what came before it was sent and is counted.</exception>
public delegate IAsyncEnumerable<StoredInstance> InstancesHandler(ServiceCall call, DicomDataset identifier,
    CancellationToken cancellationToken);

/// <summary>The same for a C-MOVE.</summary>
/// <param name="call">The request; <see cref="Dimse.CommandSet.MoveDestination"/> names the destination.</param>
/// <param name="identifier">The unique keys.</param>
/// <param name="destination">Told before the first instance how the destination is called.</param>
/// <param name="cancellationToken">Cancelled by C-CANCEL and by the end of the association.</param>
/// <exception cref="ServiceException">With A801H: the destination is not known. With another: the request ends with it.</exception>
public delegate IAsyncEnumerable<StoredInstance> MoveInstancesHandler(
    ServiceCall call, DicomDataset identifier, Action<Associations.AssociationOptions> destination, CancellationToken cancellationToken);

/// <summary>
/// The instances of one C-MOVE or C-GET in their order: all of them known from the start, or coming one after the other. What
/// comes ahead of the sending is taken, so that the number that remains is as true as it can be.
/// </summary>
internal sealed class InstanceFeed : IAsyncDisposable
{
    // A handler that is faster than the network makes temporary files; not without end.
    private const int MostAhead = 1000;

    private readonly Queue<StoredInstance> _ahead;
    private readonly IAsyncEnumerator<StoredInstance>? _source;
    private Task<bool>? _next;
    private bool _hasEnded;
    private int _sayings;

    /// <summary>What the handler says in the middle goes there, with the number that is known to remain.</summary>
    public Func<SubOperationCounts, int, Task>? Say { get; set; }

    public InstanceFeed(IEnumerable<StoredInstance> all)
    {
        _ahead = new Queue<StoredInstance>(all);
        _hasEnded = true;
    }

    public InstanceFeed(IAsyncEnumerable<StoredInstance> coming, CancellationToken cancellationToken)
    {
        _ahead = new Queue<StoredInstance>();
        _source = coming.GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>Those that are known to remain and can be sent.</summary>
    public IEnumerable<StoredInstance> Sendable => _ahead.Where(item => item.Problem is null && item.Counts is null);

    /// <summary>How many are known to remain.</summary>
    public int Remaining => _ahead.Count - _sayings;

    /// <summary>Whether more than those may come.</summary>
    public bool MayGrow => !_hasEnded;

    public StoredInstance Peek() => _ahead.Peek();

    public StoredInstance Dequeue() => _ahead.Dequeue();

    /// <summary>Waits for the next instance; false at the end. What the handler threw comes behind the instances before it.</summary>
    public async ValueTask<bool> WaitAsync()
    {
        do
        {
            await FillAsync().ConfigureAwait(false);
            while (_ahead.Count > 0 && _ahead.Peek().Counts is { } said)
            {
                _ahead.Dequeue();
                _sayings--;
                if (Say is { } say)
                    await say(said, Remaining).ConfigureAwait(false);
            }
        }
        while (_ahead.Count == 0 && !_hasEnded);
        return _ahead.Count > 0;
    }

    private async Task FillAsync()
    {
        while (!_hasEnded && _ahead.Count < MostAhead)
        {
            _next ??= _source!.MoveNextAsync().AsTask();
            if (_ahead.Count > 0 && _next.Status != TaskStatus.RanToCompletion)
                break;
            try
            {
                _hasEnded = !await _next.ConfigureAwait(false);
            }
            catch
            {
                _hasEnded = true;
                throw;
            }
            finally
            {
                _next = null;
            }

            if (_hasEnded)
                return;
            _ahead.Enqueue(_source!.Current);
            if (_source.Current.Counts is { })
                _sayings++;
        }
    }

    /// <summary>Whether an exception ends the request with a response: the handler's own, on an association that still stands.</summary>
    public bool IsFailure(Exception problem, ServiceCall call) =>
        _source is { } && _hasEnded && problem is not (OperationCanceledException or DicomNetworkException)
            && call.Association.State == Associations.AssociationState.Established;

    /// <summary>Deletes the file of an instance that was made for the request.</summary>
    public static void Discard(StoredInstance item)
    {
        if (item.IsTemporary)
            File.Delete(item.Path);
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is { })
        {
            try
            {
                if (_next is { } coming && await coming.ConfigureAwait(false))
                    _ahead.Enqueue(_source.Current);
            }
            catch (Exception problem) when (problem is OperationCanceledException or DicomException)
            {
                // The request has its answer, or nobody to answer.
            }

            await _source.DisposeAsync().ConfigureAwait(false);
        }

        while (_ahead.Count > 0)
            Discard(_ahead.Dequeue());
    }
}
