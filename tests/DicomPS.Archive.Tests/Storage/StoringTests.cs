using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Serialization;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Tests.Storage;

public sealed class StoringTests : IDisposable
{
    private readonly TempFolder _inbox = new(), _folder = new();

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    public void Dispose()
    {
        _inbox.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_same_instance_is_replaced_in_its_place()
    {
        await using var archive = await OpenAsync();
        var first = await StoreAsync(archive, "A", "first");
        var second = await StoreAsync(archive, "A", "second");
        Assert.Equal((first.Path, true, false), (second.Path, second.Replaced, first.Replaced));
        Assert.Equal(["A second 1/1.1/1.1.1.dcm"], await FilesAsync(archive));
    }

    [Fact]
    public async Task Another_patients_instance_of_the_same_UIDs_is_kept_apart_and_both_can_come_again()
    {
        await using var archive = await OpenAsync();
        await StoreAsync(archive, "A", "a");
        var other = await StoreAsync(archive, "B", "b");
        Assert.Equal(("A", "B"), (other.Conflict!.OtherPatientId, other.Conflict.PatientId));
        await StoreAsync(archive, "A", "a again");
        Assert.Null((await StoreAsync(archive, "B", "b again")).Conflict);
        var files = await FilesAsync(archive);
        Assert.Equal(["A a again 1/1.1/1.1.1.dcm", "B b again 1~"], files.Select(file => file.StartsWith('A') ? file : file[..12]));
        Assert.Equal(1, (await archive.Index.CountAsync(Cancellation)).Conflicts);
    }

    [Fact]
    public async Task A_folder_has_one_patient_also_after_a_start_anew_and_a_repair()
    {
        await using (var archive = await OpenAsync())
        {
            await StoreAsync(archive, "B", "b", number: 2);
            await StoreAsync(archive, "A", "a", number: 1);
        }

        await using (var archive = await OpenAsync())
            await StoreAsync(archive, "A", "a", number: 3);
        await using var repaired = await Archive.RepairAsync(Options, Cancellation);
        await StoreAsync(repaired, "A", "a", number: 4);
        await StoreAsync(repaired, "B", "b", number: 5);
        var folders = (await FilesAsync(repaired)).Select(file => (Patient: file[..1], Folder: file.Split(' ')[2].Split('/')[0]))
            .Distinct().ToList();
        Assert.Equal(["A", "B"], folders.Select(folder => folder.Patient).Order());
        Assert.Equal("1", folders.Single(folder => folder.Patient == "B").Folder);
        // The conflict was listed when it came; that the index was made anew is no other one.
        Assert.Equal(1, (await repaired.Index.CountAsync(Cancellation)).Conflicts);
    }

    [Fact]
    public async Task What_keeps_its_first_drops_the_second()
    {
        await using var archive = await OpenAsync();
        var first = await StoreAsync(archive, "A", "first");
        var second = await StoreAsync(archive, "A", "second", same: SameInstance.Keep);
        Assert.Equal((first.Path, true), (second.Path, second.Kept));
        Assert.False((await StoreAsync(archive, "B", "other", same: SameInstance.Keep)).Kept);
        Assert.Equal("A first 1/1.1/1.1.1.dcm", (await FilesAsync(archive))[0]);
        // A row whose file somebody deleted keeps nothing.
        File.Delete(first.Path);
        Assert.False((await StoreAsync(archive, "A", "third", same: SameInstance.Keep)).Kept);
    }

    [Fact]
    public async Task A_file_that_lies_in_the_place_of_another_is_not_replaced()
    {
        await using var archive = await OpenAsync();
        var place = Path.Combine(_folder.Path, "1", "1.1", "1.1.1.dcm");
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        await File.WriteAllTextAsync(place, "somebody's notes", Cancellation);
        var stored = await StoreAsync(archive, "A", "first");
        Assert.NotEqual(place, stored.Path);
        Assert.Equal(stored.Path, (await StoreAsync(archive, "A", "second")).Path);
        Assert.Equal("somebody's notes"u8.ToArray(), await File.ReadAllBytesAsync(place, Cancellation));
    }

    [Fact]
    public async Task An_instance_whose_file_has_a_name_of_its_own_has_one_file_after_it_came_again()
    {
        await using var archive = await OpenAsync();
        var mine = await SaveAsync(Path.Combine(_folder.Path, "IM0001"), "A", "first");
        await archive.AddAsync(mine, cancellationToken: Cancellation);
        await StoreAsync(archive, "A", "second");
        Assert.Equal(["A second 1/1.1/1.1.1.dcm"], await FilesAsync(archive));
        Assert.False(File.Exists(mine));
    }

    [Fact]
    public async Task A_users_own_file_stays_when_the_instance_comes_again()
    {
        await using var archive = await OpenAsync();
        var own = await SaveAsync(Path.Combine(_inbox.Path, "own.dcm"), "A", "own");
        await foreach (var file in archive.ImportAsync([own], ImportMode.InPlace, cancellationToken: Cancellation))
            Assert.Equal(own, file.ArchivedPath);
        // By C-STORE, by an import of a copy, and by an import in place of another file.
        await StoreAsync(archive, "A", "second");
        var copy = await SaveAsync(Path.Combine(_inbox.Path, "copy.dcm"), "A", "copy");
        await foreach (var file in archive.ImportAsync([own], ImportMode.InPlace, cancellationToken: Cancellation))
            Assert.Null(file.Problem);
        await foreach (var file in archive.ImportAsync([copy], ImportMode.Copy, cancellationToken: Cancellation))
            Assert.Null(file.Problem);
        await foreach (var file in archive.ImportAsync([own, copy], ImportMode.InPlace, cancellationToken: Cancellation))
            Assert.Null(file.Problem);
        Assert.Equal("own", (await DicomFile.OpenAsync(own, cancellationToken: Cancellation)).Dataset.GetString(Tags.StudyDescription));
        Assert.Equal("copy", (await DicomFile.OpenAsync(copy, cancellationToken: Cancellation)).Dataset.GetString(Tags.StudyDescription));
    }

    [Fact]
    public async Task A_file_on_a_share_that_is_away_stays_known()
    {
        var archive = await OpenAsync();
        var share = Directory.CreateDirectory(Path.Combine(_inbox.Path, "share")).FullName;
        var own = await SaveAsync(Path.Combine(share, "own.dcm"), "A", "own");
        await foreach (var file in archive.ImportAsync([own], ImportMode.InPlace, cancellationToken: Cancellation))
            Assert.Null(file.Problem);
        var gone = await StoreAsync(archive, "A", "here", number: 2);
        await archive.AbandonAsync();
        File.Delete(gone.Path);
        Directory.Move(share, share + "-away");
        await using (var again = await OpenAsync())
        {
            Assert.Equal(1, again.Recovered!.Forgotten);
            Assert.Equal(1, (await again.Index.CountAsync(Cancellation)).Instances);
        }

        Directory.Move(share + "-away", share);
        await using var back = await OpenAsync();
        await foreach (var file in back.Index.FilesAsync(cancellationToken: Cancellation))
            Assert.True(File.Exists(file.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_index_refuses_an_instance_the_folder_is_what_it_was(bool isThere)
    {
        await using var archive = await OpenAsync();
        if (isThere)
            await StoreAsync(archive, "A", "first");
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "index.sqlite")};Pooling=False"))
        {
            connection.Open();
            foreach (var when in new[] { "INSERT", "UPDATE" })
                IndexDatabase.Execute(connection,
                    $"CREATE TRIGGER refuse_{when} BEFORE {when} ON instances BEGIN SELECT RAISE(ABORT, 'refused'); END");
        }

        var before = await StateAsync();
        var coming = await SaveAsync(Path.Combine(_folder.Path, $".dicomps-{Guid.NewGuid():N}.part"), "A", "second");
        await Assert.ThrowsAsync<DicomException>(() => archive.StoreAsync(coming, "B", SameInstance.Replace, Cancellation));
        File.Delete(coming);
        Assert.Equal(before, await StateAsync());

        async Task<string> StateAsync() => string.Join('\n',
            await Task.WhenAll(Directory.GetFiles(_folder.Path, "*.dcm", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(_folder.Path, "*.part")).Concat(Directory.GetDirectories(_folder.Path)).Order(StringComparer.Ordinal)
            .Select(
                async path => path
                    + (File.Exists(path) ? Convert.ToBase64String(await File.ReadAllBytesAsync(path, Cancellation))
                        + File.GetLastWriteTimeUtc(path) : ""))));
    }

    [Fact]
    public async Task Of_two_files_of_one_instance_that_a_kill_left_the_acknowledged_one_stays()
    {
        var archive = await OpenAsync();
        await StoreAsync(archive, "A", "acknowledged");
        await archive.AbandonAsync();
        // In its place and not yet in the index when the process was killed; or in no row any more and not yet deleted. It is newer.
        var left = await SaveAsync(Path.Combine(_folder.Path, "1", "1.1", "1.1.1~1.dcm"), "A", "left");
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddHours(1));
        await using (var again = await OpenAsync())
        {
            Assert.Equal(new ArchiveRepair(2, 0, 0, 0, 1), again.Recovered);
            Assert.Equal(["A acknowledged 1/1.1/1.1.1.dcm"], await FilesAsync(again));
        }

        // Nobody knows any more which it was: the one that was written last.
        await using var repaired = await Archive.RepairAsync(Options, Cancellation);
        Assert.Equal(["A left 1/1.1/1.1.1~1.dcm"], await FilesAsync(repaired));
    }

    [Fact]
    public async Task Retention_of_one_patients_study_leaves_the_others_of_the_same_UID()
    {
        await using var archive = await OpenAsync();
        await StoreAsync(archive, "A", "a");
        await Task.Delay(20, Cancellation);
        await StoreAsync(archive, "B", "b");
        await foreach (var removed in archive.RetainAsync(new Retention { MaxBytes = 1 }, DateTime.UtcNow, _ => false, Cancellation))
            Assert.Equal(("A", 1L), (removed.Study.PatientId, removed.Instances));
        Assert.Equal(["B"], (await FilesAsync(archive)).Select(file => file[..1]));
    }

    private ArchiveOptions Options => new() { Folder = _folder.Path };

    private Task<Archive> OpenAsync() => Archive.OpenAsync(Options, Cancellation);

    private async Task<StoredFile> StoreAsync(Archive archive, string patient, string what, int number = 1,
        SameInstance same = SameInstance.Replace) =>
        await archive.StoreAsync(await SaveAsync(Path.Combine(_folder.Path, $".dicomps-{Guid.NewGuid():N}.part"), patient, what, number),
            "SENDER", same, Cancellation);

    /// <summary>What the index has: whose, what the file says, and where; and nothing else may lie in the folder.</summary>
    private static async Task<List<string>> FilesAsync(Archive archive)
    {
        var files = new List<string>();
        await foreach (var file in archive.Index.FilesAsync(cancellationToken: Cancellation))
        {
            var dataset = (await DicomFile.OpenAsync(archive.FullPath(file.Path), cancellationToken: Cancellation)).Dataset;
            files.Add($"{dataset.GetString(Tags.PatientID)} {dataset.GetString(Tags.StudyDescription)} {file.Path}");
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static async Task<string> SaveAsync(string path, string patient, string what, int number = 1)
    {
        var dataset = Make.Instance(number: number, elements: [(Tags.PatientID, patient), (Tags.StudyDescription, what)]);
        await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
        return path;
    }
}
