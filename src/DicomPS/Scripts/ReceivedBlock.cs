using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Scripts;

/// <summary>
/// The block of -OnReceived: runs for one instance after the other, in a runspace of its own. No sender waits for it: what comes meanwhile
/// is kept up to a bound, then the oldest are left out, which is an event of the server.
/// </summary>
/// <param name="block">The block.</param>
/// <param name="session">What its runspace is made of.</param>
/// <param name="arguments">Its further arguments.</param>
/// <param name="capacity">How many instances may wait for it.</param>
[SuppressMessage("Design", "CA1001", Justification = "EndAsync closes what it holds, with its server.")]
internal sealed class ReceivedBlock(HandlerBlock block, InitialSessionState session, object?[] arguments, int capacity)
{
    // What waits when the server stops may take so long; a block that hangs is stopped then.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly ArrivalQueue<ReceivedInstance> _waiting = new(capacity);
    private readonly RunspaceSet _runspaces = new(session, 1);
    private readonly CancellationTokenSource _ending = new();
    private Action<ServerEvent>? _tell;
    private Task _work = Task.CompletedTask;
    private long _told;

    /// <summary>Keeps an instance for the block; returns at once.</summary>
    public void Add(ReceivedInstance instance)
    {
        _waiting.Add(instance);
        var dropped = _waiting.Forgotten;
        if (dropped == Interlocked.Exchange(ref _told, dropped))
            return;
        Tell("An instance was not given to -OnReceived, because the block is slower than what comes. Its file is there.", null, null,
            ServerEventKind.Warning);
    }

    /// <summary>Begins, once the server is there that takes what goes wrong as events.</summary>
    public void Begin(Action<ServerEvent> tell)
    {
        Volatile.Write(ref _tell, tell);
        _runspaces.Prepare();
        _work = Task.Run(RunAsync);
    }

    /// <summary>Gives the block what waits, for a while, and ends.</summary>
    public async Task EndAsync()
    {
        _waiting.Complete();
        if (await Task.WhenAny(_work, Task.Delay(Grace)).ConfigureAwait(false) != _work)
        {
            _ending.Cancel();
            await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
            var left = 0;
            while (_waiting.TryDequeue(out _))
                left++;
            Tell($"-OnReceived was stopped with the server; {left} more instances were not given to it. Their files are there.", null, null,
                ServerEventKind.Warning);
        }

        await _runspaces.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (await _waiting.WaitAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (!_ending.IsCancellationRequested && _waiting.TryDequeue(out var instance))
                await RunAsync(instance).ConfigureAwait(false);
            if (_ending.IsCancellationRequested)
                return;
        }
    }

    private async Task RunAsync(ReceivedInstance instance)
    {
        var runspace = await _runspaces.RentAsync(CancellationToken.None).ConfigureAwait(false);
        using var shell = PowerShell.Create();
        shell.Runspace = runspace;
        shell.AddScript(block.Script, useLocalScope: true).AddArgument(instance).AddArgument(arguments);
        try
        {
            using var stop = _ending.Token.Register(() => shell.BeginStop(null, null));
            _ = await Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke).ConfigureAwait(false);
        }
        catch (Exception thrown) when (thrown is RuntimeException or InvalidOperationException)
        {
            if (!_ending.IsCancellationRequested)
                Tell($"-OnReceived failed: {(thrown as RuntimeException)?.ErrorRecord?.ToString() ?? thrown.Message}", instance, thrown,
                    ServerEventKind.Failed);
        }

        foreach (var error in shell.Streams.Error)
            Tell($"-OnReceived: {error}", instance, error.Exception, ServerEventKind.Failed);
        foreach (var warning in shell.Streams.Warning)
            Tell($"-OnReceived: {warning}", instance, null, ServerEventKind.Warning);
        _runspaces.Return(runspace, isUsable: !block.LeavesTraces || RunspaceSet.Reset(runspace));
    }

    private void Tell(string text, ReceivedInstance? instance, Exception? problem, ServerEventKind kind) =>
        Volatile.Read(ref _tell)?.Invoke(new ServerEvent("", instance?.CallingAETitle, text, problem)
        {
            Kind = kind,
            Operation = instance is null ? null : "C-STORE",
            SOPInstanceUID = instance?.SOPInstanceUID,
        });
}
