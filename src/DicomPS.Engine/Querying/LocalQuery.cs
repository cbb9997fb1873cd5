using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Matching;

namespace DicomPS.Querying;

/// <summary>Finds what matches an identifier, here and not over a network.</summary>
/// <param name="identifier">The keys, with those to return.</param>
/// <param name="cancellationToken">Stops it.</param>
/// <returns>The answers.</returns>
internal delegate IAsyncEnumerable<LocalAnswer> LocalFind(DicomDataset identifier, CancellationToken cancellationToken);

/// <summary>What is known of an answer that is at hand.</summary>
/// <param name="Answer">What was asked for.</param>
/// <param name="Node">The node that it came from once, or null.</param>
internal sealed record LocalAnswer(DicomDataset Answer, DicomNode? Node)
{
    /// <summary>The full path of an instance's file, or null.</summary>
    public string? Path { get; init; }

    /// <summary>When it came in first, by the clock on the wall.</summary>
    public DateTime? FirstSeen { get; init; }

    /// <summary>When it came in last.</summary>
    public DateTime? LastSeen { get; init; }

    /// <summary>When it was retrieved last, by the clock on the wall; null when it was not.</summary>
    public DateTime? Retrieved { get; init; }

    /// <summary>How many of its instances came then.</summary>
    public int? RetrievedInstances { get; init; }

    /// <summary>How many it has, as far as that is known.</summary>
    public int? RetrievedOf { get; init; }

    /// <summary>Whether no limit of the archive deletes the study.</summary>
    public bool? Protected { get; init; }
}

/// <summary>
/// The query of a <see cref="QueryJob"/> put to something that is no peer, such as an index: the same keys, the same objects.
/// </summary>
internal static class LocalQuery
{
    /// <summary>Asks, and gives an object for each answer. Nothing is negotiated: keys of all levels go together.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="find">Who answers.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentException">Something in the request does not go together.</exception>
    public static async IAsyncEnumerable<QueryResult> RunAsync(
        QueryRequest request, LocalFind find, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var value in ValuesAsync(request with { TellsTargets = false }, find, cancellationToken).ConfigureAwait(false))
        {
            if (value is QueryFound found)
                yield return found.Result;
        }
    }

    /// <summary>Asks, and gives a <see cref="QueryFound"/> for each answer, and the end of each target where that is asked for.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="find">Who answers.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentException">Something in the request does not go together.</exception>
    public static async IAsyncEnumerable<QueryValue> ValuesAsync(
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
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = pieces[i];
            var judge = new PieceJudge(request, piece, dialect, request.DateTimeMatching);
            var identifier = QueryIdentifier.Build(request, piece, dialect);
            await foreach (var local in find(identifier, cancellationToken).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                foreach (var part in QueryResults.Parts(request.Level, local.Answer))
                {
                    var (matches, _) = check.Judge(judge, piece, dialect, request.DateTimeMatching, local.Answer, part);
                    var result = QueryResults.One(request.Level, local.Answer, part, identifier, local.Node, request.Object) with
                    {
                        Matches = matches
                    };
                    if (seen is null || QueryResults.IdentityOf(result) is not { } identity || seen.Add($"{piece.Row}\n{identity}"))
                        yield return new QueryFound(result) { Target = piece.Row, Local = local };
                }
            }

            // The pieces of a target come one after the other.
            if (request.TellsTargets && (i == pieces.Count - 1 || pieces[i + 1].Row != piece.Row))
                yield return new QueryTargetEnded(piece.Row, IsComplete: true);
        }
    }

    /// <summary>The object for keys that found nothing: their values, and nothing else.</summary>
    /// <param name="level">What was asked for.</param>
    /// <param name="keys">What was asked.</param>
    /// <param name="node">Who was asked, or null.</param>
    /// <param name="model">The model of another service, or null.</param>
    public static QueryResult Nothing(QueryLevel level, DicomDataset keys, DicomNode? node, ObjectModel? model = null) =>
        QueryResults.One(level, keys, null, keys, node, model) with { Dataset = null, Matches = false };

    private static IEnumerable<QueryPiece> ByDay(QueryPiece piece, QueryRequest request) =>
        request.DateTimeMatching ? [piece] : piece.Window.ByDay().Select(window => piece with { Window = window });
}
