using System.Runtime.CompilerServices;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>Finds what matches an identifier, one dataset per match, in order and as needed.</summary>
/// <param name="call">The request.</param>
/// <param name="identifier">The keys.</param>
/// <param name="cancellationToken">Cancelled by C-CANCEL and by the end of the association.</param>
public delegate IAsyncEnumerable<DicomDataset> FindHandler(ServiceCall call, DicomDataset identifier, CancellationToken cancellationToken);

/// <summary>A match of a query.</summary>
/// <param name="Dataset">What is answered.</param>
/// <param name="Status">The status of its response: FF00H, or FF01H to warn of optional keys that were not looked at (PS3.4 table
/// C.4-1).</param>
public sealed record FindMatch(DicomDataset Dataset, ushort Status = FindMatch.Pending)
{
    /// <summary>Matches are continuing.</summary>
    public const ushort Pending = Statuses.QrFind.Pending;
}

/// <summary>Finds what matches an identifier, each match with the status of its response, in order and as needed.</summary>
/// <param name="call">The request.</param>
/// <param name="identifier">The keys.</param>
/// <param name="cancellationToken">Cancelled by C-CANCEL and by the end of the association.</param>
public delegate IAsyncEnumerable<FindMatch> MatchHandler(ServiceCall call, DicomDataset identifier, CancellationToken cancellationToken);

/// <summary>Answers C-FIND (PS3.4 C.4.1, PS3.7 9.1.2): a pending response for each match, as it is found.</summary>
/// <param name="find">Finds the matches.</param>
public sealed class FindScp(MatchHandler find)
{
    /// <summary>Answers with plain matches.</summary>
    /// <param name="find">Finds the matches.</param>
    public FindScp(FindHandler find) : this(Matches(find))
    {
    }

    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    /// <param name="sopClassUid">A query SOP class.</param>
    public ServiceRow Row(string sopClassUid) =>
        new(sopClassUid, CommandField.CFindRequest, FindAsync, ServerStatuses.UnreadableFind, ServerStatuses.FailedFind)
        {
            RunsBeside = true
        };

    private async Task<ServiceReply> FindAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        // A900H: the identifier does not match the SOP class (PS3.4 table C.4-1); here because there is none.
        if (call.Identifier is not { } identifier)
            throw new ServiceException(Statuses.QrFind.IdentifierDoesNotMatch, "The request has no identifier");
        await foreach (var match in find(call, identifier, cancellationToken).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            // Never cancelled half way: a torn message would cost the association.
            cancellationToken.ThrowIfCancellationRequested();
            await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(match.Status), match.Dataset, CancellationToken.None)
                .ConfigureAwait(false);
        }

        return call.Command.Respond(Statuses.Success);
    }

    internal static MatchHandler Matches(FindHandler find)
    {
        return All;

        async IAsyncEnumerable<FindMatch> All(ServiceCall call, DicomDataset identifier,
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var match in find(call, identifier, cancellationToken).WithCancellation(cancellationToken).ConfigureAwait(false))
                yield return new FindMatch(match);
        }
    }
}
