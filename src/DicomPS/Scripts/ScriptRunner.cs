using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DicomPS.Scp;

namespace DicomPS.Scripts;

/// <summary>Runs blocks in runspaces of their own and hands on what they write, as they write it.</summary>
internal sealed class ScriptRunner(RunspaceSet runspaces, object?[] arguments, Action<ServerMessage> tell)
{
    // A block that writes faster than the peer takes waits in its Write.
    private const int Ahead = 16;

    // How long a block may take to see IsCancelled before it is stopped, and how long the stop may take before it is left alone.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Runs a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="request">What it is asked.</param>
    /// <param name="cancelled">Nobody wants the answer any more; what the block still writes is dropped.</param>
    /// <exception cref="RuntimeException">The block threw.</exception>
    public IAsyncEnumerable<PSObject> RunAsync(HandlerBlock block, DicomRequest request, CancellationToken cancelled) =>
        RunAsync(block, request, new RequestOrigin(request.Operation, request.CallingAETitle, request.RemoteEndPoint), cancelled);

    /// <summary>Runs a block for what is no request of its own.</summary>
    /// <param name="block">The block.</param>
    /// <param name="asked">What it is asked.</param>
    /// <param name="origin">What its messages name.</param>
    /// <param name="cancelled">Nobody wants the answer any more; what the block still writes is dropped.</param>
    /// <exception cref="RuntimeException">The block threw.</exception>
    public async IAsyncEnumerable<PSObject> RunAsync(HandlerBlock block, object asked, RequestOrigin origin,
        [EnumeratorCancellation] CancellationToken cancelled)
    {
        var runspace = await runspaces.RentAsync(cancelled).ConfigureAwait(false);
        var answers = Channel.CreateBounded<PSObject>(new BoundedChannelOptions(Ahead) { SingleReader = true });
        var shell = PowerShell.Create();
        var work = Begin(shell, runspace, block, asked, origin, answers.Writer, cancelled);
        try
        {
            while (await answers.Reader.WaitToReadAsync(cancelled).ConfigureAwait(false))
            {
                while (answers.Reader.TryRead(out var answer))
                    yield return answer;
            }
        }
        finally
        {
            _ = EndAsync(shell, runspace, work, block.LeavesTraces);
        }
    }

    /// <summary>Runs a block to its end, for what has one answer.</summary>
    /// <param name="block">The block.</param>
    /// <param name="asked">What it is asked.</param>
    /// <param name="origin">What its messages name.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancelled">Nobody wants the answer any more.</param>
    /// <returns>All that it wrote.</returns>
    /// <exception cref="HandlerException">The block threw, or took too long.</exception>
    public async Task<List<PSObject>> CollectAsync(HandlerBlock block, object asked, RequestOrigin origin, TimeSpan limit,
        CancellationToken cancelled)
    {
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        clock.CancelAfter(limit);
        var written = new List<PSObject>();
        try
        {
            await foreach (var answer in RunAsync(block, asked, origin, clock.Token).ConfigureAwait(false))
                written.Add(answer);
            return written;
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            throw new HandlerException($"-{block.Parameter} gave no answer within {limit.TotalSeconds:0.###} s");
        }
        catch (RuntimeException thrown)
        {
            throw new HandlerException(thrown.ErrorRecord?.ToString() ?? $"-{block.Parameter}: {thrown.Message}", thrown);
        }
    }

    private Task Begin(PowerShell shell, Runspace runspace, HandlerBlock block, object asked, RequestOrigin origin,
        ChannelWriter<PSObject> answers, CancellationToken cancelled)
    {
        var output = new PSDataCollection<PSObject>();
        output.DataAdded += (_, _) =>
        {
            foreach (var answer in output.ReadAll())
            {
                if (answer is not null)
                    Hand(answers, answer, cancelled);
            }
        };
        Listen(shell, origin);
        shell.Runspace = runspace;
        shell.AddScript(block.Script, useLocalScope: true).AddArgument(asked).AddArgument(arguments);
        var running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        return Task.Factory.FromAsync(running, shell.EndInvoke)
            .ContinueWith(ended => answers.TryComplete(ended.Exception?.InnerException), CancellationToken.None,
                TaskContinuationOptions.None, TaskScheduler.Default);
    }

    // On the thread of the block, which waits here while the peer is slower.
    private static void Hand(ChannelWriter<PSObject> answers, PSObject answer, CancellationToken cancelled)
    {
        try
        {
            answers.WriteAsync(answer, cancelled).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // Too late: nobody waits for it.
        }
    }

    private async Task EndAsync(PowerShell shell, Runspace runspace, Task work, bool leavesTraces)
    {
        if (await IsOverAsync(work).ConfigureAwait(false))
        {
            runspaces.Return(runspace, isUsable: !leavesTraces || RunspaceSet.Reset(runspace));
        }
        else
        {
            shell.BeginStop(null, null);
            var isOver = await IsOverAsync(work).ConfigureAwait(false);
            runspaces.Return(runspace, isUsable: isOver && (!leavesTraces || RunspaceSet.Reset(runspace)));
            if (!isOver)
            {
                await work.ConfigureAwait(false);
                RunspaceSet.Discard(runspace);
            }
        }

        shell.Dispose();
    }

    private static async Task<bool> IsOverAsync(Task work)
    {
        if (!work.IsCompleted)
            await Task.WhenAny(work, Task.Delay(Patience)).ConfigureAwait(false);
        return work.IsCompleted;
    }

    private void Listen(PowerShell shell, RequestOrigin origin)
    {
        void Tell(ServerMessageLevel level, object? what) =>
            tell(new ServerMessage(DateTime.Now, $"{level}", origin.Operation, origin.CallingAETitle, origin.RemoteEndPoint,
                what?.ToString() ?? ""));

        shell.Streams.Error.DataAdded += (_, e) => Tell(ServerMessageLevel.Error, shell.Streams.Error[e.Index]);
        shell.Streams.Warning.DataAdded += (_, e) => Tell(ServerMessageLevel.Warning, shell.Streams.Warning[e.Index].Message);
        shell.Streams.Verbose.DataAdded += (_, e) => Tell(ServerMessageLevel.Verbose, shell.Streams.Verbose[e.Index].Message);
        shell.Streams.Debug.DataAdded += (_, e) => Tell(ServerMessageLevel.Debug, shell.Streams.Debug[e.Index].Message);
        shell.Streams.Information.DataAdded += (_, e) => Tell(ServerMessageLevel.Information,
            shell.Streams.Information[e.Index].MessageData);
    }
}
