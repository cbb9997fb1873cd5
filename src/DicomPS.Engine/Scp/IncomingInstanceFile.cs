using System.Buffers;
using DicomPS.Compatibility;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Scp;

/// <summary>
/// One instance on its way into a file: written as it comes, under a temporary name, and walked over as it comes, so that at its end it is
/// known to be whole.
/// </summary>
internal sealed class IncomingInstanceFile : IDisposable
{
    private const int Boundary = 64 * 1024, BufferLength = 2 * Boundary;
    private const int HeavyLength = 4 * 1024 * 1024, HeavyRatio = 32, HeavyElements = 100_000;

    private readonly InstanceReceiverOptions _options;
    private readonly DatasetArrival _arrival;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private FileStream? _file;
    private readonly ReadOnlyMemory<byte>[] _pieces = new ReadOnlyMemory<byte>[2];
    private int _buffered;
    private long _written;
    private DicomException? _refusal;
    private bool _isClosed;

    public IncomingInstanceFile(InstanceReceiverOptions options, DicomTag lastTag, DimseMessage message, AssociationTitles titles)
    {
        _options = options;
        _arrival = new DatasetArrival(TransferSyntax.Find(message.Context.TransferSyntax), lastTag, options.Wanted);
        TemporaryPath = NewPath();
        var meta = new FileMeta
        {
            MediaStorageSopClassUid = message.Command.AffectedSopClassUid,
            MediaStorageSopInstanceUid = message.Command.AffectedSopInstanceUid,
            TransferSyntaxUid = message.Context.TransferSyntax,
            ImplementationClassUid = Uid.ImplementationClassUid,
            ImplementationVersionName = Uid.ImplementationVersionName,
            SourceApplicationEntityTitle = titles.CallingAETitle,
        }.ToArray();
        meta.CopyTo(_buffer, 0);
        _buffered = meta.Length;
    }

    private bool KeepsBroken => _options.BrokenFolder is { } && _refusal is (null or DicomDataException);

    /// <summary>
    /// Whether it is a lot of work for what came: a deflate stream that gives far more than it is, or next to nothing but headers.
    /// </summary>
    public bool IsHeavy => (_arrival.InflatedLength > HeavyLength && _arrival.InflatedLength / HeavyRatio > Length)
        || (_arrival.Elements > HeavyElements && _arrival.InflatedLength / HeavyRatio < _arrival.Elements);

    /// <summary>Whether the first elements are all that is wanted, as they would be read from the file.</summary>
    public bool IsHeaderWhole => _arrival.IsHeaderWhole;

    public string TemporaryPath { get; private set; }

    public long Length { get; private set; }

    public bool IsPlaced { get; set; }

    /// <summary>Makes the file, while its sender reads what it sends.</summary>
    public void Begin()
    {
        try
        {
            _file = Create();
        }
        catch (IOException problem)
        {
            _refusal = InstanceReceiver.NotWritten(problem);
        }
    }

    public void Append(ReadOnlyMemory<byte> piece)
    {
        Length += piece.Length;
        // What is refused is read to its end all the same: the association can go on after it.
        if (_refusal is { } && !KeepsBroken)
            return;

        try
        {
            if (_refusal is null)
                _arrival.Push(piece.Span);
            if (Math.Max(Length, _arrival.InflatedLength) > _options.MaximumObjectBytes)
                _refusal = new ServiceException(Statuses.Storage.OutOfResources,
                    $"Instances of more than {_options.MaximumObjectBytes} bytes are not taken");
        }
        catch (DicomDataException broken)
        {
            _refusal = broken;
        }

        try
        {
            if (_refusal is null || KeepsBroken)
                Write(piece);
        }
        catch (IOException problem)
        {
            _refusal = InstanceReceiver.NotWritten(problem);
        }
    }

    /// <summary>
    /// Puts what came where broken instances are kept, never over another; when that fails too, it is deleted as all that is refused.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="message">The request.</param>
    /// <param name="titles">Who sends.</param>
    /// <param name="problem">Why it was refused.</param>
    public BrokenInstance SetAside(string folder, DimseMessage message, AssociationTitles titles, DicomException problem)
    {
        var name = Uid.IsValid(message.Command.AffectedSopInstanceUid) ? message.Command.AffectedSopInstanceUid! : "unknown";
        string? path = null;
        try
        {
            if (Length > 0)
            {
                if (!_isClosed)
                    Spill();
                _options.Files.CreateFolder(folder);
                for (var number = 0; path is null; number++)
                    path = TryMove(Path.Combine(folder, number == 0 ? $"{name}.dcm" : $"{name}-{number}.dcm"));
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The failure that the sender hears stays the first one.
            path = null;
        }

        return new BrokenInstance
        {
            Path = path,
            Problem = problem.Message,
            SOPInstanceUID = message.Command.AffectedSopInstanceUid,
            SOPClassUID = message.Command.AffectedSopClassUid,
            TransferSyntaxUID = message.Context.TransferSyntax,
            CallingAETitle = titles.CallingAETitle,
            RemoteEndPoint = titles.RemoteEndPoint,
            Bytes = Length,
            ReceivedAt = DateTime.Now,
        };
    }

    private string? TryMove(string target)
    {
        try
        {
            if (!_options.Files.TryMoveToNew(TemporaryPath, target))
                return null;

            IsPlaced = true;
        }
        catch (IOException) when (!File.Exists(target))
        {
            // Another disk than the one that receives: no name can move there.
            File.Copy(TemporaryPath, target);
        }

        return target;
    }

    /// <summary>Ends the file, and keeps it open: until it has its name, DeleteAbandoned must see that it is somebody's.</summary>
    /// <returns>The first elements.</returns>
    /// <exception cref="DicomException">It was refused: it is not whole, too large, or could not be written.</exception>
    public DicomDataset Finish()
    {
        if (_refusal is { })
            throw _refusal;

        Spill();
        _arrival.Complete();
        if (_options.FlushToDisk)
            _options.Files.Flush(_file!);

        return _arrival.Header;
    }

    /// <summary>
    /// Closes the file, whose time and length are final then, and gives its path; it is still deleted unless it is placed.
    /// </summary>
    public string Close()
    {
        _file!.Dispose();
        _isClosed = true;
        return TemporaryPath;
    }

    public void Dispose()
    {
        _arrival.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        if (_file is null)
            return;

        _file.Dispose();
        if (IsPlaced)
            return;
        try
        {
            _options.Files.Delete(TemporaryPath);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // The next start deletes it, and its sender hears why the instance was refused, not this.
            return;
        }
    }

    // What stands before a boundary of the file goes out with its piece; only the rest is copied. Writes that begin or end elsewhere take
    // a third longer.
    private void Write(ReadOnlyMemory<byte> piece)
    {
        if (_buffered + piece.Length >= BufferLength)
        {
            var end = (_written + _buffered + piece.Length) / Boundary * Boundary;
            var whole = (int)(end - _written - _buffered);
            WriteOut(piece[..whole]);
            piece = piece[whole..];
        }

        piece.CopyTo(_buffer.AsMemory(_buffered));
        _buffered += piece.Length;
    }

    private void WriteOut(ReadOnlyMemory<byte> piece)
    {
        _pieces[0] = _buffer.AsMemory(0, _buffered);
        _pieces[1] = piece;
        _options.Files.Write(_file!, _written, _pieces);
        _pieces[1] = default;
        _written += _buffered + piece.Length;
        _buffered = 0;
    }

    private void Spill()
    {
        if (_buffered > 0) WriteOut(default);
    }

    private FileStream Create()
    {
        try
        {
            return Open();
        }
        catch (IOException)
        {
            // Between its creation and its lock a new file may look abandoned to a server that starts: once more, under another name.
            TemporaryPath = NewPath();
            return Open();
        }
    }

    private FileStream Open() =>
        _options.Files.Open(TemporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);

    private string NewPath() => Path.Combine(_options.Folder,
        $"{InstanceReceiver.TemporaryPrefix}{Guid.NewGuid():N}{InstanceReceiver.TemporarySuffix}");
}
