using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Pipeline;
using DicomPS.Querying;

namespace DicomPS.Cmdlets;

// What the caller is told while it runs.
public abstract partial class QueryCmdlet
{
    private readonly CancellationTokenSource _enough = new();
    private ProgressBlock? _block;
    private long _notAsked;

    /// <summary>
    /// Runs for each answer, and every 3 s without one, with an OperationProgress; $false cancels with C-CANCEL.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnProgress { get; set; }

    private bool IsCancelled => _block is { IsCancelled: true };

    // What a cancel by the block ends is no error: the answers that came are right, and it is said that they are not all.
    private void DrainUntilEnough<T>(Func<CancellationToken, IAsyncEnumerable<T>> stream, Action<T> onItem, Action onTick, Action cancelled)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _enough.Token);
        using var pump = new Pump<T>(stream, either.Token);
        try
        {
            Drain(pump, item =>
            {
                if (!IsCancelled)
                    onItem(item);
            }, onTick);
        }
        catch (OperationCanceledException) when (IsCancelled && !StopToken.IsCancellationRequested)
        {
            cancelled();
        }
    }

    private void AskNodes(QueryRequest request, int asked)
    {
        var jobs = new List<(DicomNode Node, QueryJob Job)>();
        foreach (var node in _current)
        {
            var outage = OutageOf(node);
            if (outage.Reach.Problem is { } lost)
            {
                WriteUnreachable(lost, node, asked);
                continue;
            }

            var options = new QueryJobOptions
            {
                Association = OptionsFor(node), Node = node, Associations = AssociationCount, Reach = outage.Reach, Trace = Note,
                Priority = Priority,
            };
            jobs.Add((node, new QueryJob(options, request)));
        }

        if (IsCancelled)
            _failure ??= "It was not asked for: -OnProgress had cancelled.";
        if (jobs.Count == 0 || IsCancelled)
            return;
        var given = new Dictionary<DicomNode, long>();
        var progress = Meter($"Querying {string.Join(", ", jobs.Select(job => job.Node.Address))}");
        try
        {
            if (jobs.Count == 1)
                DrainUntilEnough(jobs[0].Job.RunAsync, value => Got(value, jobs[0].Node), Show, () => TellCancelled(jobs));
            else
                DrainUntilEnough(token => Queries.ParallelQuery.RunAsync(jobs, token), pair => Got(pair.Value, pair.Node), Show,
                    () => TellCancelled(jobs));
        }
        finally
        {
            progress.Complete();
        }

        void Got(QueryValue value, DicomNode node)
        {
            Write(value, node, request, asked);
            if (value is QueryFound)
                _block?.Keep(Of(node) with { Completed = given[node] = given.TryGetValue(node, out var before) ? before + 1 : 1 });
        }

        void Show()
        {
            progress.Count(jobs.Sum(job => job.Job.Answers), null, "answers");
            foreach (var warning in jobs.Select(job => _outages[job.Node].Warning(job.Node, job.Job.Trouble)).OfType<string>())
                WriteWarning(warning);
            _block?.Run(said => said ?? Of(jobs[0].Node) with { Completed = null }, _enough.Cancel);
        }

        OperationProgress Of(DicomNode node) => jobs.First(job => job.Node == node).Job.Progress;
    }

    private void TellNotAsked()
    {
        if (_notAsked > 0)
            WriteWarning($"{_notAsked} more rows were not asked for, because -OnProgress had cancelled.");
    }

    private void TellCancelled(IReadOnlyList<(DicomNode Node, QueryJob Job)> jobs)
    {
        foreach (var (node, job) in jobs)
        {
            var text = $"-OnProgress cancelled the query after {job.Answers} answers; "
                + "the answer is not complete.";
            WriteInformation(new QuerySummary(job.Answers, 0, 1, false, text), ["DicomQuery"]);
            WriteWarning($"{node}: {text}");
            _failure ??= text;
        }
    }
}
