using System.Diagnostics;
using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Serving;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that take what servers have gathered since the last call.</summary>
/// <typeparam name="TServer">The kind of server.</typeparam>
/// <typeparam name="TItem">What it gathers.</typeparam>
public abstract class ReceiveServerCmdlet<TServer, TItem> : ServerCmdlet<TServer>
    where TServer : ReceivingServer<TItem>
    where TItem : class
{
    private readonly List<TServer> _servers = [];

    /// <summary>Goes on until Ctrl+C, until -Timeout, or until the servers have stopped and all is taken.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Waits at most this long in all: seconds or a TimeSpan. Implies -Wait.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan Timeout { get; set; }

    // How often events are looked at when they are to be told while nothing comes.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether -Verbose tells what the servers refused and what failed on them.</summary>
    private protected virtual bool TellsEvents => false;

    private protected override void Process() => _servers.AddRange(Selected().Except(_servers));

    // Nothing is taken ahead of what is written: after Select-Object -First the rest is still in the server's queue.
    private protected override void End()
    {
        var clock = Stopwatch.StartNew();
        var isTimed = MyInvocation.BoundParameters.ContainsKey(nameof(Timeout));
        var tells = TellsEvents && Wants("Verbose");
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        try
        {
            while (true)
            {
                var waits = Drain(leaving.Token);
                if (tells)
                    TellEvents();
                if (waits.Length == 0 || !(Wait || isTimed))
                    return;
                var left = isTimed ? Timeout - clock.Elapsed : System.Threading.Timeout.InfiniteTimeSpan;
                if (isTimed && left <= TimeSpan.Zero)
                    return;
                var most = isTimed ? (int)Math.Min(left.TotalMilliseconds + 1, int.MaxValue) : -1;
                if (tells)
                    most = isTimed ? Math.Min(most, (int)PollInterval.TotalMilliseconds) : (int)PollInterval.TotalMilliseconds;
                if (Task.WaitAny(waits, most, StopToken) < 0 && !tells)
                    return;
            }
        }
        finally
        {
            // The waits that are still open must not hold on to the servers.
            leaving.Cancel();
        }
    }

    private void TellEvents()
    {
        foreach (var server in _servers)
        {
            foreach (var happened in server.TakeNewEvents())
                WriteVerbose(happened.Advice is { } advice ? $"{happened} {advice}" : $"{happened}");
        }
    }

    // Writes what is there and returns one wait for each server that may still have more.
    private Task<bool>[] Drain(CancellationToken token)
    {
        var waits = new List<Task<bool>>();
        foreach (var server in _servers)
        {
            while (!token.IsCancellationRequested && server.TryReceive(out var item))
            {
                SeenValues.Remember(item);
                WriteObject(item);
            }

            var wait = server.WaitToReceiveAsync(token).AsTask();
            if (!wait.IsCompleted || (wait.Status == TaskStatus.RanToCompletion && wait.Result))
                waits.Add(wait);
        }

        return [.. waits];
    }
}
