using System.IO.Compression;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Tests.Storage;

/// <summary>A file of a hundred kilobytes that unpacks to a hundred megabytes, in an archive and asked for.</summary>
[Collection(nameof(Alone))]
public sealed class BombTests : IDisposable
{
    private readonly TempFolder _inbox = new(), _folder = new();

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    public void Dispose()
    {
        _inbox.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_taken_and_asked_for_in_little_memory()
    {
        var path = Path.Combine(_inbox.Path, "bomb.dcm");
        using (var file = File.Create(path))
        {
            var meta = new FileMeta { TransferSyntaxUid = Uids.DeflatedExplicitVRLittleEndian }.ToArray();
            file.Write(meta, 0, meta.Length);
            using var deflating = new DeflateStream(file, CompressionLevel.Optimal);
            // (0008,0015) as UN of 100 MiB before the UIDs, then an instance.
            byte[] head = [0x08, 0, 0x15, 0, (byte)'U', (byte)'N', 0, 0, 0, 0, 0x40, 0x06], zeros = new byte[1024 * 1024];
            deflating.Write(head, 0, head.Length);
            for (var i = 0; i < 100; i++)
                deflating.Write(zeros, 0, zeros.Length);
            var rest = DatasetWriter.ToArray(Make.Instance("1", number: 1), TransferSyntax.ExplicitVRLittleEndian);
            deflating.Write(rest, 0, rest.Length);
        }

        await using var archive = await Archive.OpenAsync(new ArchiveOptions { Folder = _folder.Path }, Cancellation);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await foreach (var file in archive.ImportAsync([path], ImportMode.Copy, cancellationToken: Cancellation))
            Assert.Null(file.Problem);
        // KVP is not in the index: the file is read for it.
        var query = new IndexQuery
        {
            Level = QueryLevel.Image,
            Identifier = Make.Dataset((Tags.KVP, ""), (Tags.SOPInstanceUID, "")),
            ReadMissing = archive.ReadAttributesAsync,
        };
        var found = 0;
        await foreach (var match in archive.Index.FindAsync(query, Cancellation))
            found++;
        Assert.Equal(1, found);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 30_000_000);
    }
}
