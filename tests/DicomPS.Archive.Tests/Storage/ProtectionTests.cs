using DicomPS.Archiving.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Tests.Storage;

public sealed class ProtectionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    private Retention Everything { get; } = new() { MaxAge = TimeSpan.FromTicks(1) };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_protected_study_stays_whatever_the_rules_say_and_what_it_takes_counts()
    {
        await using var archive = await FilledAsync("1", "2", "3");
        var size = (await archive.Index.CountAsync(Cancellation)).Bytes / 3;
        Assert.Equal(["1", "2"], await archive.Protected.AddAsync(["1", "2"], Cancellation));
        Assert.Empty(await archive.Protected.AddAsync(["1"], Cancellation));
        Assert.Empty(await RetainAsync(archive, new Retention { MaxBytes = 1 }));
        Assert.Equal(size * 2, await archive.Index.BytesOfStudiesAsync(archive.Protected.All(), Cancellation));
        Assert.Equal(["3"], await RetainAsync(archive, Everything));
        Assert.True(archive.Protected.Remove("1"));
        Assert.False(archive.Protected.Remove("1"));
        Assert.Equal(["1"], await RetainAsync(archive, Everything));
    }

    [Fact]
    public async Task One_that_is_protected_after_it_was_chosen_stays()
    {
        await using var archive = await FilledAsync("1", "2");
        await using var going = archive.RetainAsync(Everything, DateTime.UtcNow.AddDays(1), _ => false, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        Assert.True(await going.MoveNextAsync());
        Assert.Equal("1", going.Current.Study.StudyInstanceUid);
        // As another process does it.
        await new ProtectedStudies(_folder.Path).AddAsync(["2"], Cancellation);
        Assert.False(await going.MoveNextAsync());
    }

    [Fact]
    public async Task Who_protects_waits_for_the_removal_that_is_under_way()
    {
        var studies = new ProtectedStudies(_folder.Path);
        var removal = studies.BeginRemoval();
        var adding = studies.AddAsync(["1"], Cancellation);
        Assert.True(studies.Contains("1"));
        Assert.False(adding.IsCompleted);
        removal.Dispose();
        await adding.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Fact]
    public async Task What_a_killed_removal_left_holds_nobody_up()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, ".dicomps-removing"), "", Cancellation);
        await new ProtectedStudies(_folder.Path).AddAsync(["1"], Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        await using var archive = await FilledAsync("2");
        Assert.Equal(["2"], await RetainAsync(archive, Everything));
    }

    [Theory]
    [InlineData("1.2.840.113619.2.55")]
    [InlineData("1.2.")]
    [InlineData("../../x")]
    [InlineData("a b%2F\\:*?\u00E9")]
    public async Task Any_uid_has_a_file_of_its_own_in_the_folder(string uid)
    {
        var studies = new ProtectedStudies(_folder.Path);
        await studies.AddAsync([uid], Cancellation);
        Assert.Equal([uid], studies.All());
        Assert.Equal([Path.Combine(_folder.Path, ".dicomps-protected")],
            Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(Path.GetDirectoryName));
        Assert.True(studies.Remove(uid));
        Assert.Empty(studies.All());
    }

    [Fact]
    public async Task It_is_no_file_of_the_archive_and_outlives_an_index_that_is_made_anew()
    {
        await using (var archive = await FilledAsync("1"))
            await archive.Protected.AddAsync(["1"], Cancellation);
        var unreadable = new List<string>();
        await using var again = await Archive.RepairAsync(
            new ArchiveOptions { Folder = _folder.Path, Unreadable = (file, _) => unreadable.Add(file) }, Cancellation);
        Assert.Empty(unreadable);
        Assert.Equal(1, again.Recovered!.Files);
        Assert.Empty(await RetainAsync(again, Everything));
    }

    private static async Task<List<string>> RetainAsync(Archive archive, Retention rules)
    {
        var removed = new List<string>();
        await foreach (var study in archive.RetainAsync(rules, DateTime.UtcNow.AddDays(1), _ => false, Cancellation))
            removed.Add(study.Study.StudyInstanceUid);
        return removed;
    }

    /// <summary>An archive of studies of one instance each, in the order of their arrival.</summary>
    private async Task<Archive> FilledAsync(params string[] studies)
    {
        var archive = await Archive.OpenAsync(new ArchiveOptions { Folder = _folder.Path }, Cancellation);
        for (var i = 0; i < studies.Length; i++)
        {
            var path = Path.Combine(_folder.Path, studies[i], "series", "1.dcm");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await new DicomFile(Make.Instance(studies[i], number: 1), TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
            File.SetLastWriteTimeUtc(path, new DateTime(2001, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc));
            await archive.AddAsync(path, cancellationToken: Cancellation);
        }

        return archive;
    }
}
