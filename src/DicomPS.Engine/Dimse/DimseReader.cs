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
    private MemoryLease? _lease;

    /// <summary>What large identifiers may take, together with those of other associations; null sets no limit.</summary>
    internal MemoryBudget? Budget { get; init; }

    // A final response has the last word: the dataset that it announces may be missing, until its first byte has come.
    private bool _datasetMayBeMissing;

    // What was read while looking for such a dataset, and the read that is still under way.
    private DataFragment? _kept;
    private Task<DataFragment?>? _ahead;
    private CancellationTokenSource? _aheadStop;
    private bool _isHeld;

    /// <summary>The most bytes of a dataset that is read whole: identifiers, not images. 16 MiB.</summary>
    public const int MaximumDatasetLength = 16 * 1024 * 1024;

    // A deflated identifier.
    private const int MostInflated = 4 * 1024 * 1024;

    /// <summary>Waits for the next message.</summary>
    /// <param name="cancellationToken">Gives up the wait; the association is of no use afterwards.</param>
    /// <returns>The message, or null when the peer has released the association.</returns>
    /// <exception cref="DicomNetworkException">
    /// The association broke, or the peer sent what it must not, such as a response without a status; the association is aborted.
    /// </exception>
    public async ValueTask<DimseMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        Release();
        while (_datasetIsOpen)
            await ReadDataAsync(cancellationToken).ConfigureAwait(false);
        association.IsInsideMessage = false;

        var length = 0;
        while (true)
        {
            var next = await FragmentAsync(cancellationToken).ConfigureAwait(false);
            if (next is not { } fragment)
                return length == 0 ? null
                    : throw await BrokenAsync("released the association in the middle of a command").ConfigureAwait(false);
            association.IsInsideMessage = true;
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
        var next = await FragmentAsync(cancellationToken).ConfigureAwait(false);
        if (_datasetMayBeMissing && next is not { IsCommand: false })
        {
            _datasetIsOpen = _datasetMayBeMissing = false;
            _kept = next;
            return null;
        }

        _datasetMayBeMissing = false;
        if (next is not { } fragment)
            throw await BrokenAsync("released the association in the middle of a dataset").ConfigureAwait(false);
        if (fragment.IsCommand)
            throw await BrokenAsync("sent a command in the middle of a dataset").ConfigureAwait(false);
        if (fragment.ContextId != _openContext)
            throw await BrokenAsync("changed the presentation context in the middle of a dataset").ConfigureAwait(false);
        _datasetIsOpen = !fragment.IsLast;
        return fragment.Bytes;
    }

    /// <summary>
    /// Whether the dataset that the message announces begins to come. For a final response, which some peers send with a wrong
    /// Command Data Set Type (0000,0800): whoever waits for what never comes has the answer and does not know it. What comes
    /// later is passed over. The dataset of any other message is due.
    /// </summary>
    /// <param name="patience">How long it may take to begin.</param>
    /// <param name="cancellationToken">Gives up the wait; the association is of no use afterwards.</param>
    public async ValueTask<bool> DatasetComesAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!_datasetIsOpen || !_datasetMayBeMissing)
            return _datasetIsOpen;
        if (_kept is null)
        {
            Hold();
            using var registration = Ahead(cancellationToken);
            if (!_ahead!.IsCompleted)
            {
                using var clock = new CancellationTokenSource();
                await Task.WhenAny(_ahead, Task.Delay(patience, clock.Token)).ConfigureAwait(false);
                clock.Cancel();
            }

            // Also when the association is over: the response was there before, and the next call tells what happened then.
            if (_ahead.Status != TaskStatus.RanToCompletion)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return false;
            }

            _kept = await FragmentAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_kept is { IsCommand: false })
            return true;
        _datasetIsOpen = _datasetMayBeMissing = false;
        return false;
    }

    /// <summary>Reads the open message's dataset whole, within the widest limit.</summary>
    /// <param name="message">The message returned last.</param>
    /// <param name="fallback">How text is read where the dataset declares no character set; null for the default repertoire.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="ResourceLimitException">It has more, or other associations have large requests too.</exception>
    /// <exception cref="DicomDataException">The bytes are no dataset. The association can still be used.</exception>
    /// <exception cref="DicomNetworkException">As for <see cref="ReceiveAsync"/>; also when the dataset is over 16 MiB.</exception>
    public ValueTask<DicomDataset> ReadDatasetAsync(DimseMessage message, TextCodec? fallback, CancellationToken cancellationToken) =>
        ReadDatasetAsync(message, fallback, DatasetLimit.Any, cancellationToken);

    /// <summary>Reads the open message's dataset whole. For identifiers and other small datasets.</summary>
    /// <param name="message">The message returned last.</param>
    /// <param name="fallback">How text is read where the dataset declares no character set; null for the default repertoire.</param>
    /// <param name="limit">What the service needs at most; a larger dataset is refused and not kept.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="ResourceLimitException">
    /// It is larger, or other associations have large requests too. The association can still be used.
    /// </exception>
    /// <exception cref="DicomDataException">The bytes are no dataset. The association can still be used.</exception>
    /// <exception cref="DicomNetworkException">As for <see cref="ReceiveAsync"/>; also when the dataset is over 16 MiB.</exception>
    public async ValueTask<DicomDataset> ReadDatasetAsync(DimseMessage message, TextCodec? fallback, DatasetLimit limit,
        CancellationToken cancellationToken)
    {
        var bytes = ReadOnlyMemory<byte>.Empty;
        MemoryStream? whole = null;
        var length = 0L;
        while (await ReadDataAsync(cancellationToken).ConfigureAwait(false) is { } piece)
        {
            length += piece.Length;
            if (length > MaximumDatasetLength)
                throw await BrokenAsync($"sent an identifier of more than {MaximumDatasetLength >> 20} MiB").ConfigureAwait(false);
            if (length == piece.Length && !_datasetIsOpen)
            {
                bytes = piece.ToArray();
                break;
            }

            // Read to its end all the same, so that the answer does not come before the question.
            if (length > limit.Bytes)
            {
                (whole, bytes) = (null, default);
                _lease?.Release();
                continue;
            }

            // The stream grows by doubling.
            (_lease ??= new MemoryLease(Budget)).Add(2L * piece.Length);
            whole ??= new MemoryStream();
            whole.Write(piece.Span);
            bytes = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        }

        if (length > limit.Bytes)
            throw new ResourceLimitException($"More than {limit.Bytes} bytes: {length} came");
        var options = new DatasetReaderOptions
        {
            MaxInflatedLength = MostInflated,
            MaxElements = limit.Elements,
            // To a peer that asks, a shortage; of one that answers, data that are none.
            TooManyElements = Budget is null ? null
                : () => new ResourceLimitException($"More than {limit.Elements} elements in {bytes.Length} bytes"),
            Charge = memory => (_lease ??= new MemoryLease(Budget)).Add(memory),
            FallbackText = fallback ?? TextCodec.Default,
        };
        return DatasetReader.Read(bytes, TransferSyntax.Find(message.Context.TransferSyntax), options);
    }

    /// <summary>Gives back what the last identifier took. The next message does it too.</summary>
    internal void Release() => _lease?.Release();

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

        if (command.MissingElement is { } missing)
        {
            await association.AbortAsync(2, 6).ConfigureAwait(false);
            throw new DicomNetworkException($"The peer's {command.Operation} response has no {missing}. The association was aborted.")
            {
                Stage = DicomStage.Dimse,
                Problem = NetworkProblem.ProtocolViolation,
                Advice =
                    "The peer's software breaks the standard here (PS3.7 9.3), so what became of the request is not known. Look there.",
            };
        }

        _datasetIsOpen = command.HasDataset;
        _datasetMayBeMissing = command.IsResponse && DimseStatus.CategoryOf(command.Status) != DimseStatusCategory.Pending;
        return new DimseMessage(context, command);
    }

    private ValueTask<DataFragment?> FragmentAsync(CancellationToken cancellationToken)
    {
        if (_kept is { } kept)
        {
            _kept = null;
            return new ValueTask<DataFragment?>(kept);
        }

        return _ahead is null ? association.ReceiveDataAsync(cancellationToken) : FragmentAheadAsync(cancellationToken);
    }

    private async ValueTask<DataFragment?> FragmentAheadAsync(CancellationToken cancellationToken)
    {
        Unhold();
        using var registration = Ahead(cancellationToken);
        try
        {
            return await _ahead!.ConfigureAwait(false);
        }
        finally
        {
            _ahead = null;
        }
    }

    // A read cannot be taken back: it goes on while others are waited for, and who asks next takes it over.
    private CancellationTokenRegistration Ahead(CancellationToken cancellationToken)
    {
        var stop = _aheadStop ??= new CancellationTokenSource();
        if (_ahead is null)
        {
            _ahead = association.ReceiveDataAsync(stop.Token).AsTask();
            // It may end with the association when nobody asks any more.
            _ = _ahead.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }

        return cancellationToken.Register(stop.Cancel);
    }

    // Nothing is owed to this side any more: the silence of the peer is no timeout until the next message is asked for.
    private void Hold()
    {
        if (!_isHeld)
            association.BeginService();
        _isHeld = true;
    }

    private void Unhold()
    {
        if (_isHeld)
            association.EndService();
        _isHeld = false;
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
        return DimseExchange.Broken(what);
    }
}
