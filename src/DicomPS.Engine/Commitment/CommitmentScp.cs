using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Commitment;

/// <summary>
/// Answers storage commitment requests (PS3.4 J, PS3.7 10.1.4) at once, finds out what they ask, and reports with
/// N-EVENT-REPORT: over the association of the request while it is open, else over a new one to the requester. For one server.
/// </summary>
public sealed class CommitmentScp
{
    private readonly Func<string, CommitmentRequest, CancellationToken, Task<IReadOnlyList<ushort>>> _find;
    private readonly CommitmentScpOptions _options;
    private readonly OwedReports _owed;
    private readonly CommitmentDelivery _delivery;

    /// <summary>Prepares the service.</summary>
    /// <param name="find">Says which instances are committed.</param>
    /// <param name="options">Limits, how requesters are called, and where it stands what is owed.</param>
    public CommitmentScp(CommitmentHandler find, CommitmentScpOptions options)
        : this((requester, request, token) => find(requester, request.Instances, token), options)
    {
    }

    private CommitmentScp(Func<string, CommitmentRequest, CancellationToken, Task<IReadOnlyList<ushort>>> find,
        CommitmentScpOptions options)
    {
        _find = find;
        _options = options;
        _owed = new OwedReports(options);
        _delivery = new CommitmentDelivery(options, _owed, FindAsync);
    }

    /// <summary>The same for who wants the whole request.</summary>
    internal static CommitmentScp ForRequests(
        Func<string, CommitmentRequest, CancellationToken, Task<IReadOnlyList<ushort>>> find, CommitmentScpOptions options) =>
        new(find, options);

    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    public ServiceRow Row => new(Uids.StorageCommitmentPushModel, CommandField.NActionRequest, ActAsync,
        Statuses.ProcessingFailure, Statuses.ProcessingFailure)
    {
        StatusTable = StatusTable.General,
        Work = _delivery.RunAsync,
    };

    /// <summary>How many requests have been answered and not been reported on yet.</summary>
    public int Owed => _owed.Count;

    private async Task<ServiceReply> ActAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        Check(call.Command);
        var dataset = await call.Reader.ReadDatasetAsync(call.Message, null, call.Limit, cancellationToken)
            .ConfigureAwait(false);
        CommitmentRequest request;
        try
        {
            request = CommitmentMessages.ReadRequest(dataset);
        }
        catch (CommitmentMessageException wrong)
        {
            throw new ServiceException(CommitmentMessageException.Status, wrong.Message,
                wrong)
            { OffendingElements = wrong.OffendingElements };
        }

        if (request.Instances.Count > _options.MaximumInstances)
            throw new ServiceException(Statuses.ResourceLimitation,
                $"{request.Instances.Count} instances in one request; {_options.MaximumInstances} are the most");
        var owed = _owed.Add(call.Association.Request.CallingAETitle, request);
        return new ServiceReply(call.Command.Respond(Statuses.Success)) { Then = token => FollowAsync(call, owed, token) };
    }

    private static void Check(CommandSet command)
    {
        if (command.RequestedSopClassUid is { } uid && uid != Uids.StorageCommitmentPushModel)
            throw new ServiceException(Statuses.NoSuchSopClass, "Not the Storage Commitment Push Model");
        if (command.RequestedSopInstanceUid != Uids.StorageCommitmentPushModelInstance)
            throw new ServiceException(Statuses.NoSuchSopInstance, "Not the well-known instance of storage commitment");
        if (command.ActionTypeId != CommitmentMessages.RequestAction)
            throw new ServiceException(Statuses.NoSuchAction, $"Storage commitment has no action type {command.ActionTypeId}");
        if (!command.HasDataset)
            throw new ServiceException(Statuses.InvalidArgumentValue, "The request has no dataset");
    }

    private async Task FollowAsync(ServiceCall call, OwedReport owed, CancellationToken cancellationToken)
    {
        // Some requesters wait on the association for the report.
        call.Association.BeginService();
        try
        {
            var (report, broken) = await FindAsync(owed, cancellationToken).ConfigureAwait(false);
            if (await OverSameAsync(call, report, cancellationToken).ConfigureAwait(false) is { } problem)
                _delivery.Enqueue(owed with { Report = report }, problem);
            else
                _owed.Remove(owed);
            if (broken is { })
                throw broken;
        }
        catch (OperationCanceledException) when (owed.File is { })
        {
            // The next start reports.
        }
        finally
        {
            call.Association.EndService();
        }
    }

    // The requester has to hear that it must keep its copies, whatever went wrong here; what it was is told beside that.
    private async Task<(CommitmentReport Report, DicomException? Broken)> FindAsync(OwedReport owed, CancellationToken cancellationToken)
    {
        var request = owed.Request;
        try
        {
            return (Report(request, await _find(owed.Requester, request, cancellationToken).ConfigureAwait(false)), null);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            return (Report(request, []), new DicomException($"Nothing of {request.TransactionUid} was committed: {problem.Message}",
                problem)
            { Stage = DicomStage.Dimse });
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

    // Null when the requester has the report.
    private async Task<DicomException?> OverSameAsync(ServiceCall call, CommitmentReport report, CancellationToken cancellationToken)
    {
        var requests = call.Requests!;
        // A report would cross the release of a requester that does not wait for it.
        using (var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            await Task.WhenAny(requests.Ended, Task.Delay(_options.Settle, clock.Token)).ConfigureAwait(false);
            clock.Cancel();
        }

        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (requests.Ended.IsCompleted)
                throw new AssociationAbortedException("The association of the request is over.") { Stage = DicomStage.Association };
            var response = await requests.SendAsync(call.Message.Context, CommitmentDelivery.Request(report),
                CommitmentMessages.Write(report), _options.ResponseTimeout, cancellationToken).ConfigureAwait(false);
            return CommitmentDelivery.Judge(response);
        }
        catch (Exception gone) when (!cancellationToken.IsCancellationRequested)
        {
            return gone as DicomException ?? new DicomException(gone.Message, gone) { Stage = DicomStage.Dimse };
        }
    }
}
