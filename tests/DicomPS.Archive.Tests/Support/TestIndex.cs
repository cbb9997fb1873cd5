using DicomPS.Archiving.Databases;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Text;

namespace DicomPS.Archiving.Tests.Support;

/// <summary>An index, which goes away with the test.</summary>
internal sealed class TestIndex(StoreAddress address, IDisposable? folder) : IAsyncDisposable
{
    public StoreAddress Address => address;

    /// <summary>The file, where it is one.</summary>
    public string Path => address.Path!;

    public ArchiveIndex Index { get; private set; } = null!;

    /// <summary>One in a folder of its own.</summary>
    public static Task<TestIndex> CreateAsync(params DicomDataset[] instances)
    {
        var folder = new TempFolder();
        return CreateAsync(In(folder), folder, instances);
    }

    public static async Task<TestIndex> CreateAsync(StoreAddress address, IDisposable? folder, params DicomDataset[] instances)
    {
        var made = new TestIndex(address, folder);
        await made.OpenAsync();
        if (instances.Length > 0)
            await made.AddAsync(instances);
        return made;
    }

    /// <summary>The address of an index in a folder.</summary>
    public static StoreAddress In(TempFolder folder) =>
        StoreAddress.Parse(System.IO.Path.Combine(folder.Path, "index.sqlite"), path => path, StoreWords.Index);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task AddAsync(params DicomDataset[] instances) =>
        Index.WriteAsync([.. instances.Select(i => IndexEntry.ForInstance(i))], Cancellation);

    public Task AddAnswerAsync(QueryLevel level, DicomDataset answer, string? source = null) =>
        Index.WriteAsync([IndexEntry.ForAnswer(level, answer, source)], Cancellation);

    public async Task ReopenAsync()
    {
        await Index.DisposeAsync();
        await OpenAsync();
    }

    /// <summary>The same index as another process has it.</summary>
    public Task<ArchiveIndex> AgainAsync() => ArchiveIndex.OpenAsync(address, ArchiveIndexOptions.Default, Cancellation);

    /// <summary>Closes it, overwrites the first page of a table, and opens it again.</summary>
    public async Task DamageAsync(string table)
    {
        await Index.DisposeAsync();
        long page, size;
        using (var connection = new SqliteDatabase(Path).Connect(mayCreate: false))
            (page, size) = (IndexDatabase.Number(connection, $"SELECT rootpage FROM sqlite_master WHERE name = '{table}'"),
                IndexDatabase.Number(connection, "PRAGMA page_size"));
        using (var file = File.OpenWrite(Path))
        {
            file.Position = (page - 1) * size;
            file.Write(new byte[size], 0, (int)size);
        }

        await OpenAsync();
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
        folder?.Dispose();
    }

    private async Task OpenAsync() => Index = await AgainAsync();
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
