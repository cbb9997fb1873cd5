namespace DicomPS.Sending;

/// <summary>How many files are under way over an association. Any thread may use it; one waits for the end of all.</summary>
internal sealed class Flights
{
    private readonly object _gate = new();
    private int _count;
    private TaskCompletionSource<bool>? _ended;

    public void Begin()
    {
        lock (_gate)
            _count++;
    }

    public void End()
    {
        lock (_gate)
        {
            if (--_count == 0)
                _ended?.TrySetResult(true);
        }
    }

    public Task AllEndedAsync()
    {
        lock (_gate)
        {
            if (_count == 0)
                return Task.CompletedTask;
            _ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _ended.Task;
        }
    }
}
