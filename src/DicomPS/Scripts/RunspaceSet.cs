using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace DicomPS.Scripts;

/// <summary>
/// The runspaces of one server: made when they are needed, used again, no more at work at once than the throttle says.
/// Not a RunspacePool, because a block that cannot be stopped must not keep its place in it.
/// </summary>
internal sealed class RunspaceSet(InitialSessionState state, int throttle) : IAsyncDisposable
{
    private readonly SemaphoreSlim places = new(throttle);
    private readonly ConcurrentBag<Runspace> idle = [];
    private volatile bool isClosed;

    /// <summary>Makes a runspace beforehand, so that the first request need not wait for it.</summary>
    public void Prepare() => Task.Run(() => Keep(Open()));

    /// <summary>Takes a runspace when there is a place for one.</summary>
    public async Task<Runspace> TakeAsync(CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return idle.TryTake(out Runspace? runspace) ? runspace : Open();
        }
        catch
        {
            places.Release();
            throw;
        }
    }

    /// <summary>Gives the place back. The runspace is used again if <paramref name="isUsable"/>; otherwise the caller closes it when it can.</summary>
    public void Leave(Runspace runspace, bool isUsable)
    {
        if (isUsable)
            Keep(runspace);
        places.Release();
    }

    /// <summary>Closes the runspaces that are idle; the others are closed when they come back.</summary>
    public ValueTask DisposeAsync()
    {
        isClosed = true;
        while (idle.TryTake(out Runspace? runspace))
            Discard(runspace);
        return default;
    }

    /// <summary>Closes a runspace, without waiting for it.</summary>
    public static void Discard(Runspace runspace) => Task.Run(runspace.Dispose);

    /// <summary>Takes away what a block left in variables and as its location. When that fails, so does the runspace.</summary>
    public static bool Reset(Runspace runspace)
    {
        try
        {
            runspace.ResetRunspaceState();
            return true;
        }
        catch (Exception e) when (e is PSInvalidOperationException or InvalidOperationException)
        {
            Discard(runspace);
            return false;
        }
    }

    private Runspace Open()
    {
        Runspace runspace = RunspaceFactory.CreateRunspace(state.Clone());
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        return runspace;
    }

    private void Keep(Runspace runspace)
    {
        if (isClosed || runspace.RunspaceStateInfo.State != RunspaceState.Opened)
        {
            Discard(runspace);
            return;
        }

        idle.Add(runspace);
        // Closed in between: nobody else would take it out again.
        if (isClosed && idle.TryTake(out Runspace? late))
            Discard(late);
    }
}
