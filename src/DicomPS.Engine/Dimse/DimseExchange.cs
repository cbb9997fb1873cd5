using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Dimse;

/// <summary>A message that came while requests wait for their answers.</summary>
/// <param name="Message">The message.</param>
/// <param name="Request">The request that it answers, pending or for good; null for a request of the peer.</param>
internal sealed record ExchangedMessage(DimseMessage Message, CommandSet? Request);

/// <summary>
/// Sends the requests of this side over one association, waits for their answers and checks that each is one: what comes is a response
/// to a request in flight, by its message id, or a request of the peer, or a response that comes once more, which is passed over.
/// Everything else breaks the protocol. Several requests may be in flight; one task reads.
/// </summary>
/// <param name="association">The association.</param>
internal sealed class DimseExchange(Association association)
{
    private readonly RequestsInFlight _requests = new();
    private readonly AnswersInWait _answers = new();

    /// <summary>Where the datasets of what comes are read from.</summary>
    public DimseReader Reader { get; } = new(association);

    /// <summary>Where the answers to the peer's own requests go.</summary>
    public DimseWriter Writer { get; } = new(association);

    /// <summary>Sends a request; it is in flight from now on.</summary>
    /// <param name="context">The presentation context.</param>
    /// <param name="request">The request; without message id (0) it gets one.</param>
    /// <param name="dataset">Its dataset; null for none.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>The request with its message id.</returns>
    public Task<CommandSet> SendAsync(AcceptedContext context, CommandSet request, DicomDataset? dataset,
        CancellationToken cancellationToken) =>
        SendAsync(request, numbered => dataset is null ? Writer.SendAsync(context, numbered, cancellationToken).AsTask()
            : Writer.SendAsync(context, numbered, dataset, cancellationToken).AsTask());

    /// <summary>The same for a request that somebody else sends.</summary>
    /// <param name="request">The request; without message id (0) it gets one.</param>
    /// <param name="send">Sends it; when this throws, nothing is in flight.</param>
    public async Task<CommandSet> SendAsync(CommandSet request, Func<CommandSet, Task> send)
    {
        while (request.MessageId == 0)
        {
            if (Writer.NextMessageId() is var id && !_requests.Contains(id))
                request = request with { MessageId = id };
        }

        _requests.Add(request);
        try
        {
            await send(request).ConfigureAwait(false);
            return request;
        }
        catch
        {
            _requests.GiveUp(request);
            throw;
        }
    }

    /// <summary>Waits no more for a request: its one response has come.</summary>
    /// <param name="request">The request, as it was sent.</param>
    public void GiveUp(CommandSet request) => _requests.GiveUp(request);

    /// <summary>Sends a request and waits for its one response.</summary>
    /// <param name="context">The presentation context.</param>
    /// <param name="request">The request; without message id (0) it gets one.</param>
    /// <param name="dataset">Its dataset; null for none.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <exception cref="DicomNetworkException">As for <see cref="NextAsync"/>.</exception>
    public async Task<CommandSet> AskAsync(AcceptedContext context, CommandSet request, DicomDataset? dataset,
        CancellationToken cancellationToken)
    {
        request = await SendAsync(context, request, dataset, cancellationToken).ConfigureAwait(false);
        return await ResponseAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for the next message that has to do with a request in flight.</summary>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <exception cref="DicomNetworkException">The association broke, or the peer answered something else; the association is
    /// aborted.</exception>
    public async Task<ExchangedMessage> NextAsync(CancellationToken cancellationToken) =>
        await ReceiveAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new AssociationAbortedException(
                $"The peer released the association instead of answering {_requests.Operations}.")
            {
                Stage = DicomStage.Dimse,
                ByPeer = true, IsTransient = true
            };

    /// <summary>Waits for the next message where none is due.</summary>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>Null when the association was released.</returns>
    /// <exception cref="DicomNetworkException">As for <see cref="NextAsync"/>.</exception>
    public async Task<ExchangedMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (await Reader.ReceiveAsync(cancellationToken).ConfigureAwait(false) is { } message)
        {
            if (!message.Command.IsResponse)
                return new ExchangedMessage(message, null);
            if (!_requests.TryMatch(message.Command, out var request))
                throw await BrokenAsync(_requests.Misfit(message.Command)).ConfigureAwait(false);
            if (request is { })
                return new ExchangedMessage(message, request);
        }

        return null;
    }

    /// <summary>
    /// Waits for the one response to a request; the peer has nothing to ask meanwhile, and other answers wait. Several may wait, each for
    /// its own: one of them reads, and hands on the reading with its answer.
    /// </summary>
    /// <param name="request">The request, which was sent. Its response has no dataset.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>The response; it has a status.</returns>
    /// <exception cref="DicomNetworkException">As for <see cref="NextAsync"/>.</exception>
    public async Task<CommandSet> ResponseAsync(CommandSet request, CancellationToken cancellationToken)
    {
        if (_answers.TryTake(request.MessageId, out var waiting) is not { } response)
            response = waiting is { } ? await waiting.ConfigureAwait(false) : null;
        response ??= await ReadUntilAsync(request, cancellationToken).ConfigureAwait(false);
        // A pending response to what has only one is that one.
        _requests.GiveUp(request);
        return response;
    }

    private async Task<CommandSet> ReadUntilAsync(CommandSet request, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var (message, answered) = await NextAsync(cancellationToken).ConfigureAwait(false);
                if (answered is null)
                    throw await BrokenAsync(
                        $"sent a {message.Command.Field.Words()} instead of answering {request.Operation} {request.MessageId}")
                        .ConfigureAwait(false);
                if (answered.MessageId == request.MessageId)
                    return message.Command;
                _answers.Give(answered.MessageId, message.Command);
            }
        }
        finally
        {
            // Also when the association broke: the next one finds out by itself.
            _answers.HandOn();
        }
    }

    /// <summary>
    /// Whether a response to C-STORE that says that something was stored says it of the instance that was sent; one that names none
    /// does (PS3.7 9.1.1.1.5: it is optional).
    /// </summary>
    public static bool IsAboutInstance(CommandSet response, CommandSet request) =>
        response.AffectedSopInstanceUid is not { } named || named == request.AffectedSopInstanceUid
        || !DimseStatus.Describe(StatusTable.Storage, response.Status).IsDone;

    /// <summary>Aborts the association.</summary>
    /// <param name="what">What the peer did.</param>
    /// <returns>The exception that says so.</returns>
    public async Task<DicomNetworkException> BrokenAsync(string what)
    {
        await association.AbortAsync().ConfigureAwait(false);
        return Broken(what);
    }

    /// <summary>What is said of a peer that breaks the protocol.</summary>
    /// <param name="what">What it did.</param>
    public static DicomNetworkException Broken(string what) => new($"The peer {what}. The association was aborted.")
    {
        Stage = DicomStage.Dimse,
        Problem = NetworkProblem.ProtocolViolation
    };
}
