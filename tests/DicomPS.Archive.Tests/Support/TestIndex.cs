using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Text;

namespace DicomPS.Archiving.Tests.Support;

/// <summary>An index in a folder of its own, which goes away with the test.</summary>
internal sealed class TestIndex : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    public string Path => System.IO.Path.Combine(_folder.Path, "index.sqlite");

    public ArchiveIndex Index { get; private set; } = null!;

    public static async Task<TestIndex> CreateAsync(params DicomDataset[] instances)
    {
        var made = new TestIndex();
        made.Index = await ArchiveIndex.OpenAsync(made.Path, cancellationToken: Cancellation);
        if (instances.Length > 0)
            await made.AddAsync(instances);
        return made;
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task AddAsync(params DicomDataset[] instances) =>
        Index.WriteAsync([.. instances.Select(i => IndexEntry.ForInstance(i))], Cancellation);

    public Task AddAnswerAsync(QueryLevel level, DicomDataset answer, string? source = null) =>
        Index.WriteAsync([IndexEntry.ForAnswer(level, answer, source)], Cancellation);

    public async Task ReopenAsync()
    {
        await Index.DisposeAsync();
        Index = await ArchiveIndex.OpenAsync(Path, cancellationToken: Cancellation);
    }

    /// <summary>Closes it, overwrites the first page of a table, and opens it again.</summary>
    public async Task DamageAsync(string table)
    {
        await Index.DisposeAsync();
        long page, size;
        using (var connection = new IndexDatabase(Path).Connect(mayCreate: false))
            (page, size) = (IndexDatabase.Number(connection, $"SELECT rootpage FROM sqlite_master WHERE name = '{table}'"),
                IndexDatabase.Number(connection, "PRAGMA page_size"));
        using (var file = File.OpenWrite(Path))
        {
            file.Position = (page - 1) * size;
            file.Write(new byte[size], 0, (int)size);
        }

        Index = await ArchiveIndex.OpenAsync(Path, cancellationToken: Cancellation);
    }

    public Task<List<DicomDataset>> FindAsync(QueryLevel level, DicomDataset identifier, MatchOptions? match = null,
        bool relational = false) =>
        FindAsync(new IndexQuery
        {
            Level = level, Identifier = identifier, Match = match ?? MatchOptions.Default,
            Relational = relational
        });

    public async Task<List<DicomDataset>> FindAsync(IndexQuery query)
    {
        var answers = new List<DicomDataset>();
        await foreach (var answer in Index.FindAsync(query, Cancellation))
            answers.Add(answer.Answer);
        return answers;
    }

    /// <summary>The UIDs of the level that match, in order.</summary>
    public async Task<List<string>> UidsAsync(QueryLevel level, DicomDataset identifier, MatchOptions? match = null,
        bool relational = false)
    {
        var unique = QueryLevels.UniqueKeyOf(level);
        if (!identifier.Contains(unique))
            identifier.Set(unique, Vr.UI);
        return [.. (await FindAsync(level, identifier, match, relational)).Select(a => a.GetString(unique)!).Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await Index.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dicomps-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Datasets in one line.</summary>
internal static class Make
{
    /// <summary>A dataset of elements, with UTF-8 for its texts; a value with backslashes has several.</summary>
    public static DicomDataset Dataset(params (DicomTag Tag, string Value)[] elements)
    {
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("ISO_IR 192");
        foreach (var (tag, value) in elements)
            dataset.Set(tag, value.Length == 0 ? [] : DicomDictionary.VrOf(tag).IsMultiValued() ? value.Split('\\') : [value]);
        return dataset;
    }

    /// <summary>An instance of a study and a series, "1" and "1.1" unless told.</summary>
    public static DicomDataset Instance(string study = "1", string series = "1", int number = 1,
        params (DicomTag Tag, string Value)[] elements)
    {
        var dataset = Dataset(elements);
        dataset.Set(Tags.StudyInstanceUID, study);
        dataset.Set(Tags.SeriesInstanceUID, $"{study}.{series}");
        dataset.Set(Tags.SOPInstanceUID, $"{study}.{series}.{number}");
        if (!dataset.Contains(Tags.SOPClassUID))
            dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        if (!dataset.Contains(Tags.PatientID))
            dataset.Set(Tags.PatientID, "P" + study);
        return dataset;
    }
}
