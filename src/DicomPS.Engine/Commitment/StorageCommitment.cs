using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Jobs;

namespace DicomPS.Commitment;

/// <summary>What a storage commitment request is at.</summary>
public enum CommitmentState
{
    /// <summary>The peer has the request, and its report is waited for.</summary>
    Pending,
    /// <summary>The report has come, whatever it says.</summary>
    Completed,
    /// <summary>The request did not get through, or no report came in time.</summary>
    Failed,
}

/// <summary>A storage commitment request (PS3.4 J), alive until its report has come or the time is up. Any thread may use it.</summary>
public sealed class StorageCommitment
{
    /// <summary>The most instances of one request: with it a report stays below what either side reads as one dataset.</summary>
    public const int MaximumInstances = 100_000;

    private static readonly Dictionary<string, StorageCommitment> Waiting = new(StringComparer.Ordinal);

    private readonly IReadOnlyList<CommitmentItem> _items;
    private readonly TaskCompletionSource<bool> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<SopReference> _committed = [];
    private readonly Dictionary<SopReference, ushort> _failed = [];
    private DicomException? _problem;
    private Task _completion = Task.CompletedTask;
    private bool _isRequested;
    private volatile int _state;

    private StorageCommitment(CommitmentOptions options, IReadOnlyList<CommitmentItem> items)
    {
        _items = items;
        Node = options.Node;
        Instances = items.Select(Reference).Distinct().Count();
        RequestedAt = DateTime.Now;
    }

    /// <summary>Transaction UID (0008,1195).</summary>
    public string TransactionUID { get; } = Uid.New();

    /// <summary>Who was asked.</summary>
    public DicomNode? Node { get; }

    /// <summary>What the request is at.</summary>
    public string State => GetState().ToString();

    /// <summary>The same as a value of its type. No property: an enumeration becomes a number in JSON and CLIXML.</summary>
    public CommitmentState GetState() => (CommitmentState)_state;

    /// <summary>How many instances the request names.</summary>
    public int Instances { get; }

    /// <summary>How many of them the peer has for good, as it reported.</summary>
    public int Committed => Count(() => _committed.Count);

    /// <summary>How many of them it does not have, as it reported.</summary>
    public int Failed => Count(() => _failed.Count);

    /// <summary>How many of them no report names, so far.</summary>
    public int Unknown => Instances - Committed - Failed;

    /// <summary>When the request was made, in local time.</summary>
    public DateTime RequestedAt { get; }

    /// <summary>When the report came or the request was given up, in local time; null before.</summary>
    public DateTime? CompletedAt { get; private set; }

    /// <summary>
    /// The port of this machine on which the report is waited for; null when it has to come over the association of the request.
    /// </summary>
    public int? LocalPort { get; private set; }

    /// <summary>Why there is no report; null when there is one, or may be.</summary>
    public string? Error => GetException()?.Message;

    /// <summary>What to do about it.</summary>
    public string? Advice => GetException()?.Advice;

    /// <summary>The error itself; null when there is none.</summary>
    public DicomException? GetException() => Volatile.Read(ref _problem);

    /// <summary>
    /// Completes, never failed, when the report has come or the request was given up, and everything that was opened for it is closed.
    /// </summary>
    public Task WhenCompleted() => Volatile.Read(ref _completion);

    /// <summary>Sends a request and returns when the peer has answered it; the report is waited for behind.</summary>
    /// <param name="options">Whom to ask, and where the report may come.</param>
    /// <param name="items">The instances, 1 to <see cref="MaximumInstances"/>.</param>
    /// <param name="cancellationToken">Gives up the request.</param>
    /// <returns>The request; its state is Failed when it did not get through.</returns>
    /// <exception cref="DicomNetworkException">The port for the report cannot be listened on; nothing was sent.</exception>
    public static async Task<StorageCommitment> RequestAsync(CommitmentOptions options, IReadOnlyList<CommitmentItem> items,
        CancellationToken cancellationToken)
    {
        if (items.Count is 0 or > MaximumInstances)
            throw new ArgumentException($"A request names 1 to {MaximumInstances} instances, not {items.Count}.", nameof(items));
        var commitment = new StorageCommitment(options, items);
        var listener = options.Listener is { } server
            ? await CommitmentListener.JoinAsync(server, cancellationToken).ConfigureAwait(false) : null;
        commitment.LocalPort = listener?.Port;
        // Before the request goes out: a report may be faster than the answer to it.
        lock (Waiting)
            Waiting[commitment.TransactionUID] = commitment;
        var line = new PeerLine<CommitmentScu>(options.Reach, options.Policy);
        try
        {
            var lost = await line.OpenAsync(token => CommitmentScu.ConnectAsync(options.Association, Take, token), cancellationToken)
                .ConfigureAwait(false);
            if (lost is { })
                throw lost;
            var request = new CommitmentRequest(commitment.TransactionUID, [.. items.Select(Reference).Distinct()]);
            commitment._isRequested = true;
            Check(await line.Scu!.RequestAsync(request, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception problem)
        {
            commitment._isRequested &= problem is not DicomStatusException;
            commitment.GiveUp(problem as DicomException ?? new DicomException("The request was given up.", problem));
            if (problem is DicomException)
                await line.ReleaseAsync().ConfigureAwait(false);
            await CloseAsync(line, listener).ConfigureAwait(false);
            if (problem is DicomException)
                return commitment;
            throw;
        }

        Volatile.Write(ref commitment._completion,
            Task.Run(() => commitment.WaitForReportAsync(options, line, listener), CancellationToken.None));
        return commitment;
    }

    /// <summary>Hands a report to the request of this process that waits for it.</summary>
    /// <param name="report">The report.</param>
    /// <returns>False when none does: its Transaction UID is not known, or its time is up.</returns>
    public static bool Take(CommitmentReport report)
    {
        StorageCommitment? commitment;
        lock (Waiting)
        {
            if (!Waiting.TryGetValue(report.TransactionUid, out commitment))
                return false;
        }

        return commitment.End(CommitmentState.Completed, null, report);
    }

    /// <summary>Whether a request of this process waits for its report.</summary>
    public static bool IsAnyPending
    {
        get
        {
            lock (Waiting)
                return Waiting.Count > 0;
        }
    }

    /// <summary>Gives up every request of this process that waits.</summary>
    public static Task StopAllAsync()
    {
        StorageCommitment[] all;
        lock (Waiting)
            all = [.. Waiting.Values];
        return Task.WhenAll(all.Select(commitment => commitment.StopAsync()));
    }

    /// <summary>Waits no longer for the report. Does nothing when the wait is over.</summary>
    public Task StopAsync()
    {
        _stopped.TrySetResult(true);
        return WhenCompleted();
    }

    /// <summary>What became of each instance, in the order in which they were given; Unknown while the report is waited for.</summary>
    public IReadOnlyList<CommitmentResult> Results()
    {
        lock (_committed)
            return [.. _items.Select(Result)];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{TransactionUID}: {State}, {Committed} of {Instances} committed";

    private static SopReference Reference(CommitmentItem item) => new(item.SopClassUid, item.SopInstanceUid);

    private static void Check(CommandSet response)
    {
        if (!DimseStatus.Describe(StatusTable.General, response.Status).IsDone)
            throw DimseRefusal.Exception("The peer refused the storage commitment request with status", StatusTable.General,
                response.Status!.Value, response.ErrorComment);
    }

    private async Task WaitForReportAsync(CommitmentOptions options, PeerLine<CommitmentScu> line, CommitmentListener? listener)
    {
        try
        {
            using var clock = new CancellationTokenSource();
            var time = Task.Delay(options.Timeout, clock.Token);
            var until = Task.WhenAny(_decided.Task, _stopped.Task, time);
            var end = await ListenAsync(line.Scu!, until).ConfigureAwait(false);
            if (listener is { } || options.IsServedElsewhere)
                await until.ConfigureAwait(false);
            if (_stopped.Task.IsCompleted)
                GiveUp(
                    new DicomException("The wait for the storage commitment report was stopped.")
                    {
                        Advice =
                        "Ask again: asking twice does no harm."
                    });
            else if (time.IsCompleted)
                GiveUp(TimedOut(options.Timeout));
            else
                GiveUp(LeftAlone(end));
            clock.Cancel();
        }
        catch (Exception problem)
        {
            GiveUp(problem as DicomException
                ?? new DicomException($"The wait for the storage commitment report failed: {problem.Message}", problem));
        }
        finally
        {
            await CloseAsync(line, listener).ConfigureAwait(false);
        }
    }

    // What broke the association, if anything did.
    private static async Task<DicomNetworkException?> ListenAsync(CommitmentScu scu, Task until)
    {
        try
        {
            await scu.ListenAsync(until).ConfigureAwait(false);
            return null;
        }
        catch (DicomNetworkException problem)
        {
            return problem;
        }
    }

    private static async Task CloseAsync(PeerLine<CommitmentScu> line, CommitmentListener? listener)
    {
        await line.DropAsync().ConfigureAwait(false);
        if (listener is { })
            await listener.LeaveAsync().ConfigureAwait(false);
    }

    private DicomTimeoutException TimedOut(TimeSpan limit) => new("commitment", limit, "the storage commitment report")
    {
        Stage = DicomStage.Dimse,
        IsTransient = true,
        Advice = LocalPort is { } port
            ? $"The peer took the request. It may need longer, or it calls another host or port than this machine and {port}: check what "
            + "it has for this AE title."
            : "The peer took the request and kept the association, and needs longer or reports elsewhere: most peers call the port that "
            + "they have for this AE title.",
    };

    private static AssociationAbortedException LeftAlone(DicomNetworkException? end) =>
        new($"The peer ended the association without a storage commitment report{(end is null ? "" : $": {end.Message}")}", end)
        {
            Stage = DicomStage.Dimse,
            Advice =
                "Most peers report over an association of their own: name the port that the peer has for this AE title, so that it is "
                + "listened on.",
        };

    private void GiveUp(DicomException problem) => End(CommitmentState.Failed, problem, null);

    private bool End(CommitmentState state, DicomException? problem, CommitmentReport? report)
    {
        lock (_committed)
        {
            if (GetState() != CommitmentState.Pending)
                return false;
            foreach (var failed in report?.Failed ?? [])
                _failed[failed.Instance] = failed.Reason;
            foreach (var instance in report?.Committed ?? [])
                _committed.Add(instance);
            // What was not asked for does not count, and what is in both lists is not committed.
            var asked = new HashSet<SopReference>(_items.Select(Reference));
            foreach (var stranger in _failed.Keys.Where(instance => !asked.Contains(instance)).ToArray())
                _failed.Remove(stranger);
            _committed.RemoveWhere(instance => !asked.Contains(instance) || _failed.ContainsKey(instance));
            _problem = problem;
            CompletedAt = DateTime.Now;
            _state = (int)state;
        }

        lock (Waiting)
            Waiting.Remove(TransactionUID);
        _decided.TrySetResult(true);
        return true;
    }

    private int Count(Func<int> count)
    {
        lock (_committed)
            return count();
    }

    private CommitmentResult Result(CommitmentItem item)
    {
        var reference = Reference(item);
        var isCommitted = _committed.Contains(reference);
        ushort? code = _failed.TryGetValue(reference, out var reason) ? reason : null;
        return new CommitmentResult
        {
            Committed = isCommitted,
            Status = isCommitted ? "Committed" : code is { } ? "Failed"
                : GetState() == CommitmentState.Failed && !_isRequested ? "NotRequested" : "Unknown",
            SOPInstanceUID = item.SopInstanceUid,
            SOPClassUID = item.SopClassUid,
            Path = item.Path,
            FailureReason = isCommitted ? null
                : code is { } known ? CommitmentReasons.Describe(known)
                : _problem?.Message
                    ?? (GetState() == CommitmentState.Completed ? "The report does not name it." : "The report has not come yet."),
            FailureReasonCode = code,
            TransactionUID = TransactionUID,
            Node = Node,
        };
    }
}
