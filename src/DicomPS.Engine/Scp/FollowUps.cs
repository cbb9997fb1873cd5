namespace DicomPS.Scp;

/// <summary>What a server still does about requests that it has answered already; it ends with the server.</summary>
/// <param name="failed">Told of work that failed.</param>
/// <param name="aborting">Ends the work.</param>
internal sealed class FollowUps(Action<ServiceCall, Exception> failed, CancellationToken aborting)
{
    private readonly HashSet<Task> _running = [];

    /// <summary>Completes when the work that runs now has ended.</summary>
    public Task Completion
    {
        get
        {
            lock (_running)
                return Task.WhenAll([.. _running]);
        }
    }

    public void Start(ServiceCall call, Func<CancellationToken, Task> work)
    {
        lock (_running)
        {
            var task = Task.Run(() => RunAsync(call, work), CancellationToken.None);
            _running.Add(task);
            _ = task.ContinueWith(Forget, TaskScheduler.Default);
        }
    }

    private void Forget(Task task)
    {
        lock (_running)
            _running.Remove(task);
    }

    private async Task RunAsync(ServiceCall call, Func<CancellationToken, Task> work)
    {
        try
        {
            await work(aborting).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (aborting.IsCancellationRequested)
        {
            failed(call, new DicomException("The server stopped before what was promised was done."));
        }
        catch (Exception problem)
        {
            // Whatever it is, there is nobody above to catch it.
            failed(call, problem);
        }
    }
}
