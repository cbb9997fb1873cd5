using System.Threading.Channels;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Commitment;

/// <summary>
/// Brings storage commitment reports to requesters that have left (PS3.4 J.3.3), again and again until they take them or the time is
/// up.
/// </summary>
/// <param name="options">How requesters are called, and for how long.</param>
/// <param name="owed">Where what is owed stands.</param>
/// <param name="find">Finds out what a request of an earlier start asked.</param>
internal sealed class CommitmentDelivery(
    CommitmentScpOptions options, OwedReports owed,
    Func<OwedReport, CancellationToken, Task<(CommitmentReport Report, DicomException? Broken)>> find)
{
    // Looks and calls. A peer that is slow to refuse a connection must not hold up the others, nor many of them this machine.
    private const int AtOnce = 16;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    // As many as may be owed at all.
    private readonly Channel<OwedReport> _taken = Channel.CreateUnbounded<OwedReport>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Takes over a report that did not get through over the association of its request.</summary>
    /// <exception cref="DicomException">It cannot be delivered in any other way.</exception>
    public void Enqueue(OwedReport report, DicomException problem)
    {
        if (options.Requester is { } && _taken.Writer.TryWrite(report))
            return;
        if (options.Requester is { } && report.File is { })
            return;
        owed.Remove(report);
        throw Undelivered(report, problem.Message, problem);
    }

    /// <summary>Delivers what was owed before the start, then what comes.</summary>
    public async Task RunAsync(ServerWork server)
    {
        using var places = new SemaphoreSlim(AtOnce, AtOnce);
        var running = owed.Load(problem => Tell(server, "", problem)).Select(report => DeliverAsync(report, places, server)).ToList();
        try
        {
            await foreach (var report in _taken.Reader.ReadAllAsync(server.Stopping).ConfigureAwait(false))
            {
                running.RemoveAll(task => task.IsCompleted);
                running.Add(DeliverAsync(report, places, server));
            }
        }
        catch (OperationCanceledException)
        {
            _taken.Writer.TryComplete();
        }

        while (_taken.Reader.TryRead(out var left))
            running.Add(DeliverAsync(left, places, server));
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    /// <summary>What a report that did not reach its requester is told as.</summary>
    private static DicomException Undelivered(OwedReport report, string why, Exception cause) =>
        new($"The storage commitment report for {report.Request.TransactionUid} did not reach {report.Requester}: {why}",
            cause)
        { Stage = DicomStage.Dimse };

    private static void Tell(ServerWork server, string requester, Exception problem) =>
        server.Tell(new ServerEvent("", requester, problem.Message, problem));

    private async Task DeliverAsync(OwedReport report, SemaphoreSlim places, ServerWork server)
    {
        var until = report.Since + options.GiveUpAfter;
        var delay = options.RetryDelay;
        try
        {
            for (var isFirst = true; ; isFirst = false)
            {
                (report, var failure) = await TryAsync(report, places, server).ConfigureAwait(false);
                if (failure is not { } problem)
                {
                    owed.Remove(report);
                    return;
                }

                // A status is an answer, and the next one would be the same.
                var left = until - DateTime.UtcNow;
                if (problem is DicomStatusException || left <= TimeSpan.Zero)
                {
                    owed.Remove(report);
                    Tell(server, report.Requester, Undelivered(report, $"{problem.Message} It was dropped.", problem));
                    return;
                }

                if (isFirst)
                    Tell(server, report.Requester, Undelivered(report,
                        $"{problem.Message} It is tried again until {until.ToLocalTime():yyyy-MM-dd HH:mm}.", problem));
                await Task.Delay(delay < left ? delay : left, server.Stopping).ConfigureAwait(false);
                delay = delay + delay < LongestDelay ? delay + delay : LongestDelay;
            }
        }
        catch (OperationCanceledException stopped)
        {
            if (report.File is null)
                Tell(server, report.Requester, Undelivered(report, "The server stopped.", stopped));
        }
    }

    // The report with its content, and null when the requester has it.
    private async Task<(OwedReport Report, DicomException? Failure)> TryAsync(OwedReport report, SemaphoreSlim places, ServerWork server)
    {
        await places.WaitAsync(server.Stopping).ConfigureAwait(false);
        try
        {
            if (report.Report is not { } content)
            {
                (content, var broken) = await find(report, server.Stopping).ConfigureAwait(false);
                report = report with { Report = content };
                if (broken is { })
                    Tell(server, report.Requester, broken);
            }

            if (options.Requester?.Invoke(report.Requester) is not { } target)
                return (report,
                    new DicomException("No node with this AE title is known here, so it cannot be called.") { Stage = DicomStage.Dimse });
            return (report, await OverNewAsync(target with { Wire = target.Wire ?? server.Wire }, content, server).ConfigureAwait(false));
        }
        catch (Exception problem) when (problem is not OperationCanceledException || !server.Stopping.IsCancellationRequested)
        {
            // Also what a list of nodes that cannot be read throws: it may be repaired.
            return (report, problem as DicomException ?? new DicomException(problem.Message, problem) { Stage = DicomStage.Dimse });
        }
        finally
        {
            places.Release();
        }
    }

    // Null when the requester has the report.
    private async Task<DicomException?> OverNewAsync(AssociationOptions target, CommitmentReport report, ServerWork server)
    {
        try
        {
            var association = await Association.ConnectAsync(
                target with
                {
                    // PS3.4 J.3.3: who reports is the SCP, and asks for that role (PS3.7 D.3.3.4).
                    PresentationContexts = [CommitmentScu.Proposal with { ScuRole = false, ScpRole = true }],
                    ResponseTimeout = options.ResponseTimeout,
                },
                server.Stopping).ConfigureAwait(false);
            await using (association.ConfigureAwait(false))
            {
                // Old peers take the report and know no roles: only a plain no is one.
                var isRefused = association.Response.UserItems.OfType<RoleSelection>()
                    .Any(role => role.SopClassUid == Uids.StorageCommitmentPushModel && !role.Scp);
                if (isRefused || association.AcceptedContexts is not [var context, ..])
                {
                    await association.LeaveAsync(server.Aborting).ConfigureAwait(false);
                    return new DicomNetworkException($"{target.CalledAETitle} takes no storage commitment reports.")
                    {
                        Stage = DicomStage.PresentationContext
                    };
                }

                var exchange = new DimseExchange(association);
                var response = await exchange.AskAsync(context, Request(report), CommitmentMessages.Write(report), server.Aborting)
                    .ConfigureAwait(false);
                var verdict = Judge(response);
                await association.LeaveAsync(server.Aborting).ConfigureAwait(false);
                return verdict;
            }
        }
        catch (DicomNetworkException problem)
        {
            return problem;
        }
    }

    public static CommandSet Request(CommitmentReport report) => new()
    {
        Field = CommandField.NEventReportRequest,
        AffectedSopClassUid = Uids.StorageCommitmentPushModel,
        AffectedSopInstanceUid = Uids.StorageCommitmentPushModelInstance,
        EventTypeId = report.Failed.Count == 0 ? CommitmentMessages.AllCommitted : CommitmentMessages.FailuresExist,
    };

    public static DicomStatusException? Judge(CommandSet response) =>
        DimseStatus.Describe(StatusTable.General, response.Status).IsDone ? null : DimseRefusal.Exception(
            "The report was answered with status", StatusTable.General, response.Status!.Value, response.ErrorComment);
}
