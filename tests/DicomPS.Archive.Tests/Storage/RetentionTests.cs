using DicomPS.Archiving.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Tests.Storage;

public sealed class RetentionTests : IDisposable
{
    private readonly TempFolder _inbox = new(), _folder = new();
    private readonly DateTime _start = DateTime.UtcNow;

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    public void Dispose()
    {
        _inbox.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_oldest_studies_go_whole_until_the_rest_fits()
    {
        await using var archive = await OpenAsync();
        var size = await FillAsync(archive, "1", "2", "3", "4");
        // Room for five of eight instances: two studies have to go, and the half that would do is not taken.
        var removed = await RetainAsync(archive, new Retention { MaxBytes = size * 5 });
        Assert.Equal(["1", "2"], removed.Select(study => study.Study.StudyInstanceUid));
        Assert.All(removed, study => Assert.Equal((2, size * 2, null), (study.Instances, study.Bytes, study.Problem)));
        Assert.Equal(["3", "4"], Folders());
        Assert.Equal((2, 4), await CountAsync(archive));
        Assert.Empty(await RetainAsync(archive, new Retention { MaxBytes = size * 5 }));
    }

    [Fact]
    public async Task The_study_that_came_last_stays_although_it_is_over_the_limit_alone()
    {
        await using var archive = await OpenAsync();
        await FillAsync(archive, "1", "2");
        Assert.Equal("1", Assert.Single(await RetainAsync(archive, new Retention { MaxBytes = 1 })).Study.StudyInstanceUid);
        Assert.Equal(["2"], Folders());
    }

    [Fact]
    public async Task Studies_go_when_they_are_old_by_their_arrival_and_not_by_their_files()
    {
        await using var archive = await OpenAsync();
        // Files of old times, which came just now.
        await FillAsync(archive, "1", "2");
        var rules = new Retention { MaxAge = TimeSpan.FromDays(30) };
        Assert.Empty(await RetainAsync(archive, rules, _start.AddDays(29)));
        Assert.Equal(2, (await RetainAsync(archive, rules, _start.AddDays(31))).Count);
        Assert.Empty(Folders());
        Assert.Equal((0, 0), await CountAsync(archive));
    }

    [Fact]
    public async Task A_study_that_is_being_received_or_sent_stays_and_the_next_one_goes()
    {
        await using var archive = await OpenAsync();
        var size = await FillAsync(archive, "1", "2", "3", "4");
        using (await archive.HoldAsync("2", Cancellation))
        {
            var removed = await RetainAsync(archive, new Retention { MaxBytes = size * 6 }, isBusy: study => study == "1");
            Assert.Equal(["3"], removed.Select(study => study.Study.StudyInstanceUid));
            Assert.Empty(await RetainAsync(archive, new Retention { MaxBytes = size * 4 }, isBusy: study => study == "1"));
        }

        Assert.Equal(["1", "2", "4"], Folders());
        Assert.Equal(["1"],
            (await RetainAsync(archive, new Retention { MaxBytes = size * 4 })).Select(study => study.Study.StudyInstanceUid));
    }

    [Fact]
    public async Task Who_comes_for_a_study_that_is_being_removed_waits_and_sees_that_it_is_gone()
    {
        await using var archive = await OpenAsync();
        await FillAsync(archive, "1", "2");
        var asked = 0;
        Task<IDisposable>? late = null;
        var before = archive.Removals;
        await RetainAsync(archive, new Retention { MaxBytes = 1 }, isBusy: _ =>
        {
            // The second time the removal has begun.
            if (++asked == 2)
            {
                late = archive.HoldAsync("1", Cancellation);
                Assert.False(late.IsCompleted);
            }

            return false;
        });
        using (await late!.WaitAsync(TimeSpan.FromSeconds(30), Cancellation))
        {
            Assert.NotEqual(before, archive.Removals);
            Assert.Equal(["2"], Folders());
        }
    }

    [Fact]
    public async Task Who_comes_before_a_removal_has_begun_is_seen()
    {
        await using var archive = await OpenAsync();
        await FillAsync(archive, "1", "2");
        var asked = 0;
        Assert.Empty(await RetainAsync(archive, new Retention { MaxBytes = 1 }, isBusy: _ => ++asked == 2));
        Assert.Equal(["1", "2"], Folders());
        // And nothing is left behind of the attempt.
        (await archive.HoldAsync("1", Cancellation)).Dispose();
    }

    [Fact]
    public async Task Files_outside_the_folder_neither_count_nor_go()
    {
        await using var archive = await OpenAsync();
        var outside = await SaveAsync(Path.Combine(_inbox.Path, "o.dcm"), "1", 9, new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await foreach (var file in archive.ImportAsync([outside], ImportMode.InPlace, cancellationToken: Cancellation))
            Assert.Null(file.Problem);
        var size = await FillAsync(archive, "1", "2");
        Assert.Empty(await RetainAsync(archive, new Retention { MaxBytes = size * 4 }));
        var removed = Assert.Single(await RetainAsync(archive, new Retention { MaxBytes = size * 3 }));
        Assert.Equal(("1", 2), (removed.Study.StudyInstanceUid, removed.Instances));
        Assert.True(File.Exists(outside));
        // The study is still known by what is outside.
        Assert.Equal((2, 3), await CountAsync(archive));
    }

    [Fact]
    public async Task Other_files_in_the_folder_of_a_study_stay()
    {
        await using var archive = await OpenAsync();
        await FillAsync(archive, "1", "2");
        var notes = Path.Combine(_folder.Path, "1", "notes.txt");
        await File.WriteAllTextAsync(notes, "mine", Cancellation);
        Assert.Single(await RetainAsync(archive, new Retention { MaxBytes = 1 }));
        Assert.Equal([notes], Directory.GetFiles(Path.Combine(_folder.Path, "1"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_process_killed_between_files_and_index_leaves_both_agreeing_at_the_next_start()
    {
        var archive = await OpenAsync();
        await FillAsync(archive, "1", "2");
        // As far as a removal comes before it tells the index.
        Directory.Delete(Path.Combine(_folder.Path, "1"), recursive: true);
        await archive.AbandonAsync();
        await using var again = await OpenAsync();
        Assert.Equal(2, again.Recovered!.Forgotten);
        Assert.Equal((1, 2), await CountAsync(again));
    }

    [Fact]
    public async Task Files_that_are_gone_already_are_forgotten_without_an_error()
    {
        await using var archive = await OpenAsync();
        await FillAsync(archive, "1", "2");
        Directory.Delete(Path.Combine(_folder.Path, "1"), recursive: true);
        Assert.Null(Assert.Single(await RetainAsync(archive, new Retention { MaxBytes = 1 })).Problem);
        Assert.Equal((1, 2), await CountAsync(archive));
    }

    [Fact]
    public async Task The_order_outlives_an_index_that_is_made_anew()
    {
        long size;
        await using (var archive = await OpenAsync())
            size = await FillAsync(archive, "9", "2", "5");
        await using var again = await Archive.RepairAsync(Options, Cancellation);
        Assert.Equal(["9"],
            (await RetainAsync(again, new Retention { MaxBytes = size * 4 })).Select(study => study.Study.StudyInstanceUid));
    }

    [Fact]
    public async Task What_would_go_is_told_of_an_archive_that_is_not_open_and_nothing_is_changed()
    {
        Assert.Empty(await Archive.ExpiredAsync(_folder.Path, new Retention { MaxBytes = 1 }, Cancellation));
        await using (var archive = await OpenAsync())
            await FillAsync(archive, "1", "2");
        var study = Assert.Single(await Archive.ExpiredAsync(_folder.Path, new Retention { MaxBytes = 1 }, Cancellation));
        Assert.Equal(("1", "P1", 2L), (study.StudyInstanceUid, study.PatientId, study.Instances));
        Assert.Equal(["1", "2"], Folders());
    }

    [Fact]
    public async Task What_was_removed_stands_in_a_table_in_the_folder()
    {
        await using var archive = await OpenAsync();
        var size = await FillAsync(archive, "1", "2");
        await RetainAsync(archive, new Retention { MaxBytes = 1 });
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder.Path, ".dicomps-removed.csv"), Cancellation);
        Assert.Equal("RemovedAt,StudyInstanceUID,Instances,Bytes,LastArrival", lines[0]);
        Assert.Contains($",1,2,{size * 2},", Assert.Single(lines[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_that_was_chosen_and_is_gone_takes_none_along_that_has_its_row_now()
    {
        await using var archive = await OpenAsync();
        await FillAsync(archive, "1", "2", "3");
        using var held = await archive.HoldAsync("1", Cancellation);
        var rules = new Retention { MaxAge = TimeSpan.FromDays(1) };
        await using (var first = archive.RetainAsync(rules, _start.AddDays(2), _ => false, Cancellation).GetAsyncEnumerator(Cancellation))
        {
            Assert.True(await first.MoveNextAsync());
            Assert.Equal("3", Assert.Single(await RetainAsync(archive, rules, _start.AddDays(2))).Study.StudyInstanceUid);
            // The second of them has the row that the third study had.
            await FillAsync(archive, "4", "5");
            Assert.False(await first.MoveNextAsync());
        }

        Assert.Equal(["1", "4", "5"], Folders());
    }

    [Fact]
    public async Task A_study_to_which_something_came_after_it_was_chosen_stays()
    {
        await using var archive = await OpenAsync();
        await FillAsync(archive, "1", "2");
        await using (var first = archive.RetainAsync(new Retention { MaxAge = TimeSpan.FromDays(1) }, _start.AddDays(2), _ => false,
            Cancellation).GetAsyncEnumerator(Cancellation))
        {
            Assert.True(await first.MoveNextAsync());
            var path = Path.Combine(_folder.Path, "2", "series", "3.dcm");
            await SaveAsync(path, "2", 3, _start);
            await archive.AddAsync(path, cancellationToken: Cancellation);
            Assert.False(await first.MoveNextAsync());
        }

        Assert.Equal(["2"], Folders());
    }

    private ArchiveOptions Options => new() { Folder = _folder.Path };

    private Task<Archive> OpenAsync() => Archive.OpenAsync(Options, Cancellation);

    private string[] Folders() =>
        [.. Directory.GetDirectories(_folder.Path).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    private async Task<List<RemovedStudy>> RetainAsync(Archive archive, Retention rules, DateTime? now = null,
        Func<string, bool>? isBusy = null)
    {
        var removed = new List<RemovedStudy>();
        await foreach (var study in archive.RetainAsync(rules, now ?? _start, isBusy ?? (_ => false), Cancellation))
            removed.Add(study);
        return removed;
    }

    /// <summary>Studies of two instances each, in the order of their arrival; the bytes of one file.</summary>
    private async Task<long> FillAsync(Archive archive, params string[] studies)
    {
        long size = 0;
        for (var i = 0; i < studies.Length; i++)
        {
            for (var number = 1; number <= 2; number++)
            {
                var path = Path.Combine(_folder.Path, studies[i], "series", $"{number}.dcm");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await SaveAsync(path, studies[i], number, new DateTime(2001, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc));
                await archive.AddAsync(path, cancellationToken: Cancellation);
                size = new FileInfo(path).Length;
            }
        }

        return size;
    }

    private static async Task<string> SaveAsync(string path, string study, int number, DateTime written)
    {
        await new DicomFile(Make.Instance(study, number: number), TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
        File.SetLastWriteTimeUtc(path, written);
        return path;
    }

    private static async Task<(long Studies, long Instances)> CountAsync(Archive archive) =>
        await archive.Index.CountAsync(Cancellation) is var counts ? (counts.Studies, counts.Instances) : default;
}
