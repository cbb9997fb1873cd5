using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Serialization;

namespace DicomPS.Dimse;

/// <summary>A DIMSE message whose command has arrived; its dataset, if <see cref="CommandSet.HasDataset"/>, is still to be read.</summary>
/// <param name="Context">The presentation context that carries it.</param>
/// <param name="Command">The command.</param>
public sealed record DimseMessage(AcceptedContext Context, CommandSet Command);

/// <summary>
/// Joins PDVs to messages (PS3.8 Annex E, PS3.7 6.3). The command is read whole, the dataset piece by piece as it
/// comes, so memory does not grow with it. One message at a time: what is left of a dataset is passed over when the
/// next message is asked for. A peer that breaks the order of PDVs is aborted.
/// </summary>
/// <param name="association">Where the PDVs come from.</param>
public sealed class DimseReader(Association association)
{
    private readonly byte[] _command = new byte[1024];
    private byte[]? _longCommand;
    private byte _openContext;
    private bool _datasetIsOpen;

    /// <summary>The most bytes that <see cref="ReadDatasetAsync"/> accepts: identifiers, not images. 16 MiB.</summary>
    public const int MaximumDatasetLength = 16 * 1024 * 1024;

    /// <summary>Waits for the next message.</summary>
    /// <param name="cancellationToken">Gives up the wait; the association is of no use afterwards.</param>
    /// <returns>The message, or null when the peer has released the association.</returns>
    /// <exception cref="DicomNetworkException">The association broke, or the peer sent what it must not; the association is aborted.</exception>
    public async ValueTask<DimseMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (_datasetIsOpen)
            await ReadDataAsync(cancellationToken).ConfigureAwait(false);

        var length = 0;
        while (true)
        {
            var next = await association.ReceiveDataAsync(cancellationToken).ConfigureAwait(false);
            if (next is not { } fragment)
                return length == 0 ? null : throw await BrokenAsync("released the association in the middle of a command").ConfigureAwait(false);
            if (!fragment.IsCommand)
                throw await BrokenAsync("sent a dataset where a command was due").ConfigureAwait(false);
            if (length > 0 && fragment.ContextId != _openContext)
                throw await BrokenAsync("changed the presentation context in the middle of a command").ConfigureAwait(false);
            _openContext = fragment.ContextId;
            if (fragment.IsLast && length == 0)
                return await OpenAsync(fragment.ContextId, fragment.Bytes).ConfigureAwait(false);
            if (length + fragment.Bytes.Length > CommandReader.MaximumLength)
                throw await BrokenAsync($"sent a command of more than {CommandReader.MaximumLength} bytes").ConfigureAwait(false);
            var buffer = BufferFor(length, length + fragment.Bytes.Length);
            fragment.Bytes.CopyTo(buffer.AsMemory(length));
            length += fragment.Bytes.Length;
            if (fragment.IsLast)
                return await OpenAsync(fragment.ContextId, buffer.AsMemory(0, length)).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the next piece of the open message's dataset.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <returns>The piece, valid until the next call; null after the last one.</returns>
    /// <exception cref="DicomNetworkException">As for <see cref="ReceiveAsync"/>.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadDataAsync(CancellationToken cancellationToken)
    {
        if (!_datasetIsOpen)
            return null;
        var next = await association.ReceiveDataAsync(cancellationToken).ConfigureAwait(false);
        if (next is not { } fragment)
            throw await BrokenAsync("released the association in the middle of a dataset").ConfigureAwait(false);
        if (fragment.IsCommand)
            throw await BrokenAsync("sent a command in the middle of a dataset").ConfigureAwait(false);
        if (fragment.ContextId != _openContext)
            throw await BrokenAsync("changed the presentation context in the middle of a dataset").ConfigureAwait(false);
        _datasetIsOpen = !fragment.IsLast;
        return fragment.Bytes;
    }

    /// <summary>Reads the open message's dataset whole. For identifiers and other small datasets.</summary>
    /// <param name="message">The message returned last.</param>
    /// <param name="fallback">How text is read where the dataset declares no character set; null for the default repertoire.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="DicomDataException">The bytes are no dataset. The association can still be used.</exception>
    /// <exception cref="DicomNetworkException">As for <see cref="ReceiveAsync"/>; also when the dataset is over 16 MiB.</exception>
    public async ValueTask<DicomDataset> ReadDatasetAsync(DimseMessage message, TextCodec? fallback, CancellationToken cancellationToken)
    {
        var bytes = ReadOnlyMemory<byte>.Empty;
        MemoryStream? whole = null;
        while (await ReadDataAsync(cancellationToken).ConfigureAwait(false) is { } piece)
        {
            if ((whole?.Length ?? 0) + piece.Length > MaximumDatasetLength)
                throw await BrokenAsync($"sent an identifier of more than {MaximumDatasetLength >> 20} MiB").ConfigureAwait(false);
            if (whole is null && !_datasetIsOpen)
            {
                bytes = piece.ToArray();
                break;
            }
            whole ??= new MemoryStream();
            whole.Write(piece.Span);
            bytes = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        }
        var options = fallback is null ? null : new DatasetReaderOptions { FallbackText = fallback };
        return DatasetReader.Read(bytes, TransferSyntax.Find(message.Context.TransferSyntax), options);
    }

    private async ValueTask<DimseMessage> OpenAsync(byte contextId, ReadOnlyMemory<byte> bytes)
    {
        if (association.FindContext(contextId) is not { } context)
            throw await BrokenAsync($"used presentation context {contextId}, which was not accepted").ConfigureAwait(false);
        CommandSet command;
        try
        {
            command = CommandReader.Decode(bytes.Span);
        }
        catch (DicomDataException problem)
        {
            throw await BrokenAsync($"sent a command that cannot be read: {problem.Message}").ConfigureAwait(false);
        }
        _datasetIsOpen = command.HasDataset;
        return new DimseMessage(context, command);
    }

    private byte[] BufferFor(int used, int needed)
    {
        var buffer = _longCommand ?? _command;
        if (buffer.Length >= needed)
            return buffer;
        _longCommand = new byte[Math.Min(CommandReader.MaximumLength, Math.Max(needed, 2 * buffer.Length))];
        buffer.AsSpan(0, used).CopyTo(_longCommand);
        return _longCommand;
    }

    private async ValueTask<DicomNetworkException> BrokenAsync(string what)
    {
        // PS3.8 9.3.8: source 2 is the service provider, reason 6 an invalid parameter value.
        await association.AbortAsync(2, 6).ConfigureAwait(false);
        return new DicomNetworkException($"The peer {what}. The association was aborted.") { Stage = DicomStage.Dimse, Problem = NetworkProblem.ProtocolViolation };
    }
}
