using DicomPS.Archiving.Serving;
using DicomPS.Archiving.Storage;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Tests.Serving;

/// <summary>What an archive refuses to take, on a disk that is as full as the test says.</summary>
public sealed class StorageLimitsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _told = [];
    private DateTime _now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private int _use;

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_disk_that_is_nearly_full_is_told_before_anything_is_refused()
    {
        await using var archive = await OpenAsync();
        var limits = Limits(archive, options => options with { MaximumDiskUse = 90 });
        await FilledTo(limits, 79);
        Assert.Empty(_told);
        await FilledTo(limits, 80);
        await FilledTo(limits, 89);
        Assert.Contains("80 % full; at 90 % nothing is taken", Assert.Single(_told), StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<ServiceException>(() => FilledTo(limits, 90));
        Assert.Equal(0xA700, refusal.Status);
        // Room again: it is taken, and the next time it is told again.
        await FilledTo(limits, 70);
        await FilledTo(limits, 85);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public async Task Without_a_limit_of_the_disk_nothing_is_refused_and_a_disk_that_is_nearly_full_is_told_all_the_same()
    {
        await using var archive = await OpenAsync();
        var limits = Limits(archive, options => options);
        await FilledTo(limits, 89);
        Assert.Empty(_told);
        await FilledTo(limits, 90);
        await FilledTo(limits, 100);
        Assert.Contains("-MaximumDiskUse", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_does_not_say_how_full_it_is_takes_what_comes()
    {
        await using var archive = await OpenAsync();
        var limits = new StorageLimits(archive, new ArchiveServerOptions { Folder = _folder.Path, MaximumDiskUse = 1 })
        {
            DiskUse = _ => throw new IOException("no such share"),
        };
        await limits.CheckAsync("CT1", 1, Cancellation);
    }

    [Fact]
    public async Task Where_protected_studies_alone_fill_the_archive_what_comes_is_refused_and_it_is_told_once()
    {
        await using var archive = await OpenAsync();
        var size = await FillAsync(archive, "1", "2");
        var limits = Limits(archive, options => options with { MaxBytes = size * 2 });
        await limits.CheckAsync("CT1", size, Cancellation);
        await archive.Protected.AddAsync(["1"], Cancellation);
        Later();
        // The other study goes for it.
        await limits.CheckAsync("CT1", size, Cancellation);
        await Assert.ThrowsAsync<ServiceException>(() => limits.CheckAsync("CT1", size + 1, Cancellation));
        await limits.CheckAsync("CT1", size, Cancellation);
        _told.Clear();
        await archive.Protected.AddAsync(["2"], Cancellation);
        Later();
        for (var i = 0; i < 3; i++)
        {
            var refusal = await Assert.ThrowsAsync<ServiceException>(() => limits.CheckAsync("CT1", 1, Cancellation));
            Assert.Equal(0xA700, refusal.Status);
            Later();
        }

        Assert.Single(_told);
        archive.Protected.Remove("1");
        Later();
        await limits.CheckAsync("CT1", 1, Cancellation);
    }

    private void Later() => _now += TimeSpan.FromSeconds(11);

    private Task FilledTo(StorageLimits limits, int percent)
    {
        _use = percent;
        Later();
        return limits.CheckAsync("CT1", 1, Cancellation);
    }

    private StorageLimits Limits(Archive archive, Func<ArchiveServerOptions, ArchiveServerOptions> with) =>
        new(archive, with(new ArchiveServerOptions { Folder = _folder.Path }))
        {
            Warn = _told.Add,
            DiskUse = _ => _use,
            Clock = () => _now,
        };

    private Task<Archive> OpenAsync() => Archive.OpenAsync(new ArchiveOptions { Folder = _folder.Path }, Cancellation);

    private async Task<long> FillAsync(Archive archive, params string[] studies)
    {
        long size = 0;
        foreach (var study in studies)
        {
            var path = Path.Combine(_folder.Path, study, "series", "1.dcm");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await new DicomFile(Make.Instance(study, number: 1), TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
            await archive.AddAsync(path, cancellationToken: Cancellation);
            size = new FileInfo(path).Length;
        }

        return size;
    }
}
