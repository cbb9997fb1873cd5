using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>
/// The requests that a server sends on an association that a peer opened (N-EVENT-REPORT, C-STORE for C-GET): any task may send one,
/// and each gets the response that repeats its message id.
/// </summary>
public sealed class OwnRequests
{
    private readonly Association _association;
    private readonly DimseWriter _writer;
    private readonly RequestsInFlight _requests = new();
    private readonly Dictionary<ushort, TaskCompletionSource<CommandSet>> _waiting = [];
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal OwnRequests(Association association, DimseWriter writer)
    {
        _association = association;
        _writer = writer;
    }

    /// <summary>Completes when the association is over.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sends a request and waits for its response.</summary>
    /// <param name="context">An accepted presentation context.</param>
    /// <param name="request">The request; its message id is set here.</param>
    /// <param name="dataset">Its dataset.</param>
    /// <param name="limit">How long the response may take.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="DicomNetworkException">The association ended before the response, or the response did not come in time.</exception>
    public Task<CommandSet> SendAsync(AcceptedContext context, CommandSet request, DicomDataset dataset, TimeSpan limit,
        CancellationToken cancellationToken) =>
        // Never cancelled half way: a torn message would cost the association.
        SendAsync(request, numbered => _writer.SendAsync(context, numbered, dataset, CancellationToken.None).AsTask(), limit,
            cancellationToken);

    /// <summary>The same for a request whose dataset is produced while it is sent.</summary>
    internal async Task<CommandSet> SendAsync(CommandSet request, Func<CommandSet, Task> send, TimeSpan limit,
        CancellationToken cancellationToken)
    {
        request = request with { MessageId = _writer.NextMessageId() };
        var response = new TaskCompletionSource<CommandSet>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
            _waiting[request.MessageId] = response;
        _requests.Add(request);
        try
        {
            await SendAsync(request, send).ConfigureAwait(false);
            using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var first = await Task.WhenAny(response.Task, _ended.Task, Task.Delay(limit, clock.Token)).ConfigureAwait(false);
            clock.Cancel();
            if (response.Task.IsCompleted)
                return await response.Task.ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw first == _ended.Task
                ? Over(request)
                : new DicomTimeoutException("response", limit, $"the response to {request.Operation}")
                {
                    Stage = DicomStage.Dimse,
                    IsTransient = true
                };
        }
        finally
        {
            _requests.GiveUp(request);
            lock (_waiting)
                _waiting.Remove(request.MessageId);
        }
    }

    private static async Task SendAsync(CommandSet request, Func<CommandSet, Task> send)
    {
        try
        {
            await send(request).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The writer goes with the association, at any moment.
            throw Over(request);
        }
    }

    private static AssociationAbortedException Over(CommandSet request) =>
        new($"The association ended before the response to {request.Operation}.") { Stage = DicomStage.Dimse, IsTransient = true };

    /// <summary>Hands a response to who waits for it.</summary>
    /// <exception cref="DicomNetworkException">It fits no request; the association is aborted.</exception>
    internal async Task DeliverAsync(CommandSet response)
    {
        if (!_requests.TryMatch(response, out var request))
        {
            await _association.AbortAsync().ConfigureAwait(false);
            throw DimseExchange.Broken(_requests.Misfit(response));
        }

        if (request is null)
            return;
        TaskCompletionSource<CommandSet>? waiting;
        lock (_waiting)
            _waiting.TryGetValue(request.MessageId, out waiting);
        waiting?.TrySetResult(response);
    }

    internal void End() => _ended.TrySetResult(true);
}
