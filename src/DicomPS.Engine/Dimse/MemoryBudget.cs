namespace DicomPS.Dimse;

/// <summary>The memory that the identifiers of all associations of a server may take together. Any thread may use it.</summary>
/// <param name="most">Bytes.</param>
internal sealed class MemoryBudget(long most)
{
    private long _used;

    /// <summary>Reserves some of it if there is as much.</summary>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= most)
            return true;

        Give(bytes);
        return false;
    }

    /// <summary>Gives back what was taken.</summary>
    public void Give(long bytes) => Interlocked.Add(ref _used, -bytes);
}

/// <summary>What one association has of a <see cref="MemoryBudget"/>: usual identifiers need none of it.</summary>
/// <param name="budget">The budget; null for no limit.</param>
internal sealed class MemoryLease(MemoryBudget? budget)
{
    private const long Free = 512 * 1024;
    private long _wanted;
    private long _taken;

    /// <summary>Wants more.</summary>
    /// <exception cref="ResourceLimitException">There is no more.</exception>
    public void Add(long bytes)
    {
        _wanted += bytes;
        if (budget is null || _wanted <= Free)
            return;

        var missing = _wanted - Free - _taken;
        if (!budget.TryReserve(missing))
            throw new ResourceLimitException("Too many large requests at once; try again later") { IsTransient = true };

        _taken += missing;
    }

    /// <summary>Wants nothing any more.</summary>
    public void Release()
    {
        budget?.Give(_taken);
        _wanted = _taken = 0;
    }
}

/// <summary>Not for the data: there is no room for them at the moment.</summary>
/// <param name="message">What there is no room for.</param>
public sealed class ResourceLimitException(string message) : DicomException(message);
