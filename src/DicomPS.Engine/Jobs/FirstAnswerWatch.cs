using System.Diagnostics;

namespace DicomPS.Jobs;

/// <summary>
/// Gives up an association that does not answer while others of the same job are answered: some peers accept more associations than they
/// serve, and the item that is on it would wait until another one ends.
/// </summary>
internal sealed class FirstAnswerWatch : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Where it is known already that there are as many as the peer serves.
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource? _stop;
    private readonly Timer? _clock;

    /// <summary>Begins to watch.</summary>
    /// <param name="others">How many others are served, may be at work, and how many items they have done; null watches nothing.</param>
    /// <param name="progress">How many bytes the peer has taken; as long as there are more and more, it serves.</param>
    /// <param name="cancellationToken">Cancels <see cref="Token"/> too.</param>
    public FirstAnswerWatch(Func<(int Serving, int Allowed, long Done)>? others, Func<long> progress, CancellationToken cancellationToken)
    {
        Token = cancellationToken;
        if (others is null)
            return;
        var stop = _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = stop.Token;
        var (since, taken, done) = (Stopwatch.StartNew(), progress(), others().Done);
        _clock = new Timer(_ =>
        {
            if (progress() is var now && now != taken)
            {
                (taken, done) = (now, others().Done);
                since.Restart();
            }

            // Where nobody is answered, the peer is slow, and its own timeouts hold.
            var (serving, allowed, doneNow) = others();
            if (serving > 0 && doneNow > done && since.Elapsed > (serving >= allowed ? ShortPatience : Patience))
                Cancel(stop);
        }, null, Tick, Tick);
    }

    /// <summary>Cancelled when there is no point in waiting any longer.</summary>
    public CancellationToken Token { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _clock?.Dispose();
        _stop?.Dispose();
    }

    private static void Cancel(CancellationTokenSource stop)
    {
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The answer came at the last moment.
        }
    }
}
