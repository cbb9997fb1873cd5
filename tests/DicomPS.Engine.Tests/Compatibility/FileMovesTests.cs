using System.Runtime.InteropServices;
using DicomPS.Compatibility;
using DicomPS.Engine.Tests.Support;

namespace DicomPS.Engine.Tests.Compatibility;

public sealed class FileMovesTests : IDisposable
{
    private const int Rounds = 200, Files = 4;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_several_that_want_a_name_at_once_one_has_it_and_the_others_keep_theirs() =>
        Race(FileMoves.TryMoveToNew);

    [Theory]
    [InlineData("Link")]
    [InlineData("Rename")]
    [InlineData("Placeholder")]
    public void So_it_is_in_every_way_that_a_file_system_of_Unix_may_need(string way)
    {
        Assert.SkipWhen(RuntimeInformation.IsOSPlatform(OSPlatform.Windows), "Windows needs no other way.");
        var how = (FileMoves.Way)Enum.Parse(typeof(FileMoves.Way), way);
        Race((from, to) => FileMoves.TryMoveToNew(from, to, how));
    }

    [Fact]
    public void A_name_that_is_taken_stays_what_it_is()
    {
        var (from, to) = (Write("a", "new"), Write("b", "old"));
        Assert.False(FileMoves.TryMoveToNew(from, to));
        Assert.Equal(("new", "old"), (File.ReadAllText(from), File.ReadAllText(to)));
        FileMoves.Replace(from, to);
        Assert.Equal((false, "new"), (File.Exists(from), File.ReadAllText(to)));
    }

    [Theory]
    [InlineData("gone", "b")]
    [InlineData("a", "nowhere/b")]
    public void What_cannot_be_moved_is_told_and_not_taken_for_a_name_that_is_taken(string from, string to)
    {
        Write("a", "new");
        Assert.ThrowsAny<IOException>(() => FileMoves.TryMoveToNew(PathOf(from), PathOf(to)));
        Assert.Equal(["a"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_second_name_is_the_same_file()
    {
        var file = Write("a", "content");
        Assert.True(FileMoves.TryLink(file, PathOf("b")));
        Assert.False(FileMoves.TryLink(file, PathOf("b")));
        File.Delete(file);
        Assert.Equal("content", File.ReadAllText(PathOf("b")));
        FileMoves.FlushFolder(_folder.Path);
    }

    [Fact]
    public void A_folder_whose_names_cannot_be_flushed_is_told()
    {
        Assert.SkipWhen(RuntimeInformation.IsOSPlatform(OSPlatform.Windows), "Windows flushes names itself.");
        Assert.ThrowsAny<IOException>(() => FileMoves.FlushFolder(PathOf("nowhere")));
    }

    private void Race(Func<string, string, bool> move)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var to = PathOf($"{round}.dcm");
            var from = Enumerable.Range(0, Files).Select(n => Write($"{round}-{n}.part", $"{n}")).ToArray();
            using var start = new Barrier(Files);
            var moved = new bool[Files];
            var threads = Enumerable.Range(0, Files).Select(n => new Thread(() =>
            {
                start.SignalAndWait();
                moved[n] = move(from[n], to);
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            var winner = Array.IndexOf(moved, true);
            Assert.Single(moved, true);
            Assert.Equal($"{winner}", File.ReadAllText(to));
            Assert.Equal(moved.Select(m => !m), from.Select(File.Exists));
        }
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }
}
