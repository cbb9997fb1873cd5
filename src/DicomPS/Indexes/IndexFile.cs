using System.Runtime.CompilerServices;
using DicomPS.Archiving.Databases;
using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Retrieving;

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
    public static async Task<IndexFile> OpenAsync(IndexPlace place, bool mayCreate, CancellationToken token)
    {
        // A file may lie wherever SQLite can use it; the archive's own does.
        var address = place.File is { } path ? new StoreAddress(path, path) { Words = StoreWords.Index }
            : StoreAddress.Parse(place.Text, text => text, StoreWords.Index) with { Credential = place.Login };
        return new(await ArchiveIndex.OpenAsync(address, new ArchiveIndexOptions { MayCreate = mayCreate }, token).ConfigureAwait(false));
    }

    /// <summary>The answers of an index to a query, as a peer gives them.</summary>
    public static async IAsyncEnumerable<QueryValue> FindAsync(IndexPlace place, QueryRequest request,
        [EnumeratorCancellation] CancellationToken token)
    {
        // An archive knows the files in its folder by what comes behind that.
        var folder = place.File is { } path ? Path.GetDirectoryName(Path.GetFullPath(path)) ?? "" : null;
        var file = await OpenAsync(place, mayCreate: false, token).ConfigureAwait(false);
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

    /// <summary>Marks what a result says was retrieved; nothing for one that brought nothing.</summary>
    public Task MarkAsync(RetrieveResult result, CancellationToken token)
    {
        var isWhole = result.GetVerdict() == RetrieveVerdict.Complete;
        var at = result.Finished.ToUniversalTime();
        var came = result.Received
            ?? (result is { Completed: null, Warning: null } ? null : (result.Completed ?? 0) + (result.Warning ?? 0));
        if (!isWhole && came is not > 0)
            return Task.CompletedTask;
        var studies = Parts(result.StudyInstanceUID);
        var series = Parts(result.SeriesInstanceUID);
        if (studies.Length == 0)
            return isWhole && result.PatientID is { } patient ? _index.MarkPatientAsync(patient, at, token) : Task.CompletedTask;
        // Some instances of a series say nothing of the series; of several things at once only all is known of each.
        var places = series.Length == 0 ? studies : series;
        if (result.SOPInstanceUID is { } || (places.Length > 1 && !isWhole))
            return Task.CompletedTask;
        var isOne = places.Length == 1;
        return _index.MarkAsync([.. places.Select(uid => new RetrieveMark(
            series.Length == 0 ? uid : studies[0], series.Length == 0 ? null : uid, at, isOne ? came : null,
            isOne ? Known(result, came) : null, isWhole))], token);
    }

    private static int? Known(RetrieveResult result, int? came)
    {
        var counted = (result.Completed ?? 0) + (result.Failed ?? 0) + (result.Warning ?? 0) + (result.Remaining ?? 0);
        return new[] { result.Announced ?? 0, counted, came ?? 0 }.Max() is > 0 and var most ? most : null;
    }

    private static string[] Parts(string? uids) =>
        [.. (uids ?? "").Split('\\').Select(uid => uid.Trim()).Where(uid => uid.Length > 0)];

    /// <summary>Finishes what is being written and closes the file.</summary>
    public async Task CloseAsync() => await _index.DisposeAsync().ConfigureAwait(false);

    private async IAsyncEnumerable<LocalAnswer> AnswersAsync(
        string? folder, QueryRequest request, DicomDataset identifier, [EnumeratorCancellation] CancellationToken token)
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
            WithMarks = request.Level is QueryLevel.Study or QueryLevel.Series,
        };
        var kept = request.Level == QueryLevel.Study && folder is { } ? new ProtectedStudies(folder).All() : null;
        await foreach (var match in _index.FindAsync(query, token).ConfigureAwait(false))
        {
            if (request.IsRetrieved is { } wanted && wanted != (match.Mark?.IsWhole == true))
                continue;
            yield return new LocalAnswer(match.Answer, NodeOf(match.Source))
            {
                // Of anything above an instance it is one file that stands for all.
                Path = request.Level == QueryLevel.Image && match.File is { } at ? Path.Combine(folder ?? "", at) : null,
                FirstSeen = match.FirstSeen?.ToLocalTime(),
                LastSeen = match.LastSeen?.ToLocalTime(),
                Retrieved = match.Mark?.At.ToLocalTime(),
                RetrievedInstances = match.Mark?.Instances,
                RetrievedOf = match.Mark?.Of,
                Protected = kept?.Contains(match.Answer.GetString(Dictionary.Tags.StudyInstanceUID) ?? ""),
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
