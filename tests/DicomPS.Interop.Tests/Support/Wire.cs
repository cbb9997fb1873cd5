using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Pdus;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Interop.Tests.Support;

/// <summary>One SOP class of an SCP asked response by response, where the jobs of the cmdlets would hide what is on the wire.</summary>
internal static class Wire
{
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(30);

    /// <summary>Opens an association for one SOP class.</summary>
    /// <param name="port">The SCP's port on this machine.</param>
    /// <param name="sopClass">The SOP class.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="wishes">The bytes of extended negotiation (PS3.4 C.5); none proposes none.</param>
    /// <param name="storage">Storage contexts for C-GET: SOP class and transfer syntax.</param>
    public static Task<QueryScu> ConnectAsync(
        int port, string sopClass, CancellationToken cancellation, byte[]? wishes = null,
        params (string SopClass, string Syntax)[] storage) =>
        QueryScu.ConnectAsync(
            AssociationOptions.For(Retrieval.Node(port, BoxArchive.AETitle)) with
            {
                PresentationContexts =
                [
                    new PresentationContextProposal(sopClass, [TransferSyntax.ExplicitVRLittleEndian.Uid]),
                    .. storage.Select(
                        one => new PresentationContextProposal(one.SopClass, [one.Syntax]) { ScuRole = false, ScpRole = true }),
                ],
                ExtraUserItems = wishes is null ? [] : [new SopClassExtendedNegotiation(sopClass, wishes)],
            },
            CancelGrace,
            cancellation);

    /// <summary>The answer to extended negotiation; empty when there is none.</summary>
    /// <param name="scu">The association.</param>
    public static byte[] Agreed(QueryScu scu) =>
        scu.Association.Response.UserItems.OfType<SopClassExtendedNegotiation>().FirstOrDefault()?.Information.ToArray() ?? [];

    /// <summary>All responses to a C-FIND over an association of its own.</summary>
    /// <param name="port">The SCP's port on this machine.</param>
    /// <param name="sopClass">The SOP class.</param>
    /// <param name="identifier">The keys.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="wishes">The bytes of extended negotiation; none proposes none.</param>
    public static async Task<List<ExchangeResponse>> FindAsync(
        int port, string sopClass, DicomDataset identifier, CancellationToken cancellation, byte[]? wishes = null)
    {
        await using var scu = await ConnectAsync(port, sopClass, cancellation, wishes);
        var responses = await ToListAsync(scu.FindAsync(Context(scu, sopClass), identifier, null, DicomPriority.Medium, cancellation));
        await scu.ReleaseAsync(cancellation);
        return responses;
    }

    /// <summary>All responses to a C-MOVE over an association of its own.</summary>
    /// <param name="port">The SCP's port on this machine.</param>
    /// <param name="sopClass">The SOP class.</param>
    /// <param name="identifier">The keys.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<List<ExchangeResponse>> MoveAsync(int port, string sopClass, DicomDataset identifier, string destination,
        CancellationToken cancellation)
    {
        await using var scu = await ConnectAsync(port, sopClass, cancellation);
        var responses =
            await ToListAsync(scu.MoveAsync(Context(scu, sopClass), identifier, destination, null, DicomPriority.Medium, cancellation));
        await scu.ReleaseAsync(cancellation);
        return responses;
    }

    /// <summary>All responses to a C-GET over an association of its own, and the datasets that came, by SOP Instance UID.</summary>
    /// <param name="port">The SCP's port on this machine.</param>
    /// <param name="sopClass">The SOP class.</param>
    /// <param name="identifier">The keys.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="storage">Storage contexts: SOP class and transfer syntax.</param>
    public static async Task<(List<ExchangeResponse> Responses, Dictionary<string, byte[]> Datasets)> GetAsync(
        int port, string sopClass, DicomDataset identifier, CancellationToken cancellation,
        params (string SopClass, string Syntax)[] storage)
    {
        var datasets = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await using var scu = await ConnectAsync(port, sopClass, cancellation, null, storage);
        var responses = await ToListAsync(scu.GetAsync(Context(scu, sopClass), identifier, TakeAsync, DicomPriority.Medium, cancellation));
        await scu.ReleaseAsync(cancellation);
        return (responses, datasets);

        async Task<CommandSet> TakeAsync(DimseReader reader, DimseMessage message, CancellationToken token)
        {
            datasets[message.Command.AffectedSopInstanceUid!] = await ReadAsync(reader, token);
            return message.Command.Respond(Statuses.Success);
        }
    }

    /// <summary>The dataset of an open message, whole.</summary>
    /// <param name="reader">Where it comes from.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<byte[]> ReadAsync(DimseReader reader, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        while (await reader.ReadDataAsync(cancellation) is { } piece)
            whole.Write(piece.Span);
        return whole.ToArray();
    }

    /// <summary>Sends a request with a dataset of any bytes, and returns the status of its response.</summary>
    /// <param name="port">The SCP's port on this machine.</param>
    /// <param name="request">The request, without a message id.</param>
    /// <param name="dataset">The bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<(ushort Broken, ushort Next)> SendRawAsync(int port, CommandSet request, byte[] dataset,
        CancellationToken cancellation)
    {
        await using var scu = await ConnectAsync(port, request.AffectedSopClassUid!, cancellation);
        var writer = new DimseWriter(scu.Association);
        var reader = new DimseReader(scu.Association);
        var context = Context(scu, request.AffectedSopClassUid!);
        var broken = await OneAsync();
        // The association is of use after it.
        var next = await OneAsync();
        await scu.ReleaseAsync(cancellation);
        return (broken, next);

        async Task<ushort> OneAsync()
        {
            await writer.SendAsync(context, request with { MessageId = writer.NextMessageId() },
                (sink, token) => sink.WriteAsync(dataset, true, token).AsTask(), cancellation);
            var message = await reader.ReceiveAsync(cancellation);
            Assert.NotNull(message);
            return message.Command.Status!.Value;
        }
    }

    public static AcceptedContext Context(QueryScu scu, string sopClass)
    {
        var context = scu.ContextFor(sopClass);
        Assert.True(context is not null, $"{sopClass} was not accepted.");
        return context;
    }

    /// <summary>An identifier: a level, or none, and keys by tag; a value with a backslash is several.</summary>
    /// <param name="level">Query/Retrieve Level.</param>
    /// <param name="keys">Tags and their values.</param>
    public static DicomDataset Identifier(string? level, params (DicomTag Tag, string Value)[] keys)
    {
        var identifier = QueryArchive.Keys([.. keys.Where(key => key.Value.Length > 0)]);
        foreach (var (tag, _) in keys.Where(key => key.Value.Length == 0))
            identifier.Set(tag);
        if (level is not null)
            identifier.Set(Tags.QueryRetrieveLevel, level);
        return identifier;
    }

    /// <summary>Writes a dataset as a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="syntax">How it is spelt; explicit little endian unless told.</param>
    public static async Task<string> SaveAsync(string path, DicomDataset dataset, CancellationToken cancellation,
        TransferSyntax? syntax = null)
    {
        await new DicomFile(dataset, syntax ?? TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, cancellation);
        return path;
    }

    private static async Task<List<ExchangeResponse>> ToListAsync(IAsyncEnumerable<ExchangeResponse> responses)
    {
        var list = new List<ExchangeResponse>();
        await foreach (var response in responses)
            list.Add(response);
        return list;
    }
}
