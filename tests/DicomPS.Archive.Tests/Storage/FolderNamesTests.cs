using System.Collections.Concurrent;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Part10;

namespace DicomPS.Archiving.Tests.Storage;

/// <summary>
/// What is acknowledged with -FlushToDisk has its name on the disk, up to the archive's folder, and no more waits than that.
/// </summary>
public class FolderNamesTests
{
    private static CancellationToken Cancellation => TestIndex.Cancellation;

    [Fact]
    public async Task Folders_above_are_waited_for_until_they_are_known_to_be_there()
    {
        using var archive = new TempFolder();
        var flushed = new List<string>();
        var names = new FolderNames(archive.Path, new Disk(flushed.Add));
        var study = Path.Combine(archive.Path, "study");
        var series = Path.Combine(study, "series");

        names.Make(series);
        await names.FlushAsync(series, Cancellation);
        Assert.Equal([series, study, archive.Path], flushed);

        flushed.Clear();
        await names.FlushAsync(series, Cancellation);
        Assert.Equal([series], flushed);

        // Another series does not make the study known anew, nor this one unknown.
        names.Make(Path.Combine(study, "other"));
        flushed.Clear();
        await names.FlushAsync(series, Cancellation);
        Assert.Equal([series], flushed);
    }

    [Fact]
    public async Task A_folder_that_was_made_again_is_not_the_one_that_the_disk_knows()
    {
        using var archive = new TempFolder();
        var flushed = new List<string>();
        var names = new FolderNames(archive.Path, new Disk(flushed.Add));
        var series = Path.Combine(archive.Path, "study", "series");
        names.Make(series);
        await names.FlushAsync(series, Cancellation);
        Directory.Delete(Path.Combine(archive.Path, "study"), recursive: true);

        names.Make(series);
        flushed.Clear();
        await names.FlushAsync(series, Cancellation);

        Assert.Equal(3, flushed.Count);
    }

    [Fact]
    public async Task A_folder_that_is_made_again_while_the_disk_is_waited_for_is_not_taken_for_known()
    {
        using var archive = new TempFolder();
        var series = Path.Combine(archive.Path, "study", "series");
        var flushed = new List<string>();
        FolderNames? names = null;
        names = new FolderNames(archive.Path, new Disk(folder =>
        {
            flushed.Add(folder);
            if (flushed.Count == 2)
                names!.Make(series);
        }));
        names.Make(series);
        await names.FlushAsync(series, Cancellation);

        flushed.Clear();
        await names.FlushAsync(series, Cancellation);

        Assert.Equal(3, flushed.Count);
    }

    [Fact]
    public async Task Stores_that_wait_for_one_folder_share_a_flush_that_begins_after_their_names_are_there()
    {
        using var archive = new TempFolder();
        var series = Path.Combine(archive.Path, "study", "series");
        var flushed = new ConcurrentQueue<string>();
        var begun = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        var names = new FolderNames(archive.Path, new Disk(folder =>
        {
            flushed.Enqueue(folder);
            begun.TrySetResult(true);
            goOn.Wait(Cancellation);
        }));
        names.Make(series);

        var first = Task.Run(() => names.FlushAsync(series, Cancellation), Cancellation);
        await begun.Task;
        // These came when the flush had begun: it says nothing of their names.
        var others = Enumerable.Range(0, 8).Select(_ => names.FlushAsync(series, Cancellation)).ToArray();
        Assert.DoesNotContain(others, other => other.IsCompleted);
        goOn.Set();
        await first;
        await Task.WhenAll(others);

        Assert.Equal(2, flushed.Count(folder => folder == series));
        Assert.Equal(4, flushed.Count);
    }

    private sealed class Disk(Action<string> flush) : FileSystem
    {
        public override void FlushFolder(string folder) => flush(folder);
    }
}
