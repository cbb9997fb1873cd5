using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dimse;

namespace DicomPS.Scu;

/// <summary>
/// C-FIND, C-MOVE and C-GET over one association (PS3.4 C.4). One request at a time; each gives its responses as they
/// come and can be left early, which sends C-CANCEL.
/// </summary>
public sealed class QueryScu : ServiceUser
{
    private readonly CancellableExchange _cancellable;

    private QueryScu(Association association, TimeSpan cancelGrace) : base(association) =>
        _cancellable = new CancellableExchange(association, Exchange, cancelGrace);

    /// <summary>Opens an association.</summary>
    /// <param name="options">Whom to call and which contexts to propose.</param>
    /// <param name="cancelGrace">How long the last response to C-CANCEL may take before the association is aborted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The association could not be made.</exception>
    public static async Task<QueryScu> ConnectAsync(AssociationOptions options, TimeSpan cancelGrace,
        CancellationToken cancellationToken) =>
        new(await Association.ConnectAsync(options, cancellationToken).ConfigureAwait(false), cancelGrace);

    /// <summary>The accepted context for a SOP class in which this side is SCU, or null.</summary>
    /// <param name="sopClassUid">The SOP class.</param>
    public AcceptedContext? ContextFor(string sopClassUid)
    {
        foreach (var context in Association.AcceptedContexts)
        {
            if (context.AbstractSyntax == sopClassUid && context.ScuRole)
                return context;
        }

        return null;
    }

    /// <summary>C-FIND (PS3.7 9.1.2).</summary>
    /// <param name="context">From <see cref="ContextFor"/>.</param>
    /// <param name="identifier">The keys (PS3.4 C.4.1.1.3).</param>
    /// <param name="fallback">How text without a declared character set is read; null for the default repertoire.</param>
    /// <param name="priority">Priority of the request; most peers ignore it.</param>
    /// <param name="cancellationToken">Stops early.</param>
    /// <returns>A pending response for each match, then the final one.</returns>
    public IAsyncEnumerable<ExchangeResponse> FindAsync(
        AcceptedContext context, DicomDataset identifier, TextCodec? fallback, DicomPriority priority,
        CancellationToken cancellationToken) =>
        _cancellable.RunAsync(
            context, Request(CommandField.CFindRequest, context, priority), identifier, fallback, null, cancellationToken);

    /// <summary>C-MOVE (PS3.7 9.1.4).</summary>
    /// <param name="context">From <see cref="ContextFor"/>.</param>
    /// <param name="identifier">The unique keys (PS3.4 C.4.2.1.4).</param>
    /// <param name="destination">The AE title to send to, as the peer knows it.</param>
    /// <param name="messageId">Message ID (0000,0110), which the peer repeats in each C-STORE that it sends for this request; null
    /// takes the next one.</param>
    /// <param name="priority">Priority of the request; most peers ignore it.</param>
    /// <param name="cancellationToken">Stops early.</param>
    /// <returns>The pending responses with their counts, if the peer sends any, then the final one.</returns>
    public IAsyncEnumerable<ExchangeResponse> MoveAsync(
        AcceptedContext context, DicomDataset identifier, string destination, ushort? messageId, DicomPriority priority,
        CancellationToken cancellationToken) =>
        _cancellable.RunAsync(context, Request(CommandField.CMoveRequest, context, priority) with
        {
            MoveDestination = destination,
            MessageId = messageId ?? 0
        }, identifier, null, null, cancellationToken);

    /// <summary>C-GET (PS3.7 9.1.3).</summary>
    /// <param name="context">From <see cref="ContextFor"/>.</param>
    /// <param name="identifier">The unique keys (PS3.4 C.4.3.1.3).</param>
    /// <param name="store">Takes each instance: reads its dataset from the reader and returns the response to the peer.</param>
    /// <param name="priority">Priority of the request; most peers ignore it.</param>
    /// <param name="cancellationToken">Stops early.</param>
    /// <returns>The pending responses with their counts, if the peer sends any, then the final one.</returns>
    public IAsyncEnumerable<ExchangeResponse> GetAsync(
        AcceptedContext context, DicomDataset identifier, Func<DimseReader, DimseMessage, CancellationToken, Task<CommandSet>> store,
        DicomPriority priority, CancellationToken cancellationToken) =>
        _cancellable.RunAsync(context, Request(CommandField.CGetRequest, context, priority), identifier, null,
            (message, token) => store(Exchange.Reader, message, token), cancellationToken);

    private static CommandSet Request(CommandField field, AcceptedContext context, DicomPriority priority) =>
        new() { Field = field, AffectedSopClassUid = context.AbstractSyntax, Priority = priority };
}
