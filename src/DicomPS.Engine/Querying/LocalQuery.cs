using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;

namespace DicomPS.Querying;

/// <summary>Finds what matches an identifier, here and not over a network.</summary>
/// <param name="identifier">The keys, with those to return.</param>
/// <param name="cancellationToken">Stops it.</param>
/// <returns>The answers, each with the node that it came from once, or null.</returns>
public delegate IAsyncEnumerable<(DicomDataset Answer, DicomNode? Node)> LocalFind(DicomDataset identifier,
    CancellationToken cancellationToken);

/// <summary>
/// The query of a <see cref="QueryJob"/> put to something that is no peer, such as an index: the same keys, the same objects.
/// </summary>
public static class LocalQuery
{
    /// <summary>Asks, and gives an object for each answer. Nothing is negotiated: keys of all levels go together.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="find">Who answers.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentException">Something in the request does not go together.</exception>
    public static async IAsyncEnumerable<QueryResult> RunAsync(
        QueryRequest request, LocalFind find, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Cutting is for peers that cut answers short.
        request = request with { Split = QuerySplit.None };
        QueryPlan.Check(request);
        var dialect = new QueryDialect(request.Model, request.Level, IsRelational: true, OnlyRequired: false, CharacterSet: null);
        var pieces = QueryPlan.Pieces(request, DateTime.Today).SelectMany(piece => ByDay(piece, request)).ToList();
        // Two pieces may find one study, such as one with both modalities that were asked for.
        var seen = pieces.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        var check = new AnswerCheck(request, DateTime.Today);
        foreach (var piece in pieces)
        {
            var judge = new PieceJudge(request, piece, dialect, request.DateTimeMatching);
            var identifier = QueryIdentifier.Build(request, piece, dialect);
            await foreach (var (answer, node) in find(identifier, cancellationToken)
                .WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                foreach (var part in QueryResults.Parts(request.Level, answer))
                {
                    var (matches, _) = check.Judge(judge, dialect, request.DateTimeMatching, answer, part);
                    var result = QueryResults.One(request.Level, answer, part, identifier, node) with { Matches = matches };
                    if (seen is null || QueryResults.IdentityOf(result) is not { } identity || seen.Add(identity))
                        yield return result;
                }
            }
        }
    }

    private static IEnumerable<QueryPiece> ByDay(QueryPiece piece, QueryRequest request) =>
        request.DateTimeMatching ? [piece] : piece.Window.ByDay().Select(window => piece with { Window = window });
}
