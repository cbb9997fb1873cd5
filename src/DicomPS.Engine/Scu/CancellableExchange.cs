using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scu;

/// <summary>A response to C-FIND, C-MOVE or C-GET.</summary>
/// <param name="Command">The response; pending until the last one.</param>
/// <param name="Dataset">The identifier that came with it; null when there is none or it cannot be read.</param>
public sealed record ExchangeResponse(CommandSet Command, DicomDataset? Dataset)
{
    /// <summary>Whether a final response announced a dataset that did not come.</summary>
    public bool LacksDataset { get; init; }

    /// <summary>Whether more responses follow (FF00H, FF01H).</summary>
    public bool IsPending => DimseStatus.CategoryOf(Command.Status) == DimseStatusCategory.Pending;
}

/// <summary>
/// A request with any number of responses that can be cancelled: C-FIND, C-MOVE, C-GET (PS3.7 9.1.2 to 9.1.4, 9.3.2.3).
/// Whoever stops early, by the token or by leaving the loop, takes the same way out: C-CANCEL, a bounded wait for the
/// last response, and only when that does not come an abort.
/// </summary>
internal sealed class CancellableExchange(Association association, DimseExchange exchange, TimeSpan cancelGrace)
{
    // How long the dataset that a final response announces may take to begin. With Success there is none to come (PS3.4 C.4.1.1.4,
    // C.4.2.1.4.2), and the announcement is most likely a mistake; the others may bring the list of failed instances. Long enough
    // for a peer that writes it separately and waits for the acknowledgement of the first part.
    private static readonly TimeSpan PatienceAfterSuccess = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PatienceAfterOthers = TimeSpan.FromSeconds(5);

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
        var isDone = false;
        using var hardStop = new CancellationTokenSource();
        request = await exchange.SendAsync(context, request, identifier, cancellationToken).ConfigureAwait(false);

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
                        throw await exchange.BrokenAsync($"sent a {message.Command.Field.Words()} in between").ConfigureAwait(false);
                    var answer = await subOperation(message, hardStop.Token).ConfigureAwait(false);
                    await exchange.Writer.SendAsync(message.Context, answer, hardStop.Token).ConfigureAwait(false);
                    continue;
                }

                var response = await ReadAsync(message, fallback, hardStop.Token).ConfigureAwait(false);
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
                await DrainAsync(subOperation, hardStop.Token).ConfigureAwait(false);
            }

            if (cancel is { })
                await cancel.ConfigureAwait(false);
        }
    }

    private async ValueTask<ExchangeResponse> ReadAsync(DimseMessage message, TextCodec? fallback, CancellationToken hardStop)
    {
        var command = message.Command;
        if (!command.HasDataset)
            return new ExchangeResponse(command, WithFailed(command, null));
        var patience = command.Status == Statuses.Success ? PatienceAfterSuccess : PatienceAfterOthers;
        if (!await exchange.Reader.DatasetComesAsync(patience, hardStop).ConfigureAwait(false))
            return new ExchangeResponse(command, WithFailed(command, null)) { LacksDataset = true };
        DicomDataset? dataset = null;
        try
        {
            dataset = await exchange.Reader.ReadDatasetAsync(message, fallback, hardStop).ConfigureAwait(false);
        }
        catch (DicomDataException)
        {
            // One identifier that cannot be read is no reason to lose the others.
        }

        return new ExchangeResponse(command, WithFailed(command, dataset));
    }

    // The list of failed instances counts wherever the peer put it.
    private static DicomDataset? WithFailed(CommandSet command, DicomDataset? dataset)
    {
        if (command.FailedSopInstanceUids is not { Count: > 0 } failed || dataset?.Contains(Tags.FailedSOPInstanceUIDList) == true)
            return dataset;
        dataset ??= new DicomDataset();
        dataset.Set(Tags.FailedSOPInstanceUIDList, [.. failed]);
        return dataset;
    }

    private async Task<DimseMessage> ReceiveAsync(CancellationToken hardStop, CancellationToken cancellationToken)
    {
        try
        {
            return (await exchange.NextAsync(hardStop).ConfigureAwait(false)).Message;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The peer did not answer C-CANCEL in time; the association was aborted.",
                cancellationToken);
        }
    }

    // What arrives after C-CANCEL until the last response is of no interest, but it has to be taken off the wire.
    private async Task DrainAsync(Func<DimseMessage, CancellationToken, Task<CommandSet>>? subOperation,
        CancellationToken hardStop)
    {
        try
        {
            while (true)
            {
                var (message, answered) = await exchange.NextAsync(hardStop).ConfigureAwait(false);
                if (answered is { } && DimseStatus.CategoryOf(message.Command.Status) != DimseStatusCategory.Pending)
                    return;
                if (answered is null && subOperation is { })
                    await exchange.Writer.SendAsync(message.Context, await subOperation(message, hardStop).ConfigureAwait(false), hardStop)
                        .ConfigureAwait(false);
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
            var command = new CommandSet { Field = CommandField.CCancelRequest, RespondedTo = messageId };
            await exchange.Writer.SendAsync(context, command, hardStop).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is OperationCanceledException or DicomException)
        {
            await association.AbortAsync().ConfigureAwait(false);
        }
    }
}
