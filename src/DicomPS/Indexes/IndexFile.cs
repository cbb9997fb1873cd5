using System.Runtime.CompilerServices;
using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Indexes;

/// <summary>
/// An index as the cmdlets use it. Cmdlets name no type of SQLite or of the project around it, not even in a field, so that
/// importing the module loads nothing of them.
/// </summary>
internal sealed class IndexFile
{
    private readonly ArchiveIndex _index;

    private IndexFile(ArchiveIndex index) => _index = index;

    /// <summary>Opens an index; makes it when it is missing and may be made.</summary>
    public static async Task<IndexFile> OpenAsync(string path, bool mayCreate, CancellationToken token) =>
        new(await ArchiveIndex.OpenAsync(path, new ArchiveIndexOptions { MayCreate = mayCreate }, token).ConfigureAwait(false));

    /// <summary>The answers of an index to a query, as a peer gives them.</summary>
    public static async IAsyncEnumerable<QueryValue> FindAsync(string path, QueryRequest request,
        [EnumeratorCancellation] CancellationToken token)
    {
        // An archive knows the files in its folder by what comes behind that.
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
        var file = await OpenAsync(path, mayCreate: false, token).ConfigureAwait(false);
        try
        {
            await foreach (var value in LocalQuery.ValuesAsync(request,
                (identifier, stop) => file.AnswersAsync(folder, request, identifier, stop),
                token).ConfigureAwait(false))
                yield return value;
        }
        finally
        {
            await file.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Puts entries into the index, all or none.</summary>
    public Task WriteAsync(IReadOnlyList<IndexInput> inputs, CancellationToken token) =>
        _index.WriteAsync([.. inputs.Select(input => input.Entry)], token);

    /// <summary>Finishes what is being written and closes the file.</summary>
    public async Task CloseAsync() => await _index.DisposeAsync().ConfigureAwait(false);

    private async IAsyncEnumerable<LocalAnswer> AnswersAsync(
        string folder, QueryRequest request, DicomDataset identifier, [EnumeratorCancellation] CancellationToken token)
    {
        if (QueryRules.Unusable(identifier) is { } unusable)
            throw new ArgumentException(
                $"The index cannot be asked that: {unusable}. Dates and UIDs have no wildcards; a range of dates is 20250101-20251231.",
                nameof(request));
        var query = new IndexQuery
        {
            Level = IndexInput.LevelOf(request.Level),
            Identifier = identifier,
            Relational = true,
            Match = new MatchOptions { FuzzyNames = request.FuzzyNames, CombinedDateTimes = request.DateTimeMatching },
            ReadMissing = FileAttributeReader.ReadAsync,
        };
        await foreach (var match in _index.FindAsync(query, token).ConfigureAwait(false))
        {
            yield return new LocalAnswer(match.Answer, NodeOf(match.Source))
            {
                // Of anything above an instance it is one file that stands for all.
                Path = request.Level == QueryLevel.Image && match.File is { } at ? Path.Combine(folder, at) : null,
                FirstSeen = match.FirstSeen?.ToLocalTime(),
                LastSeen = match.LastSeen?.ToLocalTime(),
            };
        }
    }

    private static DicomNode? NodeOf(string? source)
    {
        if (source is null || source.IndexOf('@') < 0)
            return null;
        try
        {
            return DicomNode.Parse(source);
        }
        catch (FormatException)
        {
            // Written by another tool: the answer has no node.
            return null;
        }
    }
}
