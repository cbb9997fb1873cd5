using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Serialization;

/// <summary>
/// Real files with bytes changed or cut off: an error of the data at worst, in memory and time that the file accounts for.
/// </summary>
public class MutationTests
{
    private const int LargestFile = 40_000;
    private const int MutationsPerFile = 40;

    // A deflated file may inflate to the limit below, and is read twice and decoded in three ways.
    private const long LargestAllocation = 12_000_000;

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_nothing_else()
    {
        var read = 0;
        var refused = 0;
        // Mono's DeflateStream throws IOException where .NET throws InvalidDataException.
        string[] left = Runtime.IsMono ? ["image_dfl.dcm"] : [];
        foreach (var name in Corpus.Files().Except(left).Where(
            name => new FileInfo(Corpus.File(name)).Length <= LargestFile && !name.Contains("TINY_ALPHA/PT", StringComparison.Ordinal)))
        {
            var original = File.ReadAllBytes(Corpus.File(name));
            for (var seed = 0; seed < MutationsPerFile; seed++)
            {
                var damaged = Damage(original, new Random(seed));
                var before = GC.GetAllocatedBytesForCurrentThread();
                var error = Record.Exception(() => ReadWriteAndWalk(damaged));
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

                Assert.True(error is null or DicomDataException, $"{name}, seed {seed}: {error}");
                Assert.True(error is not DicomDataException data || (data.Offset >= 0 && data.Offset <= 2_000_000),
                    $"{name}, seed {seed}: {error?.Message}");
                Assert.True(allocated < LargestAllocation + (200L * damaged.Length),
                    $"{name}, seed {seed}: {allocated} bytes for a file of {damaged.Length}");
                read += error is null ? 1 : 0;
                refused += error is null ? 0 : 1;
            }
        }

        Assert.True(read > 100 && refused > 100, $"{read} read and {refused} refused: the damage is not what it should be.");
    }

    private static void ReadWriteAndWalk(byte[] bytes)
    {
        var options = new DatasetReaderOptions { MaxInflatedLength = 1_000_000 };
        using var source = new MemorySource(bytes);
        var (_, syntax) = FileStart.Read(source);
        var rest = bytes.AsMemory((int)source.Position);
        if (!syntax.IsDeflated)
        {
            var walked = Record.Exception(() => Walk(rest, syntax));
            Assert.True(walked is null or DicomDataException, $"{walked}");
            DatasetReader.ReadPrefix(rest, syntax, new DicomPS.Data.DicomTag(0x7FE0, 0));
        }

        DatasetReader.Read(rest, syntax, options with { AllowTruncated = true });
        var dataset = DatasetReader.Read(rest, syntax, options);
        foreach (var element in dataset)
        {
            dataset.GetText(element.Tag);
            dataset.GetDoubles(element.Tag);
            dataset.GetInt64s(element.Tag);
            dataset.GetDateTime(element.Tag);
            dataset.GetPersonName(element.Tag);
        }

        try
        {
            DatasetWriter.ToArray(dataset, syntax.IsUncompressed ? TransferSyntax.ExplicitVRBigEndian : syntax);
        }
        catch (InvalidOperationException e) when (e.Message.Contains("is encapsulated", StringComparison.Ordinal))
        {
            // Damage to a VR or a transfer syntax can make it so.
        }
    }

    private static void Walk(ReadOnlyMemory<byte> bytes, TransferSyntax syntax)
    {
        using var source = new MemorySource(bytes);
        var isOdd = false;
        DatasetWalker.SkipToEnd(source, DatasetForm.Detect(source.Peek(ElementHeader.MaxSize), DatasetForm.Of(syntax)), 100, ref isOdd);
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        var bytes = (byte[])original.Clone();
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                // A length field with all bits set is the worst that a byte can do.
                var at = random.Next(132, Math.Max(133, bytes.Length - 4));
                bytes.AsSpan(at, Math.Min(4, bytes.Length - at)).Fill(0xFF);
                return bytes;
            case 2:
                // Bytes put in move everything after them.
                var cut = random.Next(bytes.Length);
                return [.. bytes[..cut], .. new byte[random.Next(1, 9)], .. bytes[cut..]];
            default:
                for (var flips = random.Next(1, 30); flips > 0; flips--)
                    bytes[random.Next(Math.Min(bytes.Length, 2000))] ^= (byte)(1 << random.Next(8));

                return bytes;
        }
    }
}
