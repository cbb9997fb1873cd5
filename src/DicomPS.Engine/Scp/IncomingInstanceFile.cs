using System.Buffers;
using DicomPS.Data;
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
    private const int BufferLength = 128 * 1024;

    private readonly InstanceReceiverOptions _options;
    private readonly DatasetArrival _arrival;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private FileStream? _file;
    private int _buffered;
    private DicomException? _refusal;

    public IncomingInstanceFile(InstanceReceiverOptions options, DicomTag lastTag, DimseMessage message, AssociationTitles titles)
    {
        _options = options;
        _arrival = new DatasetArrival(TransferSyntax.Find(message.Context.TransferSyntax), lastTag);
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

    public string TemporaryPath { get; private set; }

    public long Length => _arrival.Length;

    public bool IsPlaced { get; set; }

    public void Take(ReadOnlySpan<byte> piece)
    {
        // What is refused is read to its end all the same: the association can go on after it.
        if (_refusal is { })
            return;

        try
        {
            _arrival.Push(piece);
            if (_arrival.InflatedLength > _options.MaximumObjectBytes)
                _refusal = new ServiceException(0xA700, $"Instances of more than {_options.MaximumObjectBytes} bytes are not taken");
            else
                Write(piece);
        }
        catch (DicomDataException broken)
        {
            _refusal = broken;
        }
        catch (IOException problem)
        {
            _refusal = InstanceReceiver.NotWritten(problem);
        }
    }

    /// <summary>Ends the file, and keeps it open: until it has its name, DeleteAbandoned must see that it is somebody's.</summary>
    /// <returns>The first elements.</returns>
    /// <exception cref="DicomException">It was refused: it is not whole, too large, or could not be written.</exception>
    public DicomDataset Finish()
    {
        if (_refusal is { })
            throw _refusal;

        _arrival.Complete();
        Spill();
        if (_options.FlushToDisk)
            _file!.Flush(flushToDisk: true);

        return _arrival.Header;
    }

    /// <summary>Closes the file, whose time and length are final then, and gives its path; it is still deleted unless it is placed.</summary>
    public string Close()
    {
        _file!.Dispose();
        return TemporaryPath;
    }

    public void Dispose()
    {
        _arrival.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        if (_file is null)
            return;

        _file.Dispose();
        if (!IsPlaced)
            File.Delete(TemporaryPath);
    }

    private void Write(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (_buffered == _buffer.Length)
                Spill();

            // Large pieces need no detour through the buffer.
            if (_buffered == 0 && piece.Length >= _buffer.Length)
            {
                _file!.Write(piece);
                return;
            }

            var taken = Math.Min(piece.Length, _buffer.Length - _buffered);
            piece[..taken].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += taken;
            piece = piece[taken..];
        }
    }

    private void Spill()
    {
        _file ??= Create();
        _file.Write(_buffer, 0, _buffered);
        _buffered = 0;
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

    private FileStream Open() => new(TemporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, 1);

    private string NewPath() => Path.Combine(_options.Folder, $"{InstanceReceiver.TemporaryPrefix}{Guid.NewGuid():N}{InstanceReceiver.TemporarySuffix}");
}
