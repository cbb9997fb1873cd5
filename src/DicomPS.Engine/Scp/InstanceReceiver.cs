using System.Buffers;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Scp;

/// <summary>Where received instances go.</summary>
public sealed record InstanceReceiverOptions
{
    /// <summary>The folder that everything stays in, full path; temporary files lie in it too, so that renaming never copies.</summary>
    public required string Folder { get; init; }

    /// <summary>The full path for an instance, from its first elements and the association that brings it.</summary>
    public required Func<DicomDataset, AssociationTitles, string> PathFor { get; init; }

    /// <summary>The highest tag that <see cref="PathFor"/> needs.</summary>
    public required DicomTag LastTag { get; init; }

    /// <summary>Waited for before an instance is put in its place, with its first elements; what it throws refuses the instance. Null waits for nothing.</summary>
    public Func<DicomDataset, AssociationTitles, CancellationToken, Task>? Placing { get; init; }

    /// <summary>Puts a whole file in its place instead of <see cref="PathFor"/> and <see cref="Duplicates"/>; null leaves it to them.</summary>
    public InstancePlacer? Place { get; init; }

    /// <summary>What happens to an instance that is there already.</summary>
    public DuplicatePolicy Duplicates { get; init; }

    /// <summary>The largest dataset taken, in bytes. Default no limit but the disk.</summary>
    public long MaximumObjectBytes { get; init; } = long.MaxValue;

    /// <summary>Whether Success waits until the disk itself has the file. Default false: the operating system has it, which outlives this process but no power cut.</summary>
    public bool FlushToDisk { get; init; }
}

/// <summary>Takes over a file that was received whole. It has its place when this returns; when it throws, nothing has changed and the instance is refused.</summary>
/// <param name="temporary">The file, which nobody has open.</param>
/// <param name="header">Its first elements.</param>
/// <param name="titles">Who sends.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task<PlacedFile> InstancePlacer(string temporary, DicomDataset header, AssociationTitles titles, CancellationToken cancellationToken);

/// <summary>A file in its place.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Replaced">Whether a file of the same instance was replaced.</param>
public sealed record PlacedFile(string Path, bool Replaced);

/// <summary>Who sends and to whom, as they call themselves.</summary>
/// <param name="CallingAETitle">The sender.</param>
/// <param name="CalledAETitle">Whom it called.</param>
/// <param name="RemoteEndPoint">The sender's address and port.</param>
public sealed record AssociationTitles(string CallingAETitle, string CalledAETitle, string RemoteEndPoint);

/// <summary>
/// Takes the dataset of a C-STORE request into a file, byte for byte: first under a temporary name, in its place only
/// when it is whole. Memory does not grow with the instance.
/// </summary>
/// <param name="options">Where instances go.</param>
public sealed class InstanceReceiver(InstanceReceiverOptions options)
{
    /// <summary>Temporary files are named <c>.dicomps-*.part</c>.</summary>
    public const string TemporaryPrefix = ".dicomps-", TemporarySuffix = ".part";

    private const int BufferLength = 128 * 1024;
    private static readonly DicomTag LastIdentifyingTag = Tags.StudyID;
    private readonly DicomTag _lastTag = options.LastTag > LastIdentifyingTag ? options.LastTag : LastIdentifyingTag;
    private string? _knownFolder;

    /// <summary>Receives one instance.</summary>
    /// <param name="reader">Where the dataset is read from.</param>
    /// <param name="message">The C-STORE request.</param>
    /// <param name="titles">Who sends.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    /// <returns>The instance, in its place.</returns>
    /// <exception cref="ServiceException">It was not stored: A700 no room, A900 other UIDs than announced, 0111 duplicate, 0106 no UID.</exception>
    /// <exception cref="DicomDataException">The dataset cannot be read as far as naming it needs.</exception>
    public async Task<ReceivedInstance> ReceiveAsync(
        DimseReader reader, DimseMessage message, AssociationTitles titles, CancellationToken cancellationToken)
    {
        var command = message.Command;
        if (command.AffectedSopInstanceUid is not { } instanceUid || command.AffectedSopClassUid is null)
            throw new ServiceException(0x0106, "The request names no SOP class or SOP instance") { OffendingElements = [0x00001000] };

        var incoming = new Incoming(options, _lastTag, message, titles);
        try
        {
            while (await reader.ReadDataAsync(cancellationToken).ConfigureAwait(false) is { } piece)
                incoming.Take(piece.Span);
            var header = incoming.Finish();
            CheckIdentity(header, command);
            if (options.Placing is { } placing)
                await placing(header, titles, cancellationToken).ConfigureAwait(false);
            var (path, replaced) = options.Place is { } place
                ? await place(incoming.Close(), header, titles, cancellationToken).ConfigureAwait(false)
                : Place(incoming.TemporaryPath, options.PathFor(header, titles));
            incoming.IsPlaced = true;
            return new ReceivedInstance
            {
                Path = path,
                PatientID = header.GetString(Tags.PatientID),
                PatientName = header.GetString(Tags.PatientName),
                StudyInstanceUID = header.GetString(Tags.StudyInstanceUID),
                SeriesInstanceUID = header.GetString(Tags.SeriesInstanceUID),
                SOPInstanceUID = instanceUid,
                SOPClass = DicomDictionary.NameOf(command.AffectedSopClassUid),
                SOPClassUID = command.AffectedSopClassUid,
                TransferSyntax = TransferSyntax.Find(message.Context.TransferSyntax).Name,
                TransferSyntaxUID = message.Context.TransferSyntax,
                CallingAETitle = titles.CallingAETitle,
                CalledAETitle = titles.CalledAETitle,
                RemoteEndPoint = titles.RemoteEndPoint,
                MoveOriginatorAETitle = command.MoveOriginatorAETitle,
                MoveOriginatorMessageID = command.MoveOriginatorMessageId,
                Bytes = incoming.Length,
                ReceivedAt = DateTime.Now,
                Replaced = replaced,
            };
        }
        catch (IOException problem)
        {
            throw NotWritten(problem);
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new ServiceException(0xC211, "The storage folder may not be written to", problem);
        }
        finally
        {
            incoming.Dispose();
        }
    }

    /// <summary>Whether a file could not be written because there is no room.</summary>
    // ENOSPC is 28 and EDQUOT 122; ERROR_HANDLE_DISK_FULL is 39 and ERROR_DISK_FULL 112.
    internal static bool IsDiskFull(IOException problem) => (problem.HResult & 0xFFFF) is 28 or 122 or 39 or 112;

    private static ServiceException NotWritten(IOException problem) => IsDiskFull(problem)
        ? new ServiceException(0xA700, "The disk is full", problem)
        : new ServiceException(0xC211, "The file could not be written", problem);

    /// <summary>Deletes what servers that were killed left half written. Files that a running server holds stay: it holds them until they have their names.</summary>
    /// <param name="folder">The storage folder.</param>
    public static void DeleteAbandoned(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, TemporaryPrefix + "*" + TemporarySuffix))
        {
            try
            {
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    // Nobody else has it open.
                }
                File.Delete(file);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                // In use, or not ours to delete: it harms nobody where it is.
                continue;
            }
        }
    }

    private static void CheckIdentity(DicomDataset header, CommandSet command)
    {
        if (header.GetString(Tags.SOPInstanceUID) is { } instance && instance != command.AffectedSopInstanceUid)
        {
            throw new ServiceException(0xA900, "Dataset and request name different SOP instances") { OffendingElements = [Tags.SOPInstanceUID.Value] };
        }
        if (header.GetString(Tags.SOPClassUID) is { } sopClass && sopClass != command.AffectedSopClassUid)
        {
            throw new ServiceException(0xA900, "Dataset and request name different SOP classes") { OffendingElements = [Tags.SOPClassUID.Value] };
        }
        // A file's name may need what only the command says.
        if (!header.Contains(Tags.SOPInstanceUID))
            header.Set(Tags.SOPInstanceUID, command.AffectedSopInstanceUid!);
    }

    private PlacedFile Place(string temporary, string target)
    {
        var folder = Path.GetDirectoryName(target)!;
        if (!string.Equals(folder, _knownFolder, StringComparison.Ordinal))
            Directory.CreateDirectory(folder);
        try
        {
            var placed = PlaceIn(temporary, target);
            _knownFolder = folder;
            return placed;
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody tidied up since the last instance.
            Directory.CreateDirectory(folder);
            return PlaceIn(temporary, target);
        }
    }

    private PlacedFile PlaceIn(string temporary, string target)
    {
        if (options.Duplicates == DuplicatePolicy.Overwrite)
        {
            var exists = File.Exists(target);
            FileMoves.Replace(temporary, target);
            return new PlacedFile(target, exists);
        }
        for (var number = 0; ; number++)
        {
            var name = number == 0 ? target : Path.Combine(
                Path.GetDirectoryName(target)!, $"{Path.GetFileNameWithoutExtension(target)}-{number}{Path.GetExtension(target)}");
            if (FileMoves.TryMoveToNew(temporary, name))
                return new PlacedFile(name, false);
            if (options.Duplicates == DuplicatePolicy.Reject)
                throw new ServiceException(0x0111, "The instance is here already and is kept");
        }
    }

    /// <summary>One instance on its way into a file.</summary>
    private sealed class Incoming : IDisposable
    {
        private readonly InstanceReceiverOptions _options;
        private readonly DicomTag _stopAt;
        private readonly TransferSyntax _syntax;
        private readonly int _metaLength;
        private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        private FileStream? _file;
        private DicomDataset? _header;
        private int _buffered;
        private ServiceException? _refusal;

        public Incoming(InstanceReceiverOptions options, DicomTag lastTag, DimseMessage message, AssociationTitles titles)
        {
            _options = options;
            _stopAt = new DicomTag(lastTag.Value + 1);
            _syntax = TransferSyntax.Find(message.Context.TransferSyntax);
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
            _metaLength = _buffered = meta.Length;
        }

        public string TemporaryPath { get; private set; }

        public long Length { get; private set; }

        public bool IsPlaced { get; set; }

        public void Take(ReadOnlySpan<byte> piece)
        {
            Length += piece.Length;
            if (Length > _options.MaximumObjectBytes)
                _refusal ??= new ServiceException(0xA700, $"Instances of more than {_options.MaximumObjectBytes} bytes are not taken");
            // What is refused is read to its end all the same: the association can go on after it.
            if (_refusal is { })
                return;
            try
            {
                while (!piece.IsEmpty)
                {
                    if (_buffered == _buffer.Length)
                        Spill(isEnd: false);
                    // Once the header is read, large pieces need no detour through the buffer.
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
            catch (IOException problem)
            {
                _refusal = NotWritten(problem);
            }
        }

        /// <summary>Ends the file, and keeps it open: until it has its name, DeleteAbandoned must see that it is somebody's.</summary>
        public DicomDataset Finish()
        {
            if (_refusal is { })
                throw _refusal;
            Spill(isEnd: true);
            if (_options.FlushToDisk)
                _file!.Flush(flushToDisk: true);
            if (_header is { })
                return _header;
            // A header longer than the buffer is rare; it is read from the file then, which nobody may write to any more.
            var kept = new FileStream(TemporaryPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            _file!.Dispose();
            _file = kept;
            return _header = DicomFileProbe.Read(TemporaryPath, _stopAt).Header;
        }

        /// <summary>Closes the file, whose time and length are final then, and gives its path; it is still deleted unless it is placed.</summary>
        public string Close()
        {
            _file!.Dispose();
            return TemporaryPath;
        }

        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            if (_file is null)
                return;
            _file.Dispose();
            if (!IsPlaced)
                File.Delete(TemporaryPath);
        }

        private void Spill(bool isEnd)
        {
            if (_file is null)
            {
                var start = _buffer.AsMemory(_metaLength, _buffered - _metaLength);
                if (start.Length == Length && isEnd)
                    _header = DatasetReader.Read(start, _syntax, new DatasetReaderOptions { StopAt = _stopAt });
                else if (DatasetReader.ReadPrefix(start, _syntax, _stopAt) is { ReachedStop: true } prefix)
                    _header = prefix.Dataset;
                _file = Create();
            }
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

        private string NewPath() => Path.Combine(_options.Folder, $"{TemporaryPrefix}{Guid.NewGuid():N}{TemporarySuffix}");
    }
}
