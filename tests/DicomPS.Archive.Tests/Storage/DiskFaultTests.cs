using DicomPS.Archiving.Tests.Support;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Serialization;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Tests.Storage;

/// <summary>What the simulation of tests/DicomPS.Simulation has found, each by itself.</summary>
public sealed class DiskFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FaultyDisk _disk = new();
    private bool _indexFails;

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_instance_whose_name_cannot_be_flushed_is_refused_and_leaves_nothing()
    {
        await using var archive = await OpenAsync();
        _disk.FailsToFlush = true;
        await Assert.ThrowsAsync<IOException>(() => StoreAsync(archive, "first"));
        Assert.Empty(Stored());
        _disk.FailsToFlush = false;
        await StoreAsync(archive, "second");
        Assert.Equal((1, 1), ((await archive.Index.CountAsync(Cancellation)).Instances, Stored().Length));
    }

    [Fact]
    public async Task Where_a_replacement_cannot_be_flushed_the_one_that_was_there_is_there_again()
    {
        await using var archive = await OpenAsync();
        await StoreAsync(archive, "first");
        _disk.FailsToFlush = true;
        await Assert.ThrowsAsync<IOException>(() => StoreAsync(archive, "second"));
        Assert.Equal("first", (await DicomFile.OpenAsync(Assert.Single(Stored()), cancellationToken: Cancellation)).Dataset
            .GetString(Tags.StudyDescription));
    }

    [Fact]
    public async Task What_is_taken_back_is_flushed_too_so_that_no_power_cut_brings_it_back()
    {
        await using var archive = await OpenAsync();
        _indexFails = true;
        await Assert.ThrowsAnyAsync<DicomException>(() => StoreAsync(archive, "first"));
        Assert.Equal(["move", "flush", "flush", "flush", "delete", "flush"], _disk.Steps);
    }

    [Fact]
    public async Task An_archive_that_could_not_take_something_back_compares_when_it_is_opened_again()
    {
        var archive = await OpenAsync();
        (_indexFails, _disk.FailsToDelete) = (true, true);
        await Assert.ThrowsAnyAsync<DicomException>(() => StoreAsync(archive, "first"));
        await CloseAsync(archive);
        await using var again = await OpenAsync();
        Assert.Equal(1, again.Recovered?.Added);
    }

    [Fact]
    public async Task Rows_that_a_removal_could_not_forget_are_forgotten_at_the_next_opening()
    {
        var archive = await OpenAsync();
        await StoreAsync(archive, "first");
        await using (var held = archive.RetainAsync(new Retention { MaxAge = TimeSpan.FromDays(1) }, DateTime.UtcNow.AddDays(2), _ => false,
            Cancellation).GetAsyncEnumerator(Cancellation))
        {
            _indexFails = true;
            await Assert.ThrowsAnyAsync<DicomException>(async () => await held.MoveNextAsync());
        }

        Assert.Empty(Stored());
        await CloseAsync(archive);
        await using var again = await OpenAsync();
        Assert.Equal((1, 0), (again.Recovered?.Forgotten, (await again.Index.CountAsync(Cancellation)).Instances));
    }

    [Fact]
    public async Task A_file_that_a_batch_cannot_take_back_takes_no_other_along()
    {
        await using var archive = await OpenAsync();
        var kept = await StoreAsync(archive, "first");
        // The same instance somewhere else, as a restored copy may be: its row names that, and its own place is free.
        var elsewhere = Path.Combine(_folder.Path, "elsewhere.dcm");
        File.Move(kept.Path, elsewhere);
        await archive.AddAsync(elsewhere, null, Cancellation);
        string[] files = [await SaveAsync("again", 1, "a.dcm"), await SaveAsync("new", 2, "b.dcm")];
        _disk.FailsToDelete = true;
        await foreach (var file in archive.ImportAsync(files, ImportMode.Copy, null, SameInstance.Keep, cancellationToken: Cancellation))
            Assert.Null(file.Problem);
        await foreach (var file in archive.Index.FilesAsync(cancellationToken: Cancellation))
            Assert.True(File.Exists(archive.FullPath(file.Path)), file.Path);
    }

    [Fact]
    public async Task The_sign_that_an_archive_is_open_is_flushed_before_anything_is_stored()
    {
        await using var archive = await OpenAsync(clear: false);
        Assert.Equal("flush", _disk.Steps[0]);
    }

    private async Task<Archive> OpenAsync(bool clear = true)
    {
        var archive = await Archive.OpenAsync(new ArchiveOptions
        {
            Folder = _folder.Path,
            FlushToDisk = true,
            Files = _disk,
            AtStep = step =>
            {
                if (_indexFails && step == TransactionStep.Committing)
                    throw new SqliteException("disk I/O error", 10);
            },
        }, Cancellation);
        if (clear)
            _disk.Steps.Clear();
        return archive;
    }

    private async Task CloseAsync(Archive archive)
    {
        await archive.DisposeAsync();
        (_indexFails, _disk.FailsToDelete) = (false, false);
    }

    private async Task<StoredFile> StoreAsync(Archive archive, string description) =>
        await archive.StoreAsync(await SaveAsync(description, 1, $".dicomps-{Guid.NewGuid():N}.part"), "TEST", SameInstance.Replace,
            Cancellation);

    private async Task<string> SaveAsync(string description, int number, string name)
    {
        var path = Path.Combine(_folder.Path, name);
        await new DicomFile(Make.Instance(number: number, elements: (Tags.StudyDescription, description)),
            TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
        return path;
    }

    private string[] Stored() => Directory.GetFiles(_folder.Path, "*.dcm", SearchOption.AllDirectories);

    private sealed class FaultyDisk : FileSystem
    {
        public bool FailsToFlush { get; set; }

        public bool FailsToDelete { get; set; }

        public List<string> Steps { get; } = [];

        public override void FlushFolder(string folder)
        {
            Steps.Add("flush");
            if (FailsToFlush)
                throw new IOException("Input/output error.");
        }

        public override bool TryMoveToNew(string from, string to)
        {
            var isMoved = base.TryMoveToNew(from, to);
            if (isMoved)
                Steps.Add("move");
            return isMoved;
        }

        public override void Delete(string path)
        {
            Steps.Add("delete");
            if (FailsToDelete)
                throw new IOException("Input/output error.");
            base.Delete(path);
        }
    }
}
