namespace DicomPS.Scp;

/// <summary>A rule, and what its callers have taken of its limits. Any thread may use it.</summary>
internal sealed class RuleUse(AccessRule rule, TimeProvider time)
{
    private readonly object _gate = new();
    private int _associations;
    private DateTime _day;
    private long _instances;
    private long _bytes;

    public AccessRule Rule => rule;

    public bool IsMetered => rule.MaximumBytesPerDay is { } || rule.MaximumInstancesPerDay is { };

    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_associations >= (rule.MaximumAssociations ?? int.MaxValue))
                return false;
            _associations++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
            _associations--;
    }

    public bool HasLeft()
    {
        lock (_gate)
        {
            Turn();
            return _instances < (rule.MaximumInstancesPerDay ?? long.MaxValue) && _bytes < (rule.MaximumBytesPerDay ?? long.MaxValue);
        }
    }

    public void Stored(long bytes)
    {
        lock (_gate)
        {
            Turn();
            _instances++;
            _bytes += bytes;
        }
    }

    private void Turn()
    {
        var today = time.GetUtcNow().LocalDateTime.Date;
        if (today == _day)
            return;
        (_day, _instances, _bytes) = (today, 0, 0);
    }
}
