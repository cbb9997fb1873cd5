using DicomPS.Associations;

namespace DicomPS.Dimse;

/// <summary>
/// The answers to the requests of this side over one association, one request at a time (PS3.7 D.3.3.3): what comes is the
/// response to the request, or a request of the peer, or a late response to an earlier request, which is passed over.
/// Everything else breaks the protocol.
/// </summary>
/// <param name="association">The association.</param>
/// <param name="reader">Its reader.</param>
internal sealed class DimseExchange(Association association, DimseReader reader)
{
    // What was answered last. Message ids come again after 65,535 requests, so not all can be kept.
    private const int Remembered = 64;

    // A peer that sends each response twice is served; one that sends nothing else is not waited for.
    private const int MostLate = 10_000;

    private readonly Queue<(ushort MessageId, CommandField Response)> _answered = new();

    /// <summary>Waits for the next message that has to do with a request.</summary>
    /// <param name="request">The request, which was sent.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>A response to the request, pending or final, or a request of the peer.</returns>
    /// <exception cref="DicomNetworkException">The association broke, or the peer answered something else; the association is
    /// aborted.</exception>
    public async Task<DimseMessage> NextAsync(CommandSet request, CancellationToken cancellationToken)
    {
        for (var late = 0; ; late++)
        {
            var message = await reader.ReceiveAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new AssociationAbortedException(
                    $"The peer released the association instead of answering {request.Operation}.")
                {
                    Stage = DicomStage.Dimse,
                    ByPeer = true, IsTransient = true
                };
            var command = message.Command;
            if (!command.IsResponse)
                return message;
            if (command.RespondedTo == request.MessageId && command.Field == ResponseTo(request))
            {
                if (DimseStatus.CategoryOf(command.Status) != DimseStatusCategory.Pending)
                    Remember(request);
                return message;
            }

            if (!_answered.Contains((command.RespondedTo ?? 0, command.Field)) || late >= MostLate)
                throw await BrokenAsync(
                    $"answered {request.Operation} {request.MessageId} with a {command.Field.Words()} to {command.RespondedTo}")
                    .ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the one response to a request; the peer has nothing to ask meanwhile.</summary>
    /// <param name="request">The request, which was sent.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>The response; it has a status.</returns>
    /// <exception cref="DicomNetworkException">As for <see cref="NextAsync"/>.</exception>
    public async Task<CommandSet> ResponseAsync(CommandSet request, CancellationToken cancellationToken)
    {
        var message = await NextAsync(request, cancellationToken).ConfigureAwait(false);
        return message.Command.IsResponse
            ? message.Command
            : throw await BrokenAsync(
                $"sent a {message.Command.Field.Words()} instead of answering {request.Operation} {request.MessageId}")
                .ConfigureAwait(false);
    }

    /// <summary>Aborts the association.</summary>
    /// <param name="what">What the peer did.</param>
    /// <returns>The exception that says so.</returns>
    public async Task<DicomNetworkException> BrokenAsync(string what)
    {
        await association.AbortAsync().ConfigureAwait(false);
        return new DicomNetworkException($"The peer {what}. The association was aborted.")
        {
            Stage = DicomStage.Dimse,
            Problem = NetworkProblem.ProtocolViolation
        };
    }

    /// <summary>The command field of the response to a request (PS3.7 E.1: bit 15).</summary>
    public static CommandField ResponseTo(CommandSet request) => (CommandField)((ushort)request.Field | 0x8000);

    private void Remember(CommandSet request)
    {
        _answered.Enqueue((request.MessageId, ResponseTo(request)));
        if (_answered.Count > Remembered)
            _answered.Dequeue();
    }
}
