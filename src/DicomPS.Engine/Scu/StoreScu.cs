using System.Buffers;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Scu;

/// <summary>
/// Sends files over one association (PS3.4 B, PS3.7 9.1.1). The dataset's bytes go from the file into PDUs as they
/// are; only where <see cref="RouteFor"/> chose another uncompressed transfer syntax are they encoded again.
/// </summary>
public sealed class StoreScu : ServiceUser
{
    private const int PieceLength = 256 * 1024;


    private StoreScu(Association association) : base(association)
    {
    }

    /// <summary>Opens an association.</summary>
    /// <param name="options">Whom to call and which contexts to propose; see <see cref="StoreContexts"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The association could not be made.</exception>
    public static async Task<StoreScu> ConnectAsync(AssociationOptions options, CancellationToken cancellationToken) =>
        new(await Association.ConnectAsync(options, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// The accepted context in which a file can go: its own transfer syntax first; another uncompressed one when
    /// <paramref name="reencode"/> allows and the file is uncompressed too. A compressed file is never decompressed.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="reencode">Whether an uncompressed file may go in another uncompressed transfer syntax.</param>
    /// <returns>The context, or null when the peer accepted none that fits.</returns>
    public AcceptedContext? RouteFor(ProbedFile file, bool reencode) =>
        ChooseContext(Association.AcceptedContexts.Where(context => context.ScuRole), file, reencode);

    /// <summary>The same choice among any contexts.</summary>
    internal static AcceptedContext? ChooseContext(IEnumerable<AcceptedContext> contexts, ProbedFile file, bool reencode)
    {
        AcceptedContext? other = null;
        foreach (var context in contexts)
        {
            if (context.AbstractSyntax != file.SopClassUid)
                continue;
            if (context.TransferSyntax == file.TransferSyntax.Uid)
                return context;
            if (reencode && other is null && file.TransferSyntax.IsUncompressed
                && TransferSyntax.Find(context.TransferSyntax).IsUncompressed)
                other = context;
        }

        return other;
    }

    /// <summary>Sends one file and waits for the answer.</summary>
    /// <param name="file">The file.</param>
    /// <param name="context">The context, from <see cref="RouteFor"/>.</param>
    /// <param name="priority">Priority of the request; most peers ignore it.</param>
    /// <param name="progress">Told how many bytes went out, piece by piece.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <param name="originator">Who asked for it, when it is a sub-operation of C-MOVE.</param>
    /// <returns>The peer's response; its status says whether the file was stored.</returns>
    /// <exception cref="DicomNetworkException">The association broke, or the answer is none to this file; whether the peer stored it is
    /// unknown.</exception>
    /// <exception cref="DicomException">The file could not be read to its end; the association was aborted, so that the peer keeps no
    /// half of it.</exception>
    public async Task<CommandSet> SendAsync(
        ProbedFile file, AcceptedContext context, DicomPriority priority, Action<int>? progress, CancellationToken cancellationToken,
        MoveOriginator? originator = null)
    {
        var request = new CommandSet
        {
            Field = CommandField.CStoreRequest,
            AffectedSopClassUid = file.SopClassUid,
            AffectedSopInstanceUid = file.SopInstanceUid,
            Priority = priority,
            MoveOriginatorAETitle = originator?.AETitle,
            MoveOriginatorMessageId = originator?.MessageId,
        };
        request = await Exchange.SendAsync(request, numbered => SendRequestAsync(
            Exchange.Writer, Association, context, numbered, file, progress, cancellationToken)).ConfigureAwait(false);

        var response = await Exchange.ResponseAsync(request, cancellationToken).ConfigureAwait(false);
        EngineMeter.SendInstance();
        return DimseExchange.IsAboutInstance(response, request)
            ? response
            : throw await Exchange.BrokenAsync(
                $"answered C-STORE of {request.AffectedSopInstanceUid} for another instance, {response.AffectedSopInstanceUid}")
                .ConfigureAwait(false);
    }

    /// <summary>Sends a C-STORE request with a file's dataset over any association, without waiting for the answer.</summary>
    /// <param name="writer">The association's writer.</param>
    /// <param name="association">The association; it is aborted when the file fails half way.</param>
    /// <param name="context">The context to use.</param>
    /// <param name="request">The request.</param>
    /// <param name="file">The file.</param>
    /// <param name="progress">Told how many bytes went out, piece by piece.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <param name="change">Changes the dataset before it is sent, which is encoded again then; null sends it as it is.</param>
    /// <exception cref="DicomException">The file could not be read to its end; or, with the association untouched, not opened or not
    /// spelt in the context's transfer syntax.</exception>
    internal static async Task SendRequestAsync(
        DimseWriter writer, Association association, AcceptedContext context, CommandSet request, ProbedFile file,
        Action<int>? progress, CancellationToken cancellationToken, Action<DicomDataset>? change = null)
    {
        // Opened before the command goes out: a file that is gone, locked or cannot be spelt so must not cost the association.
        var target = TransferSyntax.Find(context.TransferSyntax);
        FileStream stream;
        WritePlan? plan;
        try
        {
            plan = target.Uid != file.TransferSyntax.Uid || change is not null
                ? await PlanAsync(file, target, change, cancellationToken).ConfigureAwait(false)
                : file.HasOddValues ? await PadAsync(file, target, cancellationToken).ConfigureAwait(false)
                : null;
            stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1,
                FileOptions.SequentialScan);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw FileProblem(file, "could not be opened", problem);
        }

        using (stream)
        {
            try
            {
                await writer.SendAsync(context, request, (sink, token) => plan is null
                    ? CopyAsync(stream, file, sink, progress, token)
                    : ReencodeAsync(plan, target, sink, progress, token), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or DicomDataException)
            {
                // Half a dataset is out: only an abort keeps the peer from taking it for a whole one.
                await association.AbortAsync().ConfigureAwait(false);
                throw problem as DicomDataException ?? FileProblem(file, "could not be read to its end", problem);
            }
        }
    }

    private static async Task CopyAsync(FileStream stream, ProbedFile file, DatasetSink sink, Action<int>? progress,
        CancellationToken cancellationToken)
    {
        stream.Position = file.DatasetOffset;
        // A deflate stream of odd length gets a null byte (PS3.5 A.5): no fragment may be odd, and DCMTK drops the association at one.
        var padding = file.TransferSyntax.IsDeflated ? (int)(file.DatasetLength % 2) : 0;
        var piece = ArrayPool<byte>.Shared.Rent((int)Math.Min(PieceLength, file.DatasetLength + 1));
        try
        {
            for (var left = file.DatasetLength; left > 0;)
            {
                // A read of a local file is over sooner than its hand-over to another thread would be.
                var count = stream.Read(piece, 0, (int)Math.Min(piece.Length, left));
                if (count == 0)
                    throw new DicomDataException($"The file became shorter while it was sent: {left} bytes are missing",
                        stream.Position)
                    { Path = file.Path, Stage = DicomStage.File };
                left -= count;
                if (left == 0 && padding > 0)
                    piece[count] = 0;
                await sink.WriteAsync(piece.AsMemory(0, left == 0 ? count + padding : count), left == 0, cancellationToken)
                    .ConfigureAwait(false);
                progress?.Invoke(count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static async Task<WritePlan> PlanAsync(ProbedFile file, TransferSyntax target, Action<DicomDataset>? change,
        CancellationToken cancellationToken)
    {
        var source = await DicomFile.OpenAsync(file.Path, null, cancellationToken).ConfigureAwait(false);
        change?.Invoke(source.Dataset);
        try
        {
            return WritePlan.Create(source.Dataset, target, null);
        }
        catch (InvalidOperationException problem)
        {
            throw FileProblem(file, $"cannot be sent as {target.Name}", problem);
        }
    }

    /// <summary>
    /// Odd values are padded one by one, and the lengths around them follow, as DCMTK's storescu does it: a dataset of odd length has a
    /// fragment of odd length, at which DCMTK's receivers drop the association, and one byte behind its end would be no element.
    /// </summary>
    /// <returns>Null when the dataset cannot be taken apart; then it goes as it is.</returns>
    private static async Task<WritePlan?> PadAsync(ProbedFile file, TransferSyntax target, CancellationToken cancellationToken)
    {
        if (!target.IsKnown)
            return null;

        try
        {
            return await PlanAsync(file, target, null, cancellationToken).ConfigureAwait(false);
        }
        catch (DicomException)
        {
            return null;
        }
    }

    private static async Task ReencodeAsync(WritePlan plan, TransferSyntax target, DatasetSink sink, Action<int>? progress,
        CancellationToken cancellationToken)
    {
        using var stream = new DatasetSinkStream(sink, progress);
        await DatasetWriter.WriteAsync(plan, target, stream, cancellationToken).ConfigureAwait(false);
        await stream.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static DicomException FileProblem(ProbedFile file, string what, Exception problem) =>
        new($"The file {file.Path} {what}: {problem.Message}", problem) { Stage = DicomStage.File };
}

/// <summary>Who asked with C-MOVE for what is sent now (PS3.7 9.1.1.1).</summary>
/// <param name="AETitle">The AE title of the C-MOVE SCU.</param>
/// <param name="MessageId">The message id of its request.</param>
public sealed record MoveOriginator(string AETitle, ushort MessageId)
{
    /// <summary>The priority of its request, which its sub-operations have too (PS3.4 C.4.2.1.3). Default medium.</summary>
    public DicomPriority Priority { get; init; }
}
