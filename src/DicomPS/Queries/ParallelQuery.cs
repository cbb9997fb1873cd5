using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DicomPS.Associations;
using DicomPS.Querying;

namespace DicomPS.Queries;

/// <summary>The same query to several nodes side by side.</summary>
internal static class ParallelQuery
{
    /// <summary>What each job yields, with its node, as it comes. Leaving early ends all jobs in order.</summary>
    public static async IAsyncEnumerable<(DicomNode Node, QueryValue Value)> RunAsync(
        IReadOnlyList<(DicomNode Node, QueryJob Job)> jobs, [EnumeratorCancellation] CancellationToken token)
    {
        var merged = Channel.CreateBounded<(DicomNode, QueryValue)>(jobs.Count * 4);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(token);
        var all =
            Task.WhenAll(
                jobs.Select(job => Task.Run(() => PumpAsync(job.Node, job.Job, merged.Writer, leaving.Token), CancellationToken.None)));
        Task closing = all.ContinueWith(done => merged.Writer.TryComplete(done.Exception?.InnerException), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            while (await merged.Reader.WaitToReadAsync(token).ConfigureAwait(false))
            {
                while (merged.Reader.TryRead(out var value))
                    yield return value;
            }
        }
        finally
        {
            leaving.Cancel();
            await closing.ConfigureAwait(false);
        }
    }

    private static async Task PumpAsync(DicomNode node, QueryJob job, ChannelWriter<(DicomNode, QueryValue)> writer,
        CancellationToken token)
    {
        await foreach (var value in job.RunAsync(token).ConfigureAwait(false))
            await writer.WriteAsync((node, value), token).ConfigureAwait(false);
    }
}
