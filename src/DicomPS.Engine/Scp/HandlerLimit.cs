using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DicomPS.Scp;

/// <summary>
/// Runs handlers at arm's length: one that does not answer in time, or that nobody waits for any more, is told by its
/// token and left behind, and what it still says is dropped.
/// </summary>
internal sealed class HandlerLimit(TimeSpan limit)
{
    // So many answers may be ready before the peer has taken them.
    private const int Ahead = 16;

    /// <summary>Waits for one answer.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> handler, CancellationToken cancellationToken)
    {
        // Without a timer or a wait handle there is nothing in it to dispose of, and the handler may hold it for long.
        var leaving = new CancellationTokenSource();
        using var told = cancellationToken.Register(() => Leave(leaving));
        var work = Task.Run(() => handler(leaving.Token), CancellationToken.None);
        if (!await IsInTimeAsync(work, cancellationToken).ConfigureAwait(false))
            throw GiveUp(leaving, cancellationToken);
        return await work.ConfigureAwait(false);
    }

    /// <summary>
    /// Hands on answers as they come; the limit is for the wait for each. Those that nobody waits for any more are dropped.
    /// </summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> handler, [EnumeratorCancellation] CancellationToken cancellationToken,
        Action<T>? dropped = null)
    {
        var answers = Channel.CreateBounded<T>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
        var leaving = new CancellationTokenSource();
        using var told = cancellationToken.Register(() => Leave(leaving));
        _ = Task.Run(() => PumpAsync(handler, answers.Writer, dropped, leaving.Token), CancellationToken.None);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (answers.Reader.TryRead(out var answer))
                {
                    yield return answer;
                    continue;
                }

                var more = answers.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
                if (!await IsInTimeAsync(more, cancellationToken).ConfigureAwait(false))
                    throw GiveUp(leaving, cancellationToken);
                if (!await more.ConfigureAwait(false))
                    yield break;
            }
        }
        finally
        {
            Leave(leaving);
            // In this order: what the handler writes from now on it drops itself.
            answers.Writer.TryComplete();
            while (answers.Reader.TryRead(out var late))
                dropped?.Invoke(late);
        }
    }

    private static async Task PumpAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> handler, ChannelWriter<T> answers, Action<T>? dropped, CancellationToken leaving)
    {
        try
        {
            await foreach (var answer in handler(leaving).WithCancellation(leaving).ConfigureAwait(false))
            {
                try
                {
                    await answers.WriteAsync(answer, leaving).ConfigureAwait(false);
                }
                catch
                {
                    dropped?.Invoke(answer);
                    throw;
                }
            }

            answers.TryComplete();
        }
        catch (Exception problem)
        {
            answers.TryComplete(problem);
        }
    }

    private async Task<bool> IsInTimeAsync(Task work, CancellationToken cancellationToken)
    {
        if (work.IsCompleted)
            return true;
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(work, Task.Delay(limit, clock.Token)).ConfigureAwait(false);
        clock.Cancel();
        return first == work;
    }

    private Exception GiveUp(CancellationTokenSource leaving, CancellationToken cancellationToken)
    {
        Leave(leaving);
        return cancellationToken.IsCancellationRequested
            ? new OperationCanceledException(cancellationToken)
            : new HandlerException($"The handler gave no answer within {limit.TotalSeconds:0.###} s")
            {
                Comment =
                $"The handler gave no answer within {limit.TotalSeconds:0.###} s"
            };
    }

    // On a thread of its own: what a handler does when it is told must not keep the peer waiting.
    private static void Leave(CancellationTokenSource leaving)
    {
        if (!leaving.IsCancellationRequested)
            _ = Task.Run(leaving.Cancel);
    }
}
