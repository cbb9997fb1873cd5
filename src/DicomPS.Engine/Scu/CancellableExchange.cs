using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dimse;

namespace DicomPS.Scu;

/// <summary>A response to C-FIND, C-MOVE or C-GET.</summary>
/// <param name="Command">The response; pending until the last one.</param>
/// <param name="Dataset">The identifier that came with it; null when there is none or it cannot be read.</param>
public sealed record ExchangeResponse(CommandSet Command, DicomDataset? Dataset)
{
    /// <summary>Whether more responses follow (FF00H, FF01H).</summary>
    public bool IsPending => DimseStatus.CategoryOf(Command.Status) == DimseStatusCategory.Pending;
}

/// <summary>
/// A request with any number of responses that can be cancelled: C-FIND, C-MOVE, C-GET (PS3.7 9.1.2 to 9.1.4, 9.3.2.3).
/// Whoever stops early, by the token or by leaving the loop, takes the same way out: C-CANCEL, a bounded wait for the
/// last response, and only when that does not come an abort.
/// </summary>
internal sealed class CancellableExchange(Association association, DimseReader reader, DimseWriter writer, TimeSpan cancelGrace)
{
    /// <summary>Sends the request and gives each response as it comes, the last one included.</summary>
    /// <param name="context">The presentation context.</param>
    /// <param name="request">The request; without message id (0) it gets one.</param>
    /// <param name="identifier">What is asked for.</param>
    /// <param name="fallback">How text without a declared character set is read; null for the default repertoire.</param>
    /// <param name="subOperation">Answers the C-STORE requests that come between the responses to C-GET; null when none may come.</param>
    /// <param name="cancellationToken">Stops early.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; the association was left in order or aborted.</exception>
    public async IAsyncEnumerable<ExchangeResponse> RunAsync(
        AcceptedContext context, CommandSet request, DicomDataset identifier, TextCodec? fallback,
        Func<DimseMessage, CancellationToken, Task<CommandSet>>? subOperation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.MessageId == 0)
            request = request with { MessageId = writer.NextMessageId() };
        var isDone = false;
        using var hardStop = new CancellationTokenSource();
        await writer.SendAsync(context, request, identifier, cancellationToken).ConfigureAwait(false);

        Task? cancel = null;
        var gate = new object();
        Task CancelOnce()
        {
            lock (gate)
            {
                if (cancel is null)
                {
                    hardStop.CancelAfter(cancelGrace);
                    cancel = SendCancelAsync(context, request.MessageId, hardStop.Token);
                }
                return cancel;
            }
        }

        using var registration = cancellationToken.Register(() => CancelOnce());
        try
        {
            while (!isDone)
            {
                var message = await ReceiveAsync(hardStop.Token, cancellationToken).ConfigureAwait(false);
                if (!message.Command.IsResponse)
                {
                    if (subOperation is null || message.Command.Field != CommandField.CStoreRequest)
                        throw await BrokenAsync($"sent a {message.Command.Field.Words()} in between").ConfigureAwait(false);
                    var answer = await subOperation(message, hardStop.Token).ConfigureAwait(false);
                    await writer.SendAsync(message.Context, answer, hardStop.Token).ConfigureAwait(false);
                    continue;
                }
                if (message.Command.RespondedTo != request.MessageId || (ushort)message.Command.Field != ((ushort)request.Field | 0x8000))
                    throw await BrokenAsync($"answered the {request.Field.Words()} {request.MessageId} with a {message.Command.Field.Words()} to {message.Command.RespondedTo}").ConfigureAwait(false);
                var dataset = message.Command.HasDataset ? await ReadAsync(message, fallback, hardStop.Token).ConfigureAwait(false) : null;
                var response = new ExchangeResponse(message.Command, dataset);
                isDone = !response.IsPending;
                if (isDone || !cancellationToken.IsCancellationRequested)
                    yield return response;
            }
            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            if (!isDone && association.State == AssociationState.Established)
            {
                await CancelOnce().ConfigureAwait(false);
                await DrainAsync(request.MessageId, subOperation, hardStop.Token).ConfigureAwait(false);
            }
            if (cancel is { })
                await cancel.ConfigureAwait(false);
        }
    }

    // One identifier that cannot be read is no reason to lose the others.
    private async ValueTask<DicomDataset?> ReadAsync(DimseMessage message, TextCodec? fallback, CancellationToken hardStop)
    {
        try
        {
            return await reader.ReadDatasetAsync(message, fallback, hardStop).ConfigureAwait(false);
        }
        catch (DicomDataException)
        {
            return null;
        }
    }

    private async Task<DimseMessage> ReceiveAsync(CancellationToken hardStop, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReceiveAsync(hardStop).ConfigureAwait(false)
                ?? throw new AssociationAbortedException("The peer released the association before its last response.") { Stage = DicomStage.Dimse, ByPeer = true, IsTransient = true };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The peer did not answer C-CANCEL in time; the association was aborted.", cancellationToken);
        }
    }

    // What arrives after C-CANCEL until the last response is of no interest, but it has to be taken off the wire.
    private async Task DrainAsync(ushort messageId, Func<DimseMessage, CancellationToken, Task<CommandSet>>? subOperation, CancellationToken hardStop)
    {
        try
        {
            while (await reader.ReceiveAsync(hardStop).ConfigureAwait(false) is { } message)
            {
                if (message.Command.IsResponse && message.Command.RespondedTo == messageId
                    && DimseStatus.CategoryOf(message.Command.Status) != DimseStatusCategory.Pending)
                {
                    return;
                }
                if (!message.Command.IsResponse && subOperation is { })
                    await writer.SendAsync(message.Context, await subOperation(message, hardStop).ConfigureAwait(false), hardStop).ConfigureAwait(false);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or DicomException)
        {
            await association.AbortAsync().ConfigureAwait(false);
        }
    }

    private async Task SendCancelAsync(AcceptedContext context, ushort messageId, CancellationToken hardStop)
    {
        try
        {
            await writer.SendAsync(context, new CommandSet { Field = CommandField.CCancelRequest, RespondedTo = messageId }, hardStop).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is OperationCanceledException or DicomException)
        {
            await association.AbortAsync().ConfigureAwait(false);
        }
    }

    private async Task<DicomNetworkException> BrokenAsync(string what)
    {
        await association.AbortAsync().ConfigureAwait(false);
        return new DicomNetworkException($"The peer {what}. The association was aborted.") { Stage = DicomStage.Dimse, Problem = NetworkProblem.ProtocolViolation };
    }
}
