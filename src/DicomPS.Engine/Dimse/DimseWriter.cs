using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Serialization;

namespace DicomPS.Dimse;

/// <summary>
/// Splits messages into PDVs (PS3.8 Annex E). Any task may send: messages wait for each other and never mix.
/// </summary>
/// <param name="association">Where the PDVs go.</param>
public sealed class DimseWriter(Association association)
{
    // Not disposed: messages may wait for it when the association breaks, and each of them is to hear of that.
    private readonly Turns _turns = new(TimeProvider.System);
    private int _messageId;

    /// <summary>Asked before each message goes out; what it throws keeps the message here. Null asks nobody.</summary>
    internal Func<CommandSet, Task>? Gate { get; init; }

    /// <summary>A Message ID (0000,0110) that this side has not used lately: 1 to 65535, then again from 1.</summary>
    public ushort NextMessageId()
    {
        while (true)
        {
            if ((ushort)Interlocked.Increment(ref _messageId) is var id and not 0)
                return id;
        }
    }

    /// <summary>Sends a command without a dataset.</summary>
    /// <param name="context">The accepted presentation context to use.</param>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    public ValueTask SendAsync(AcceptedContext context, CommandSet command, CancellationToken cancellationToken) =>
        SendAsync(context, command, ReadOnlyMemory<byte>.Empty, hasDataset: false, cancellationToken);

    /// <summary>Sends a command with a dataset, encoded in the context's transfer syntax.</summary>
    /// <param name="context">The accepted presentation context to use.</param>
    /// <param name="command">The command; <see cref="CommandSet.HasDataset"/> is set by this method.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    public ValueTask SendAsync(AcceptedContext context, CommandSet command, DicomDataset dataset, CancellationToken cancellationToken) =>
        SendAsync(context, command, DatasetWriter.ToArray(dataset, TransferSyntax.Find(context.TransferSyntax)), hasDataset: true,
            cancellationToken);

    /// <summary>Sends a command whose dataset is produced while it is sent.</summary>
    /// <param name="context">The accepted presentation context to use.</param>
    /// <param name="command">The command; <see cref="CommandSet.HasDataset"/> is set by this method.</param>
    /// <param name="produce">Writes the dataset's bytes; when it throws, the message stays unfinished and the association must be
    /// aborted.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    public async ValueTask SendAsync(
        AcceptedContext context, CommandSet command, Func<DatasetSink, CancellationToken, Task> produce,
        CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(cancellationToken).ConfigureAwait(false);
        await SendCommandAsync(context, command, hasDataset: true, cancellationToken).ConfigureAwait(false);
        var sink = new DatasetSink(association, context.Id);
        await produce(sink, cancellationToken).ConfigureAwait(false);
        if (!sink.IsComplete)
            await association.SendDataAsync(context.Id, false, ReadOnlyMemory<byte>.Empty, true, cancellationToken)
                .ConfigureAwait(false);
        await association.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(
        AcceptedContext context, CommandSet command, ReadOnlyMemory<byte> dataset, bool hasDataset, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(cancellationToken).ConfigureAwait(false);
        await SendCommandAsync(context, command, hasDataset, cancellationToken).ConfigureAwait(false);
        if (hasDataset)
            await association.SendDataAsync(context.Id, false, dataset, true, cancellationToken).ConfigureAwait(false);
        await association.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private ValueTask SendCommandAsync(AcceptedContext context, CommandSet command, bool hasDataset, CancellationToken cancellationToken)
    {
        if (command.HasDataset != hasDataset)
            command = command with { HasDataset = hasDataset };
        return Gate is { } gate
            ? SendThroughAsync(gate)
            : association.SendDataAsync(context.Id, true, CommandWriter.Encode(command), true, cancellationToken);

        async ValueTask SendThroughAsync(Func<CommandSet, Task> gate)
        {
            await gate(command).ConfigureAwait(false);
            await association.SendDataAsync(context.Id, true, CommandWriter.Encode(command), true, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Takes the bytes of a dataset that is produced while it is sent.</summary>
public sealed class DatasetSink
{
    private readonly Association _association;
    private readonly byte _contextId;

    internal DatasetSink(Association association, byte contextId)
    {
        _association = association;
        _contextId = contextId;
    }

    /// <summary>How many bytes of the dataset were given so far.</summary>
    public long BytesSent { get; private set; }

    internal bool IsComplete { get; private set; }

    /// <summary>Sends the next bytes.</summary>
    /// <param name="bytes">The bytes; they may be reused when the call has ended.</param>
    /// <param name="isLast">Whether the dataset ends with them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isLast, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty && !isLast)
            return;
        await _association.SendDataAsync(_contextId, false, bytes, isLast, cancellationToken).ConfigureAwait(false);
        BytesSent += bytes.Length;
        IsComplete = isLast;
    }
}
