using System.Buffers.Binary;
using System.Threading.Channels;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Matching;
using DicomPS.Serialization;

namespace DicomPS.Querying;

/// <summary>
/// What a job has found and nobody has taken yet, in order. The peer is read at its own speed, whoever takes the answers may need days
/// for them: the first thousands wait in memory, the others as datasets in a temporary file. One reader, any number of writers.
/// </summary>
internal sealed class AnswerSpool(QueryLevel level, ObjectModel? model, DicomNode? node, TextCodec? fallback, long limit,
    int mostInMemory = AnswerSpool.MostInMemory)
    : ChannelReader<QueryValue>, IDisposable
{
    /// <summary>
    /// How many answers wait in memory: enough that the file is for consumers that are slow, and not for those that are a little
    /// slower.
    /// </summary>
    public const int MostInMemory = 16_384;

    private const long MostBytesInMemory = 48 << 20;
    private const int HeaderLength = 18;
    private const byte Explicit = 0, Implicit = 1, Kept = 2;
    private readonly object _gate = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Queue<(QueryValue Value, long Weight)> _memory = new();
    private readonly Queue<QueryValue> _kept = new();
    private readonly Queue<QueryValue> _last = new();
    private readonly List<DicomDataset> _asked = [];
    private readonly SpoolFile _file = new(limit);
    private readonly DatasetReaderOptions? _reading = fallback is null ? null : new DatasetReaderOptions { FallbackText = fallback };
    private long _weight;
    private bool _isAwaited;
    private bool _isFull;
    private bool _isComplete;
    private Exception? _problem;

    /// <summary>Puts something that is no answer behind the others.</summary>
    /// <param name="value">What there is to know.</param>
    public void Add(QueryValue value)
    {
        lock (_gate)
        {
            if (_isFull)
                _last.Enqueue(value);
            else if (_file.Count == 0)
                _memory.Enqueue((value, 0));
            else
                Keep(value);
            Wake();
        }
    }

    /// <summary>Puts an answer behind the others.</summary>
    /// <param name="found">The answer.</param>
    /// <param name="asked">What it answers.</param>
    /// <param name="part">Which part of its dataset it is.</param>
    /// <exception cref="AnswerSpoolException">There is no more room.</exception>
    public void Add(QueryFound found, DicomDataset asked, int part)
    {
        lock (_gate)
        {
            if (_isFull)
                throw Full("The answers that wait to be taken fill the room that there is for them.", null);
            if (_file.Count == 0 && _memory.Count < mostInMemory && _weight < MostBytesInMemory)
            {
                var weight = WeightOf(found.Result.Dataset);
                _memory.Enqueue((found, weight));
                _weight += weight;
            }
            else
            {
                Spool(found, asked, part);
            }

            Wake();
        }
    }

    /// <summary>Says that nothing more comes.</summary>
    /// <param name="problem">Why, when that is no good end.</param>
    public void Complete(Exception? problem)
    {
        lock (_gate)
        {
            _isComplete = true;
            _problem = problem;
            Wake();
        }
    }

    /// <summary>Waits for something to take; false at the end.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_memory.Count > 0 || _file.Count > 0 || _last.Count > 0)
                    return true;
                if (_isComplete)
                    return _problem is null ? false : throw _problem;
                _isAwaited = true;
            }

            await _signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the first that waits.</summary>
    /// <param name="value">It.</param>
    public override bool TryRead(out QueryValue value)
    {
        byte[] entry;
        DicomDataset asked;
        lock (_gate)
        {
            if (_memory.Count > 0)
            {
                (value, var weight) = _memory.Dequeue();
                _weight -= weight;
                return true;
            }

            if (_file.Count == 0)
            {
                value = _last.Count > 0 ? _last.Dequeue() : null!;
                return value is not null;
            }

            entry = _file.Dequeue();
            if (entry[0] == Kept)
            {
                value = _kept.Dequeue();
                return true;
            }

            asked = _asked[BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(2))];
        }

        value = Restore(entry, asked);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _file.Dispose();
        _signal.Dispose();
    }

    private static AnswerSpoolException Full(string message, Exception? inner) =>
        new(message, inner) { Stage = DicomStage.File, Advice = AnswerSpoolException.Remedy };

    private void Wake()
    {
        if (!_isAwaited)
            return;
        _isAwaited = false;
        _signal.Release();
    }

    private void Spool(QueryFound found, DicomDataset asked, int part)
    {
        var dataset = found.Result.Dataset!;
        // An explicit length has 16 bits in most VRs (PS3.5 7.1.2); what is longer keeps its bytes in the implicit form.
        var form = dataset.Any(element => element is DicomValue { Length: > ushort.MaxValue - 1 }) ? Implicit : Explicit;
        byte[] bytes;
        try
        {
            bytes = DatasetWriter.ToArray(dataset, form == Explicit ? TransferSyntax.ExplicitVRLittleEndian
                : TransferSyntax.ImplicitVRLittleEndian);
        }
        catch (InvalidOperationException)
        {
            // What cannot be spelt stays what it is.
            Append(() => Keep(found));
            return;
        }

        var entry = new byte[HeaderLength + bytes.Length];
        entry[0] = form;
        entry[1] = found.Result.Matches switch { null => 0, false => 1, true => 2 };
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(2), IndexOf(asked));
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(6), part);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(10), found.Target);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(14), found.Query);
        bytes.CopyTo(entry, HeaderLength);
        Append(() => _file.Append(entry));
    }

    private void Append(Action append)
    {
        try
        {
            append();
        }
        catch (AnswerSpoolException problem)
        {
            _isFull = true;
            throw Full(problem.Message, problem.InnerException);
        }
    }

    private void Keep(QueryValue value)
    {
        try
        {
            _file.Append([Kept]);
            _kept.Enqueue(value);
        }
        catch (AnswerSpoolException) when (value is not QueryFound)
        {
            _isFull = true;
            _last.Enqueue(value);
        }
    }

    // Answers of one request come one after the other, and no more requests run at once than there are associations.
    private int IndexOf(DicomDataset asked)
    {
        const int atOnce = 32;
        for (var i = _asked.Count - 1; i >= Math.Max(0, _asked.Count - atOnce); i--)
        {
            if (ReferenceEquals(_asked[i], asked))
                return i;
        }

        _asked.Add(asked);
        return _asked.Count - 1;
    }

    private QueryFound Restore(byte[] entry, DicomDataset asked)
    {
        var syntax = entry[0] == Explicit ? TransferSyntax.ExplicitVRLittleEndian : TransferSyntax.ImplicitVRLittleEndian;
        var answer = DatasetReader.Read(entry.AsMemory(HeaderLength), syntax, _reading);
        var part = QueryResults.Parts(level, answer)[BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(6))];
        return new QueryFound(QueryResults.One(level, answer, part, asked, node, model) with
        { Matches = entry[1] switch { 1 => false, 2 => true, _ => null } })
        {
            Target = BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(10)),
            Query = BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(14)),
        };
    }

    private static long WeightOf(DicomDataset? dataset)
    {
        long weight = 0;
        foreach (var element in dataset ?? [])
            weight += 64 + (element is DicomSequence sequence ? sequence.Items.Sum(WeightOf) : ((DicomValue)element).Length);
        return weight;
    }
}
