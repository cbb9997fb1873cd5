using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>
/// The requests that a server sends of its own on an association that a peer opened (N-EVENT-REPORT): any task may
/// send one, and each gets the response that repeats its message id.
/// </summary>
public sealed class OwnRequests
{
    private readonly DimseWriter _writer;
    private readonly Dictionary<(ushort MessageId, CommandField Response), TaskCompletionSource<CommandSet>> _waiting = [];
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal OwnRequests(DimseWriter writer) => _writer = writer;

    /// <summary>Completes when the association is over.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sends a request and waits for its response.</summary>
    /// <param name="context">An accepted presentation context.</param>
    /// <param name="request">The request; its message id is set here.</param>
    /// <param name="dataset">Its dataset.</param>
    /// <param name="limit">How long the response may take.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="DicomNetworkException">The association ended before the response, or the response did not come in time.</exception>
    public async Task<CommandSet> SendAsync(AcceptedContext context, CommandSet request, DicomDataset dataset, TimeSpan limit,
        CancellationToken cancellationToken)
    {
        request = request with { MessageId = _writer.NextMessageId() };
        var response = new TaskCompletionSource<CommandSet>(TaskCreationOptions.RunContinuationsAsynchronously);
        var key = (request.MessageId, DimseExchange.ResponseTo(request));
        lock (_waiting)
            _waiting[key] = response;
        try
        {
            await SendAsync(context, request, dataset).ConfigureAwait(false);
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
            lock (_waiting)
                _waiting.Remove(key);
        }
    }

    private async Task SendAsync(AcceptedContext context, CommandSet request, DicomDataset dataset)
    {
        try
        {
            // Never cancelled half way: a torn message would cost the association.
            await _writer.SendAsync(context, request, dataset, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The writer goes with the association, at any moment.
            throw Over(request);
        }
    }

    private static AssociationAbortedException Over(CommandSet request) =>
        new($"The association ended before the response to {request.Operation}.") { Stage = DicomStage.Dimse, IsTransient = true };

    /// <summary>Hands a response to who waits for it; false when nobody does.</summary>
    internal bool Deliver(CommandSet response)
    {
        TaskCompletionSource<CommandSet>? waiting;
        lock (_waiting)
            _waiting.TryGetValue((response.RespondedTo ?? 0, response.Field), out waiting);
        return waiting?.TrySetResult(response) == true;
    }

    internal void End() => _ended.TrySetResult(true);
}
