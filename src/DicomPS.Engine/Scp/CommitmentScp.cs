using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;
using DicomPS.Scu;

namespace DicomPS.Scp;

/// <summary>Says of instances whether this side answers for them.</summary>
/// <param name="call">The request.</param>
/// <param name="instances">The instances.</param>
/// <param name="cancellationToken">Cancelled when the server stops.</param>
/// <returns>For each instance, in order, 0 when it is committed, otherwise a Failure Reason of <see cref="CommitmentReasons"/>.</returns>
public delegate Task<IReadOnlyList<ushort>> CommitmentHandler(ServiceCall call, IReadOnlyList<SopReference> instances, CancellationToken cancellationToken);

/// <summary>How storage commitment is answered and reported.</summary>
public sealed record CommitmentScpOptions
{
    /// <summary>How to call a requester that has released its association, by its AE title; null for one that is not known. The default knows none.</summary>
    public Func<string, AssociationOptions?> Requester { get; init; } = static _ => null;

    /// <summary>How many instances a request may name, 1 or more. Default 100,000.</summary>
    public int MaximumInstances { get; init; } = 100_000;

    /// <summary>How many requests may wait for their report at once, 1 or more. Default 64.</summary>
    public int MaximumTransactions { get; init; } = 64;

    /// <summary>How often the report is tried over a new association, 1 or more. Default 3.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>The wait before the second try; each further one waits twice as long. Default 5 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the requester has to release its association, as most do at once, before the report goes over it. Default 0.5 s.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long the requester may take to answer the report. Default 30 s.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Answers storage commitment requests (PS3.4 J, PS3.7 10.1.4) at once, finds out what they ask, and reports with
/// N-EVENT-REPORT: over the association of the request while it is open, else over a new one to the requester.
/// </summary>
/// <param name="find">Says which instances are committed.</param>
/// <param name="options">Limits, and how requesters are called.</param>
public sealed class CommitmentScp(CommitmentHandler find, CommitmentScpOptions options)
{
    private const ushort ProcessingFailure = 0x0110, NoSuchInstance = 0x0112, InvalidValue = 0x0115, NoSuchClass = 0x0118, NoSuchAction = 0x0123, ResourceLimitation = 0x0213;

    // A title and a transaction, so that no peer can keep another's from being taken.
    private readonly HashSet<(string AETitle, string TransactionUid)> _transactions = [];

    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    public ServiceRow Row => new(Uids.StorageCommitmentPushModel, CommandField.NActionRequest, ActAsync, ProcessingFailure, ProcessingFailure) { StatusTable = "general" };

    private async Task<ServiceReply> ActAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        Check(call.Command);
        var dataset = await call.Reader.ReadDatasetAsync(call.Message, null, cancellationToken).ConfigureAwait(false);
        CommitmentRequest request;
        try
        {
            request = CommitmentMessages.ReadRequest(dataset);
        }
        catch (CommitmentMessageException wrong)
        {
            throw new ServiceException(CommitmentMessageException.Status, wrong.Message, wrong) { OffendingElements = wrong.OffendingElements };
        }
        if (request.Instances.Count > options.MaximumInstances)
            throw new ServiceException(ResourceLimitation, $"{request.Instances.Count} instances in one request; {options.MaximumInstances} are the most");

        var key = (call.Association.Request.CallingAETitle, request.TransactionUid);
        lock (_transactions)
        {
            if (_transactions.Count >= options.MaximumTransactions)
                throw new ServiceException(ResourceLimitation, $"{_transactions.Count} requests wait for their report; ask again later");
            if (!_transactions.Add(key))
                throw new ServiceException(InvalidValue, "The Transaction UID is in use") { OffendingElements = [Tags.TransactionUID.Value] };
        }
        return new ServiceReply(call.Command.Respond(DimseStatus.Success)) { Then = token => FollowAsync(call, request, key, token) };
    }

    private static void Check(CommandSet command)
    {
        if (command.RequestedSopClassUid is { } uid && uid != Uids.StorageCommitmentPushModel)
            throw new ServiceException(NoSuchClass, "Not the Storage Commitment Push Model");
        if (command.RequestedSopInstanceUid != Uids.StorageCommitmentPushModelInstance)
            throw new ServiceException(NoSuchInstance, "Not the well-known instance of storage commitment");
        if (command.ActionTypeId != CommitmentMessages.RequestAction)
            throw new ServiceException(NoSuchAction, $"Storage commitment has no action type {command.ActionTypeId}");
        if (!command.HasDataset)
            throw new ServiceException(InvalidValue, "The request has no dataset");
    }

    private async Task FollowAsync(ServiceCall call, CommitmentRequest request, (string AETitle, string TransactionUid) key, CancellationToken cancellationToken)
    {
        // Some requesters wait on the association for the report.
        call.Association.BeginService();
        try
        {
            IReadOnlyList<ushort> reasons = [];
            Exception? broken = null;
            try
            {
                reasons = await find(call, request.Instances, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                // The requester has to hear that it must keep its copies, whatever went wrong here.
                broken = problem;
            }
            await ReportAsync(call, key.AETitle, Report(request, reasons), cancellationToken).ConfigureAwait(false);
            if (broken is { })
                throw new DicomException($"Nothing of {key.TransactionUid} was committed: {broken.Message}", broken) { Stage = DicomStage.Dimse };
        }
        finally
        {
            call.Association.EndService();
            lock (_transactions)
                _transactions.Remove(key);
        }
    }

    private static CommitmentReport Report(CommitmentRequest request, IReadOnlyList<ushort> reasons)
    {
        var committed = new List<SopReference>();
        var failed = new List<FailedSopReference>();
        for (var i = 0; i < request.Instances.Count; i++)
        {
            var reason = i < reasons.Count ? reasons[i] : CommitmentReasons.ProcessingFailure;
            if (reason == 0)
                committed.Add(request.Instances[i]);
            else
                failed.Add(new FailedSopReference(request.Instances[i], reason));
        }
        return new CommitmentReport(request.TransactionUid, committed, failed);
    }

    private async Task ReportAsync(ServiceCall call, string title, CommitmentReport report, CancellationToken cancellationToken)
    {
        if (await OverSameAsync(call, report, cancellationToken).ConfigureAwait(false) is not { } problem)
            return;
        if (options.Requester(title) is not { } target)
            throw Undelivered(title, report, $"{problem.Message} No node with this AE title is known here, so it cannot be called", problem);
        var delay = options.RetryDelay;
        for (var attempt = 1; ; attempt++)
        {
            if (await OverNewAsync(target with { Wire = target.Wire ?? call.Wire }, report, cancellationToken).ConfigureAwait(false) is not { } failure)
                return;
            // A status is an answer, and the next one would be the same.
            if (failure is DicomStatusException || attempt >= options.Attempts)
                throw Undelivered(title, report, failure.Message, failure);
            await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            delay += delay;
        }
    }

    private static DicomException Undelivered(string title, CommitmentReport report, string why, Exception cause) =>
        new($"The storage commitment report for {report.TransactionUid} did not reach {title}: {why}", cause) { Stage = DicomStage.Dimse };

    // Null when the requester has the report.
    private async Task<DicomException?> OverSameAsync(ServiceCall call, CommitmentReport report, CancellationToken cancellationToken)
    {
        var requests = call.Requests!;
        // A report would cross the release of a requester that does not wait for it.
        using (var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            await Task.WhenAny(requests.Ended, Task.Delay(options.Settle, clock.Token)).ConfigureAwait(false);
            clock.Cancel();
        }
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (requests.Ended.IsCompleted)
                throw new AssociationAbortedException("The association of the request is over.") { Stage = DicomStage.Association };
            var response = await requests.SendAsync(call.Message.Context, Request(report), CommitmentMessages.Write(report), options.ResponseTimeout, cancellationToken).ConfigureAwait(false);
            return Judge(response);
        }
        catch (DicomNetworkException gone)
        {
            return gone;
        }
    }

    // Null when the requester has the report.
    private async Task<DicomException?> OverNewAsync(AssociationOptions target, CommitmentReport report, CancellationToken cancellationToken)
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
                cancellationToken).ConfigureAwait(false);
            await using (association.ConfigureAwait(false))
            {
                // Old peers take the report and know no roles: only a plain no is one.
                var isRefused = association.Response.UserItems.OfType<RoleSelection>()
                    .Any(role => role.SopClassUid == Uids.StorageCommitmentPushModel && !role.Scp);
                if (isRefused || association.AcceptedContexts is not [var context, ..])
                    return new DicomNetworkException($"{target.CalledAETitle} takes no storage commitment reports.") { Stage = DicomStage.PresentationContext };
                var reader = new DimseReader(association);
                using var writer = new DimseWriter(association);
                var request = Request(report) with { MessageId = writer.NextMessageId() };
                await writer.SendAsync(context, request, CommitmentMessages.Write(report), cancellationToken).ConfigureAwait(false);
                var answer = await reader.ReceiveAsync(cancellationToken).ConfigureAwait(false);
                if (answer?.Command is not { Field: CommandField.NEventReportResponse } response || response.RespondedTo != request.MessageId)
                    return new DicomNetworkException($"{target.CalledAETitle} did not answer N-EVENT-REPORT.") { Stage = DicomStage.Dimse };
                var verdict = Judge(response);
                await LeaveAsync(association, cancellationToken).ConfigureAwait(false);
                return verdict;
            }
        }
        catch (DicomNetworkException problem)
        {
            return problem;
        }
    }

    private static async Task LeaveAsync(Association association, CancellationToken cancellationToken)
    {
        try
        {
            await association.ReleaseAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DicomNetworkException)
        {
            // The report is answered already.
        }
    }

    private static CommandSet Request(CommitmentReport report) => new()
    {
        Field = CommandField.NEventReportRequest,
        AffectedSopClassUid = Uids.StorageCommitmentPushModel,
        AffectedSopInstanceUid = Uids.StorageCommitmentPushModelInstance,
        EventTypeId = report.Failed.Count == 0 ? CommitmentMessages.AllCommitted : CommitmentMessages.FailuresExist,
    };

    private static DicomStatusException? Judge(CommandSet response)
    {
        var said = DimseStatus.Describe("general", response.Status);
        if (said.Category is DimseStatusCategory.Success or DimseStatusCategory.Warning)
            return null;
        var comment = response.ErrorComment is { } words ? $" It says: {words}" : "";
        return new DicomStatusException($"The report was answered with status {response.Status:X4} ({said.Meaning}).{comment}", response.Status) { Stage = DicomStage.Dimse, ErrorComment = response.ErrorComment };
    }
}
