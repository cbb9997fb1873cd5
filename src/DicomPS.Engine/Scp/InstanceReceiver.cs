using System.Diagnostics.CodeAnalysis;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Scp;

/// <summary>
/// Takes over a file that was received whole. It has its place when this returns; when it throws, nothing has changed and the instance
/// is refused.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="titles">Who sends.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task<PlacedFile> InstancePlacer(ReceivedFile file, AssociationTitles titles, CancellationToken cancellationToken);

/// <summary>A file that was received whole and has no place yet.</summary>
/// <param name="Path">Its temporary path; nobody has it open.</param>
/// <param name="Header">Its first elements, read as they came.</param>
/// <param name="IsHeaderWhole">Whether these are all that is wanted, as they would be read from the file; otherwise it has to be
/// read.</param>
/// <param name="TransferSyntaxUid">How its dataset is spelt.</param>
public sealed record ReceivedFile(string Path, DicomDataset Header, bool IsHeaderWhole, string TransferSyntaxUid);

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
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing of the system.")]
internal sealed class InstanceReceiver(InstanceReceiverOptions options)
{
    /// <summary>Temporary files are named <c>.dicomps-*.part</c>.</summary>
    public const string TemporaryPrefix = ".dicomps-", TemporarySuffix = ".part";

    private static readonly DicomTag LastIdentifyingTag = Tags.StudyID;
    private readonly DicomTag _lastTag = options.LastTag > LastIdentifyingTag ? options.LastTag : LastIdentifyingTag;
    private readonly SameInstanceFiles _overwriting = new(options.Files);
    private readonly SemaphoreSlim _heavy = new(1, 1);
    private string? _knownFolder;

    /// <summary>Receives one instance.</summary>
    /// <param name="reader">Where the dataset is read from.</param>
    /// <param name="message">The C-STORE request.</param>
    /// <param name="titles">Who sends.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    /// <returns>The instance, in its place.</returns>
    /// <exception cref="ServiceException">It was not stored: A700 no room, A900 other UIDs than announced or none, 0111 duplicate, 0106
    /// no UID.</exception>
    /// <exception cref="DicomDataException">The dataset is not whole, or not in the agreed transfer syntax.</exception>
    public Task<ReceivedInstance> ReceiveAsync(
        DimseReader reader, DimseMessage message, AssociationTitles titles, CancellationToken cancellationToken) =>
        ReceiveAsync(reader, message, titles, null, cancellationToken);

    /// <summary>Receives one instance, which is checked like any other but not stored a second time where its bytes are known.</summary>
    /// <param name="reader">Where the dataset is read from.</param>
    /// <param name="message">The C-STORE request.</param>
    /// <param name="titles">Who sends.</param>
    /// <param name="isHere">Whether an instance of these bytes, by their number, is here.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    internal async Task<ReceivedInstance> ReceiveAsync(
        DimseReader reader, DimseMessage message, AssociationTitles titles, Func<ulong, bool>? isHere, CancellationToken cancellationToken)
    {
        var command = message.Command;
        if (command.AffectedSopInstanceUid is not { } instanceUid || command.AffectedSopClassUid is null)
            throw new ServiceException(Statuses.InvalidAttributeValue, "The request names no SOP class or SOP instance")
            {
                OffendingElements = [0x00001000]
            };

        var incoming = new IncomingInstanceFile(options, _lastTag, message, titles);
        var digest = options.Digests || isHere is { } ? new ByteDigest() : null;
        DicomDataset? header = null;
        try
        {
            incoming.Begin();
            while (await reader.ReadDataAsync(cancellationToken).ConfigureAwait(false) is { } piece)
            {
                if (incoming.IsHeavy)
                    await AppendInTurnAsync(incoming, piece, cancellationToken).ConfigureAwait(false);
                else
                    incoming.Append(piece);
                digest?.Append(piece.Span);
            }

            header = incoming.Finish();
            CheckIdentity(header, command, incoming.Length);
            var isRepeated = digest is { } && isHere?.Invoke(digest.Value) == true;
            if (!isRepeated && options.Placing is { } placing)
                await placing(header, titles, cancellationToken).ConfigureAwait(false);
            PlacedFile? placed = null;
            if (isRepeated)
                placed = new PlacedFile(options.PathFor(header, titles), false);
            else if (options.Place is not { } place)
                placed = Place(incoming.TemporaryPath, options.PathFor(header, titles), header);
            else if (incoming.IsHeavy)
                await InTurnAsync(
                    async () => placed = await place(Closed(), titles, cancellationToken).ConfigureAwait(false),
                    cancellationToken).ConfigureAwait(false);
            else
                placed = await place(Closed(), titles, cancellationToken).ConfigureAwait(false);
            var (path, replaced) = placed!;
            incoming.IsPlaced = !isRepeated;
            EngineMeter.ReceiveInstance();
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
                Digest = digest?.Value ?? 0,
                ReceivedAt = DateTime.Now,
                Replaced = replaced,
                IsHeavy = incoming.IsHeavy,
            };
        }
        catch (DicomException broken) when (options.BrokenFolder is not null
            && broken is (DicomDataException or ServiceException { Status: Statuses.Storage.DatasetDoesNotMatch }))
        {
            var aside = incoming.SetAside(options.BrokenFolder, message, titles, broken);
            options.Broken?.Invoke(aside);
            throw;
        }
        catch (IOException problem)
        {
            throw NotWritten(problem);
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new ServiceException(ServerStatuses.FailedStore, "The storage folder may not be written to", problem);
        }
        finally
        {
            incoming.Dispose();
        }

        ReceivedFile Closed() => new(incoming.Close(), header!, incoming.IsHeaderWhole, message.Context.TransferSyntax);
    }

    // Apart from the loop, which would make a closure for each piece, also of instances that are not heavy.
    private Task AppendInTurnAsync(IncomingInstanceFile incoming, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) =>
        InTurnAsync(
            () =>
            {
                incoming.Append(piece);
                return Task.CompletedTask;
            }, cancellationToken);

    /// <summary>Does heavy work of one instance after another, so that the others of the server are served meanwhile.</summary>
    internal async Task InTurnAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await _heavy.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Yield();
            await work().ConfigureAwait(false);
        }
        finally
        {
            _heavy.Release();
        }
    }

    /// <summary>Whether a file could not be written because there is no room.</summary>
    // ENOSPC is 28 and EDQUOT 122; ERROR_HANDLE_DISK_FULL is 39 and ERROR_DISK_FULL 112.
    internal static bool IsDiskFull(IOException problem) => (problem.HResult & 0xFFFF) is 28 or 122 or 39 or 112;

    internal static ServiceException NotWritten(IOException problem) => IsDiskFull(problem)
        ? new ServiceException(Statuses.Storage.OutOfResources, "The disk is full", problem)
        : new ServiceException(ServerStatuses.FailedStore, "The file could not be written", problem);

    /// <summary>
    /// Deletes what servers that were killed left half written. Files that a running server holds stay: it holds them until they have
    /// their names.
    /// </summary>
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

    /// <summary>
    /// The dataset names the same class and instance as the request (PS3.7 9.1.1.1.5, PS3.4 B.2.3: A900H where it does not).
    /// </summary>
    private static void CheckIdentity(DicomDataset header, CommandSet command, long length)
    {
        Check(Tags.SOPClassUID, command.AffectedSopClassUid!, "SOP classes");
        Check(Tags.SOPInstanceUID, command.AffectedSopInstanceUid!, "SOP instances");

        void Check(DicomTag tag, string announced, string what)
        {
            var named = header.GetString(tag);
            if (named == announced)
                return;

            var why = string.IsNullOrEmpty(named) ? $"The dataset has no {DicomDictionary.KeywordOf(tag)} in its {length} bytes"
                : $"Dataset and request name different {what}";
            throw new ServiceException(Statuses.Storage.DatasetDoesNotMatch, why) { OffendingElements = [tag.Value] };
        }
    }

    private PlacedFile Place(string temporary, string target, DicomDataset header)
    {
        var folder = Path.GetDirectoryName(target)!;
        if (!string.Equals(folder, _knownFolder, StringComparison.Ordinal))
            options.Files.CreateFolder(folder);
        PlacedFile placed;
        try
        {
            placed = PlaceIn(temporary, target, header);
            _knownFolder = folder;
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody tidied up since the last instance.
            options.Files.CreateFolder(folder);
            placed = PlaceIn(temporary, target, header);
        }

        if (options.FlushToDisk)
            FlushNames(placed);
        return placed;
    }

    // A power cut may take a file that is on the disk and whose name is not.
    private void FlushNames(PlacedFile placed)
    {
        try
        {
            options.Files.FlushNames(Path.GetDirectoryName(placed.Path)!, Path.GetFullPath(options.Folder));
        }
        catch (Exception problem) when (!placed.Replaced && problem is (IOException or UnauthorizedAccessException))
        {
            // What is refused leaves nothing; one that was replaced cannot come back.
            TryDelete(placed.Path);
            throw;
        }
    }

    private void TryDelete(string path)
    {
        try
        {
            options.Files.Delete(path);
            // Else a power cut brings it back.
            options.Files.FlushFolder(Path.GetDirectoryName(path)!);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // It is whole, and the next one of its instance is told from it as from any other.
            return;
        }
    }

    private PlacedFile PlaceIn(string temporary, string target, DicomDataset header)
    {
        for (var number = 0; ; number++)
        {
            var name = number == 0 ? target : Path.Combine(
                Path.GetDirectoryName(target)!, $"{Path.GetFileNameWithoutExtension(target)}-{number}{Path.GetExtension(target)}");
            if (options.Files.TryMoveToNew(temporary, name))
                return new PlacedFile(name, false);
            if (options.Duplicates == DuplicatePolicy.Reject)
                throw new ServiceException(Statuses.DuplicateSopInstance, "The instance is here already and is kept");
            // What has another identity is not overwritten, however alike the layout makes their names: the new one gets a number.
            if (options.Duplicates == DuplicatePolicy.Overwrite && _overwriting.TryReplace(temporary, name, header))
                return new PlacedFile(name, true);
        }
    }
}
