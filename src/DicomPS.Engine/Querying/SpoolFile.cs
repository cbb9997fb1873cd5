using System.Buffers.Binary;

namespace DicomPS.Querying;

/// <summary>Entries of bytes, first in, first out, in a temporary file without a name. Not for several threads at once.</summary>
/// <param name="limit">The most bytes that may wait in it.</param>
internal sealed class SpoolFile(long limit) : IDisposable
{
    /// <summary>What the names of such files begin with while they have one.</summary>
    public const string Prefix = "dicomps-answers-";

    private const int HeaderLength = 4;
    private readonly byte[] _out = new byte[64 * 1024];
    private byte[] _in = [];
    private FileStream? _file;
    private int _outStart;
    private int _outEnd;
    private int _inStart;
    private int _inEnd;
    private long _written;
    private long _read;

    /// <summary>How many entries wait.</summary>
    public long Count { get; private set; }

    /// <summary>The bytes of the entries that wait.</summary>
    public long Length { get; private set; }

    /// <summary>The file as it is open, or null before it was needed.</summary>
    public FileStream? File => _file;

    /// <summary>Puts an entry behind the others.</summary>
    /// <param name="entry">Its bytes.</param>
    /// <exception cref="AnswerSpoolException">There is no room for it; nothing has changed.</exception>
    public void Append(byte[] entry)
    {
        var length = HeaderLength + entry.Length;
        if (Length + length > limit)
            throw new AnswerSpoolException($"{Count} answers wait to be taken, and no more than {limit >> 20} MiB are kept of them.", null);
        if (_outEnd + length > _out.Length)
            Flush();
        var bytes = _out.AsSpan();
        if (length > _out.Length)
        {
            var whole = new byte[length];
            BinaryPrimitives.WriteInt32LittleEndian(whole, entry.Length);
            entry.CopyTo(whole, HeaderLength);
            Write(whole, 0, length);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.Slice(_outEnd), entry.Length);
            entry.CopyTo(_out, _outEnd + HeaderLength);
            _outEnd += length;
        }

        Count++;
        Length += length;
    }

    /// <summary>Takes the first entry; there is one.</summary>
    public byte[] Dequeue()
    {
        var header = Next(HeaderLength);
        var entry = Next(BinaryPrimitives.ReadInt32LittleEndian(header));
        Count--;
        Length -= HeaderLength + entry.Length;
        if (Count == 0)
            Clear();
        return entry;
    }

    /// <summary>Closes the file, and nothing is left of it.</summary>
    public void Dispose() => _file?.Dispose();

    // What is in the file is older than what is in the buffer; an entry is never in both.
    private byte[] Next(int count)
    {
        var bytes = new byte[count];
        if (_inStart == _inEnd && _read == _written)
        {
            Array.Copy(_out, _outStart, bytes, 0, count);
            _outStart += count;
            return bytes;
        }

        for (var have = 0; have < count;)
        {
            if (_inStart == _inEnd)
                Fill();
            var take = Math.Min(count - have, _inEnd - _inStart);
            Array.Copy(_in, _inStart, bytes, have, take);
            _inStart += take;
            have += take;
        }

        return bytes;
    }

    private void Fill()
    {
        if (_in.Length == 0)
            _in = new byte[64 * 1024];
        _file!.Position = _read;
        var got = _file.Read(_in, 0, (int)Math.Min(_in.Length, _written - _read));
        if (got == 0)
            throw new EndOfStreamException("The temporary file with the answers that wait is shorter than what was written to it.");
        _read += got;
        _inStart = 0;
        _inEnd = got;
    }

    private void Flush()
    {
        if (_outEnd > _outStart)
            Write(_out, _outStart, _outEnd - _outStart);
        _outStart = _outEnd = 0;
    }

    private void Write(byte[] bytes, int start, int count)
    {
        try
        {
            _file ??= Compatibility.TemporaryFiles.Create(Prefix);
            _file.Position = _written;
            _file.Write(bytes, start, count);
            _file.Flush();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new AnswerSpoolException(
                $"{Count} answers wait to be taken, and no more can be kept in {Path.GetTempPath()}: {problem.Message}", problem);
        }

        _written += count;
    }

    private void Clear()
    {
        _outStart = _outEnd = _inStart = _inEnd = 0;
        _written = _read = 0;
        _file?.SetLength(0);
    }
}
