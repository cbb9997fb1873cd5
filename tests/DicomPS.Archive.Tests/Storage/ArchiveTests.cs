using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Tests.Storage;

public sealed class ArchiveTests : IDisposable
{
    private readonly TempFolder _inbox = new(), _folder = new();

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    public void Dispose()
    {
        _inbox.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ImportMode.Copy)]
    [InlineData(ImportMode.InPlace)]
    public async Task Imported_files_are_in_the_index_and_where_it_says(ImportMode mode)
    {
        await using var archive = await OpenAsync();
        string[] files = [await FileAsync("1", 1), await FileAsync("1", 2), await FileAsync("2", 1)];
        var imported = await ImportAsync(archive, mode, files);
        Assert.Equal(files, imported.Select(file => file.Path));
        Assert.All(imported, file => Assert.Equal(mode == ImportMode.InPlace, file.ArchivedPath == file.Path));
        Assert.All(imported, file => Assert.Equal(File.ReadAllBytes(file.Path), File.ReadAllBytes(file.ArchivedPath!)));
        Assert.Equal((2, 3), await CountAsync(archive));
    }

    [Fact]
    public async Task A_file_that_is_no_DICOM_is_told_and_the_rest_goes_on()
    {
        await using var archive = await OpenAsync();
        var text = Path.Combine(_inbox.Path, "readme.txt");
        await File.WriteAllTextAsync(text, "not DICOM", Cancellation);
        var imported = await ImportAsync(archive, ImportMode.Copy, text, Path.Combine(_inbox.Path, "missing"), await FileAsync("1", 1));
        Assert.Equal([true, true, false], imported.Select(file => file.Problem is { }));
        Assert.Equal((1, 1), await CountAsync(archive));
    }

    [Fact]
    public async Task A_file_that_was_stored_is_there_after_the_process_was_killed()
    {
        var archive = await OpenAsync();
        await archive.AddAsync(await PlaceAsync("1", 1), "MODALITY", Cancellation);
        await archive.AbandonAsync();
        await using var again = await OpenAsync();
        Assert.Equal(new ArchiveRepair(1, 0, 0, 0), again.Recovered);
        Assert.Equal((1, 1), await CountAsync(again));
    }

    [Fact]
    public async Task What_a_killed_process_left_half_done_is_put_right_at_the_next_start()
    {
        var archive = await OpenAsync();
        var gone = await PlaceAsync("1", 1);
        var changed = await PlaceAsync("2", 1);
        await archive.AddAsync(gone, cancellationToken: Cancellation);
        await archive.AddAsync(changed, cancellationToken: Cancellation);
        await archive.AbandonAsync();
        // In its place and not yet in the index; half received; deleted; replaced.
        await PlaceAsync("3", 1);
        var half = Path.Combine(_folder.Path, ".dicomps-0123.part");
        await File.WriteAllTextAsync(half, "half", Cancellation);
        File.Delete(gone);
        await SaveAsync(changed, Make.Instance("2", elements: (Tags.StudyDescription, "changed")));

        await using var again = await OpenAsync();
        Assert.Equal(new ArchiveRepair(2, 2, 1, 0), again.Recovered);
        Assert.False(File.Exists(half));
        var studies = new List<string?>();
        await foreach (var match in again.Index.FindAsync(new IndexQuery
        {
            Level = QueryLevel.Study,
            Identifier = Make.Dataset((Tags.StudyInstanceUID, ""), (Tags.StudyDescription, ""))
        }, Cancellation))
            studies.Add($"{match.Answer.GetString(Tags.StudyInstanceUID)} {match.Answer.GetString(Tags.StudyDescription)}".Trim());
        Assert.Equal(["2 changed", "3"], studies.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task After_closing_in_good_order_nothing_is_looked_through()
    {
        await using (var archive = await OpenAsync())
            await archive.AddAsync(await PlaceAsync("1", 1), cancellationToken: Cancellation);
        await using var again = await OpenAsync();
        Assert.Null(again.Recovered);
        Assert.Equal((1, 1), await CountAsync(again));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("damaged")]
    public async Task An_index_is_made_anew_from_the_files(string how)
    {
        await using (var archive = await OpenAsync())
        {
            await archive.AddAsync(await PlaceAsync("1", 1), cancellationToken: Cancellation);
            await archive.AddAsync(await PlaceAsync("2", 1), cancellationToken: Cancellation);
        }

        var index = Path.Combine(_folder.Path, "index.sqlite");
        if (how == "lost")
            File.Delete(index);
        else
            await File.WriteAllTextAsync(index, new string('x', 5000), Cancellation);
        await using var again = await Archive.RepairAsync(Options, Cancellation);
        Assert.Equal(new ArchiveRepair(2, 2, 0, 0), again.Recovered);
        Assert.Equal((2, 2), await CountAsync(again));
        Assert.Equal(how == "lost", again.Damage is null);
    }

    [Fact]
    public async Task A_hostile_UID_does_not_leave_the_folder()
    {
        await using var archive = await OpenAsync();
        var hostile = Make.Instance();
        hostile.Set(Tags.StudyInstanceUID, "../../evil");
        var imported =
            Assert.Single(await ImportAsync(archive, ImportMode.Copy, await SaveAsync(Path.Combine(_inbox.Path, "h.dcm"), hostile)));
        Assert.StartsWith(archive.Folder + Path.DirectorySeparatorChar, imported.ArchivedPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_is_open_once()
    {
        await using var archive = await OpenAsync();
        var problem = await Assert.ThrowsAsync<DicomException>(() => OpenAsync());
        Assert.Contains("open already", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_attribute_can_be_returned_and_matched()
    {
        await using var archive = await OpenAsync();
        await archive.AddAsync(await PlaceAsync("1", 1), cancellationToken: Cancellation);
        var query = new IndexQuery
        {
            Level = QueryLevel.Image, Identifier = Make.Dataset((Tags.KVP, "120"), (Tags.SOPInstanceUID, "")),
            ReadMissing = archive.ReadAttributesAsync
        };
        var count = 0;
        await foreach (var match in archive.Index.FindAsync(query, Cancellation))
        {
            Assert.Equal("120", match.Answer.GetString(Tags.KVP));
            Assert.Equal(archive.FullPath(match.File!), Path.Combine(_folder.Path, "1.1.dcm"));
            count++;
        }

        Assert.Equal(1, count);
    }

    private ArchiveOptions Options => new() { Folder = _folder.Path };

    private Task<Archive> OpenAsync() => Archive.OpenAsync(Options, Cancellation);

    private static async Task<List<ImportedFile>> ImportAsync(Archive archive, ImportMode mode, params string[] files)
    {
        var imported = new List<ImportedFile>();
        await foreach (var file in archive.ImportAsync(files, mode, cancellationToken: Cancellation))
            imported.Add(file);
        return imported;
    }

    private static async Task<(long Studies, long Instances)> CountAsync(Archive archive) =>
        await archive.Index.CountAsync(Cancellation) is var counts ? (counts.Studies, counts.Instances) : default;

    private Task<string> FileAsync(string study, int number) =>
        SaveAsync(Path.Combine(_inbox.Path, $"{study}.{number}.dcm"), Instance(study, number));

    private Task<string> PlaceAsync(string study, int number) =>
        SaveAsync(Path.Combine(_folder.Path, $"{study}.{number}.dcm"), Instance(study, number));

    private static DicomDataset Instance(string study, int number) => Make.Instance(study, number: number, elements: (Tags.KVP, "120"));

    private static async Task<string> SaveAsync(string path, DicomDataset dataset)
    {
        await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
        return path;
    }
}
