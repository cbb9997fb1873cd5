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
    private readonly SemaphoreSlim _places = new(throttle);
    private readonly ConcurrentBag<Runspace> _idle = [];
    private volatile bool _isClosed;

    /// <summary>Makes a runspace beforehand, so that the first request need not wait for it.</summary>
    public void Prepare() => Task.Run(() => Keep(Open()));

    /// <summary>Takes a runspace when there is a place for one.</summary>
    public async Task<Runspace> RentAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _idle.TryTake(out var runspace) ? runspace : Open();
        }
        catch
        {
            _places.Release();
            throw;
        }
    }

    /// <summary>
    /// Gives the place back. The runspace is used again if <paramref name="isUsable"/>; otherwise the caller closes it when it can.
    /// </summary>
    public void Return(Runspace runspace, bool isUsable)
    {
        if (isUsable)
            Keep(runspace);
        _places.Release();
    }

    /// <summary>Closes the runspaces that are idle; the others are closed when they come back.</summary>
    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        while (_idle.TryTake(out var runspace))
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
        var runspace = RunspaceFactory.CreateRunspace(state.Clone());
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        LetTheProcessEnd(runspace);
        return runspace;
    }

    /// <summary>
    /// PowerShell closes the runspaces that it finds when it ends. One that is opened just then would keep the process for ever by its
    /// thread, so this must be one of the background. What comes out of a pipeline comes on its thread, in every language mode.
    /// </summary>
    private static void LetTheProcessEnd(Runspace runspace)
    {
        using var shell = PowerShell.Create();
        using var output = new PSDataCollection<PSObject>();
        output.DataAdded += (_, _) => Thread.CurrentThread.IsBackground = true;
        shell.Runspace = runspace;
        shell.AddScript("0").Invoke(null, output);
    }

    private void Keep(Runspace runspace)
    {
        if (_isClosed || runspace.RunspaceStateInfo.State != RunspaceState.Opened)
        {
            Discard(runspace);
            return;
        }

        _idle.Add(runspace);
        // Closed in between: nobody else would take it out again.
        if (_isClosed && _idle.TryTake(out var late))
            Discard(late);
    }
}
