using System.IO.Compression;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Serialization;

/// <summary>A dataset is walked to its end while it comes: cut ones are refused, real ones are not.</summary>
public class DatasetArrivalTests
{
    private static readonly DicomTag Last = Tags.StudyID;

    /// <summary>Forty good datasets: ten shapes, each spelt in four ways.</summary>
    public static TheoryData<string, string> Good()
    {
        var data = new TheoryData<string, string>();
        foreach (var shape in ArrivalShapes.Names)
        {
            foreach (var spelling in ArrivalShapes.Spellings)
                data.Add(shape, spelling);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void A_good_dataset_is_taken_and_refused_when_it_is_cut_anywhere_but_between_two_elements(string shape, string spelling)
    {
        var (syntax, pieces) = ArrivalShapes.Make(shape, spelling);
        byte[] whole = [.. pieces.SelectMany(piece => piece)];
        var bounds = new HashSet<int>();
        foreach (var piece in pieces)
            bounds.Add((bounds.Count == 0 ? 0 : bounds.Max()) + piece.Length);
        if (syntax.IsDeflated)
            (whole, bounds) = (Deflate(whole), []);
        // The last delimiter may be missing where all frames are there.
        if (shape == "fragments" && !syntax.IsDeflated)
            bounds.Add(whole.Length - 8);

        foreach (var piece in new[] { 1, 2, 7, whole.Length })
            Assert.Null(Walk(syntax, whole, piece));
        for (var length = 0; length < whole.Length; length++)
        {
            var problem = Walk(syntax, whole.AsSpan(0, length).ToArray(), 64);
            Assert.True(bounds.Contains(length) == problem is null, $"{length} of {whole.Length} bytes: {problem?.Message ?? "taken"}");
            Assert.True(problem is null || problem.Offset <= whole.Length * 2, $"{length}: byte {problem?.Offset}");
        }
    }

    [Fact]
    public void Every_real_file_that_is_whole_is_taken_in_pieces_of_any_size()
    {
        foreach (var name in Corpus.Files())
        {
            var path = Corpus.File(name);
            ProbedFile probed;
            try
            {
                probed = DicomFileProbe.Read(path);
            }
            catch (DicomDataException)
            {
                continue;
            }

            var whole = File.ReadAllBytes(path)[(int)probed.DatasetOffset..];
            foreach (var piece in new[] { whole.Length, 16_000, 3 })
                Assert.True(Walk(probed.TransferSyntax, whole, piece) is null,
                    $"{name} {probed.TransferSyntax}: {Walk(probed.TransferSyntax, whole, piece)?.Message}");

            using var arrival = new DatasetArrival(probed.TransferSyntax, Last);
            arrival.Push(whole);
            arrival.Complete();
            var expected = probed.Header;
            foreach (var tag in new[] { Tags.SOPClassUID, Tags.SOPInstanceUID, Tags.PatientID, Tags.StudyInstanceUID,
                Tags.SeriesInstanceUID })
                Assert.Equal((name, tag, expected.GetText(tag)), (name, tag, arrival.Header.GetText(tag)));
        }
    }

    [Theory]
    [InlineData("zeros", "0000000000000000000000000000", true)]
    [InlineData("three zeros", "000000", true)]
    [InlineData("FF", "FFFFFFFFFFFFFFFFFFFFFFFF", true)]
    [InlineData("one FF", "FF", true)]
    [InlineData("trailing padding", "FCFFFCFF4F42000004000000AABBCCDD", true)]
    [InlineData("trailing padding and zeros", "FCFFFCFF4F42000004000000AABBCCDD0000", true)]
    [InlineData("a stray delimiter", "FEFFDDE000000000", true)]
    [InlineData("zeros and then something", "000000000000000000000000AB", false)]
    [InlineData("FF and then something", "FFFFFFFFFFFFFFFFFFFFFFFFAB", false)]
    [InlineData("text", "67617262616765216761726261676521", false)]
    [InlineData("two bytes", "ABCD", false)]
    [InlineData("an element of the header", "08001800554908003100320033003400", false)]
    public void What_follows_the_end_is_padding_or_refused(string what, string hex, bool isTaken)
    {
        byte[] whole = [.. DatasetWriter.ToArray(Instances.Dataset(), TransferSyntax.ExplicitVRLittleEndian),
            .. Convert.FromHexString(hex)];
        foreach (var piece in new[] { 1, 5, whole.Length })
            Assert.True(isTaken == Walk(TransferSyntax.ExplicitVRLittleEndian, whole, piece) is null, what);

        byte[] implicitly = [.. DatasetWriter.ToArray(Instances.Dataset(), TransferSyntax.ImplicitVRLittleEndian),
            .. Convert.FromHexString(hex)];
        if (what is not "trailing padding" and not "trailing padding and zeros" and not "an element of the header")
            Assert.True(isTaken == Walk(TransferSyntax.ImplicitVRLittleEndian, implicitly, 3) is null, what);
    }

    // The element stands behind the UIDs: tag, VR as it is spelt, and value.
    [Theory]
    [InlineData("odd text", "08002000" + "4C4F0300" + "616263")]
    [InlineData("a wrong VR", "08002000" + "55490400" + "61626364")]
    [InlineData("an unknown VR", "08002000" + "5A5A0400" + "61626364")]
    [InlineData("an unknown VR, long", "08002000" + "5A5A0000" + "04000000" + "61626364")]
    [InlineData("an unknown VR, empty", "08002000" + "5A5A0000")]
    [InlineData("blanks for a VR", "08002000" + "20200400" + "61626364")]
    [InlineData("blanks for two VRs", "08002000" + "20200400" + "61626364" + "08002100" + "20200400" + "61626364")]
    [InlineData("zeros for a VR", "08002000" + "00000400" + "61626364")]
    [InlineData("question marks for a VR", "08002000" + "3F3F0400" + "61626364")]
    [InlineData("small letters for a VR, empty", "08002000" + "6C6F0000")]
    [InlineData("a long VR with a short length", "08002000" + "4F420400" + "61626364")]
    [InlineData("an implicit element astray", "08002000" + "04000000" + "61626364")]
    [InlineData("a group length", "09000000" + "554C0400" + "01000000")]
    [InlineData("a wrong group length", "09000000" + "554C0400" + "FFFFFF0F")]
    [InlineData("private", "09001000" + "4C4F0400" + "41424344" + "09000110" + "554E0000" + "03000000" + "414243")]
    [InlineData("UN without a length", "09000110" + "554E0000" + "FFFFFFFF" + "FEFF00E0FFFFFFFF" + "0800500004000000" + "41424344"
        + "FEFF0DE000000000" + "FEFFDDE000000000")]
    [InlineData("explicit in UN", "09000110" + "554E0000" + "FFFFFFFF" + "FEFF00E0FFFFFFFF" + "08005000" + "53480400" + "41424344"
        + "FEFF0DE000000000" + "FEFFDDE000000000")]
    [InlineData("a superfluous delimiter", "09000110" + "53510000" + "10000000" + "FEFF00E000000000" + "FEFFDDE000000000")]
    [InlineData("an item without its end", "09000110" + "53510000" + "FFFFFFFF" + "FEFF00E0FFFFFFFF" + "08005000" + "53480400" + "41424344"
        + "FEFFDDE000000000")]
    public void Strange_elements_are_taken(string what, string hex)
    {
        var whole = Spliced(Convert.FromHexString(hex));
        foreach (var piece in new[] { 1, 3, 11, whole.Length })
            Assert.True(Walk(TransferSyntax.ExplicitVRLittleEndian, whole, piece) is null,
                $"{what} by {piece}: {Walk(TransferSyntax.ExplicitVRLittleEndian, whole, piece)?.Message}");

        // What is taken can be read: all of it, and also when the pixels are long enough for a wrong length to fit.
        var dataset = DatasetReader.Read(whole, TransferSyntax.ExplicitVRLittleEndian);
        Assert.True(dataset.GetString(Tags.PatientID) == "P1" && dataset.Contains(Tags.PixelData), what);
        using var folder = new TemporaryFolder();
        Assert.Equal("P1",
            DicomFileProbe.Read(folder.Write("strange.dcm", new FileMeta { TransferSyntaxUid = Uids.ExplicitVRLittleEndian }.ToArray(),
                whole), Tags.PixelData).Header.GetString(Tags.PatientID));
    }

    [Theory]
    [InlineData("a length beyond the end", "08002000" + "4F420000" + "00000010" + "6162")]
    [InlineData("a sequence longer than its items", "09000110" + "53510000" + "0C000000" + "FEFF00E000000000" + "00000000")]
    [InlineData("an item longer than its sequence", "09000110" + "53510000" + "10000000" + "FEFF00E010000000" + "0800500053480000")]
    [InlineData("an element longer than its item", "09000110" + "53510000" + "10000000" + "FEFF00E008000000" + "0800500053480800")]
    [InlineData("no item in a sequence", "09000110" + "53510000" + "08000000" + "0800500053480000")]
    [InlineData("a text without a length", "08002000" + "55540000" + "FFFFFFFF" + "FEFFDDE000000000")]
    public void Broken_lengths_are_refused_with_the_byte(string what, string hex)
    {
        var whole = Spliced(Convert.FromHexString(hex));
        foreach (var piece in new[] { 1, 1001, whole.Length })
        {
            var problem = Walk(TransferSyntax.ExplicitVRLittleEndian, whole, piece);
            Assert.True(problem is not null, what);
            // The peer sees 64 characters of it (PS3.7 E.1, LO).
            Assert.InRange(problem.Message.Length, 1, 64);
            Assert.Contains($"at byte {problem.Offset}", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_transfer_syntax_than_was_agreed_is_refused()
    {
        TransferSyntax[] all =
        [
            TransferSyntax.ImplicitVRLittleEndian, TransferSyntax.ExplicitVRLittleEndian, TransferSyntax.ExplicitVRBigEndian,
            TransferSyntax.DeflatedExplicitVRLittleEndian, TransferSyntax.Find(Uids.JPEGBaseline8Bit),
        ];
        foreach (var agreed in all)
        {
            foreach (var sent in all.Where(sent => sent != agreed))
            {
                var dataset = Instances.Dataset();
                if (sent.IsEncapsulated)
                    dataset.Add(new DicomFragments(Tags.PixelData, Vr.OB, default,
                        [new DicomBytes(new byte[] { 0xFF, 0xD8, 0xFF, 0xD9 })]));
                var bytes = DatasetWriter.ToArray(dataset, sent);
                Assert.True(Refused(agreed, bytes), $"{sent} for {agreed}");
            }
        }
    }

    [Fact]
    public void A_bomb_is_walked_in_bounded_memory_and_its_length_is_what_comes_out()
    {
        var zeros = new byte[1024 * 1024];
        using var packed = new MemoryStream();
        using (var deflating = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflating.Write(Convert.FromHexString("08001500" + "554E0000" + "00004006"));
            for (var i = 0; i < 100; i++)
                deflating.Write(zeros);
            deflating.Write(DatasetWriter.ToArray(Instances.Dataset(instance: "1.2.3.4"), TransferSyntax.ExplicitVRLittleEndian));
        }

        var bytes = packed.ToArray();
        using var arrival = new DatasetArrival(TransferSyntax.DeflatedExplicitVRLittleEndian, Last);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var at = 0; at < bytes.Length; at += 16_000)
            arrival.Push(bytes.AsSpan(at, Math.Min(16_000, bytes.Length - at)));
        arrival.Complete();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.InRange(arrival.InflatedLength, 100 * 1024 * 1024, 101 * 1024 * 1024);
        Assert.Equal("1.2.3.4", arrival.Header.GetString(Tags.SOPInstanceUID));
    }

    [Fact]
    public void Two_million_empty_elements_keep_few()
    {
        var bytes = new byte[16 * 1024 * 1024];
        var element = Convert.FromHexString("08000500" + "43530000");
        for (var at = 0; at < bytes.Length; at += element.Length)
            element.CopyTo(bytes, at);

        using var arrival = new DatasetArrival(TransferSyntax.ExplicitVRLittleEndian, Last);
        var before = GC.GetAllocatedBytesForCurrentThread();
        arrival.Push(bytes);
        arrival.Complete();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_missing_last_delimiter_is_taken_where_all_frames_are_there()
    {
        var jpeg = TransferSyntax.Find(Uids.JPEGBaseline8Bit);
        Assert.Null(WithoutDelimiter(1, [0xFF, 0xD8, 1, 2, 0xFF, 0xD9], jpeg));
        Assert.Null(WithoutDelimiter(1, [0xFF, 0xD8, 1, 0xFF, 0xD9, 0], jpeg));
        Assert.NotNull(WithoutDelimiter(2, [0xFF, 0xD8, 1, 2, 0xFF, 0xD9], jpeg));
        Assert.NotNull(WithoutDelimiter(1, [0xFF, 0xD8, 1, 2, 3, 4], jpeg));
        Assert.Null(WithoutDelimiter(1, [1, 2, 3, 4], TransferSyntax.Find(Uids.RLELossless)));

        static DicomDataException? WithoutDelimiter(int frames, byte[] fragment, TransferSyntax syntax)
        {
            var dataset = Instances.Dataset();
            dataset.Set(Tags.NumberOfFrames, $"{frames}");
            dataset.Add(new DicomFragments(Tags.PixelData, Vr.OB, default, [new DicomBytes(fragment)]));
            return Walk(syntax, DatasetWriter.ToArray(dataset, syntax)[..^8], 5);
        }
    }

    [Fact]
    public void Any_deflate_stream_inflates_to_what_the_runtime_says()
    {
        var random = new Random(7);
        foreach (var level in new[] { CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.Optimal,
            CompressionLevel.SmallestSize })
        {
            foreach (var length in new[] { 0, 1, 2, 300, 40_000, 300_000 })
            {
                var plain = new byte[length];
                for (var i = 0; i < length; i++)
                    plain[i] = i % 5000 < 2500 ? (byte)random.Next(1 + i % 256) : (byte)(i / 300);
                using var packed = new MemoryStream();
                using (var deflating = new DeflateStream(packed, level, leaveOpen: true))
                    deflating.Write(plain);
                var bytes = packed.ToArray();
                // The runtime writes nothing at all of nothing.
                if (bytes.Length == 0)
                    continue;
                foreach (var piece in new[] { 1, 3, 1000, bytes.Length + 1 })
                {
                    using var inflated = new MemoryStream();
                    using var inflater = new FlowInflater(got => inflated.Write(got));
                    for (var at = 0; at < bytes.Length; at += piece)
                        inflater.Push(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
                    inflater.Push(default, isEnd: true);
                    Assert.True(inflater.IsEnded, $"{level} {length} by {piece}");
                    Assert.Equal(plain, inflated.ToArray());
                }

                for (var cut = 0; cut < Math.Min(bytes.Length, 400); cut++)
                {
                    using var inflater = new FlowInflater(_ => { });
                    inflater.Push(bytes.AsSpan(0, cut));
                    Assert.True(Record.Exception(() => inflater.Push(default, isEnd: true)) is DicomDataException || !inflater.IsEnded,
                        $"{level} {length} cut at {cut}");
                }
            }
        }
    }

    internal static DicomDataException? Walk(TransferSyntax syntax, byte[] bytes, int piece)
    {
        using var arrival = new DatasetArrival(syntax, Last);
        try
        {
            for (var at = 0; at < bytes.Length; at += piece)
                arrival.Push(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            arrival.Complete();
            return null;
        }
        catch (DicomDataException problem)
        {
            return problem;
        }
    }

    internal static byte[] Deflate(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var deflating = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            deflating.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>Refused by the walk, or because the UIDs are not found.</summary>
    private static bool Refused(TransferSyntax syntax, byte[] bytes)
    {
        using var arrival = new DatasetArrival(syntax, Last);
        try
        {
            arrival.Push(bytes);
            arrival.Complete();
            return arrival.Header.GetString(Tags.SOPInstanceUID) is null;
        }
        catch (DicomDataException)
        {
            return true;
        }
    }

    /// <summary>A good dataset with bytes behind its UIDs.</summary>
    private static byte[] Spliced(byte[] bytes)
    {
        var head = new DicomDataset();
        head.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        head.Set(Tags.SOPInstanceUID, "1.2.3.4");
        var tail = new DicomDataset();
        tail.Set(Tags.PatientID, "P1");
        tail.Set(Tags.PixelData, Vr.OW, new byte[70_000 * 20]);
        return
        [
            .. DatasetWriter.ToArray(head, TransferSyntax.ExplicitVRLittleEndian), .. bytes,
            .. DatasetWriter.ToArray(tail, TransferSyntax.ExplicitVRLittleEndian),
        ];
    }
}
