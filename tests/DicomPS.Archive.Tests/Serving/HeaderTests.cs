using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Tests.Serving;

/// <summary>The header that is read while an instance comes says to the index what the file would say.</summary>
public sealed class HeaderTests : IDisposable
{
    private const string Corpus = "/usr/lib/python3/dist-packages/pydicom/data";

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Syntaxes { get; } =
    [
        Uids.ImplicitVRLittleEndian, Uids.ExplicitVRLittleEndian, Uids.ExplicitVRBigEndian, Uids.DeflatedExplicitVRLittleEndian,
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public async Task All_that_is_indexed_is_read_as_it_comes_in_pieces_of_any_size(string syntax)
    {
        var path = await SaveAsync(Full(), syntax);
        foreach (var piece in new[] { 1, 7, 100_000 })
            Assert.True(IsSame(path, piece), $"In pieces of {piece} the header is left to the file.");
    }

    [Fact]
    public async Task Sequences_of_undefined_length_are_read_as_those_of_a_known_one()
    {
        var path = await SaveAsync(Full(), Uids.ExplicitVRLittleEndian);
        var probed = DicomFileProbe.Read(path);
        var dataset = (await DicomFile.OpenAsync(path, cancellationToken: TestIndex.Cancellation)).Dataset;
        var spelt = DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian,
            new DatasetWriterOptions { UndefinedLengths = true });
        byte[] whole = [.. File.ReadAllBytes(path).Take((int)probed.DatasetOffset), .. spelt];
        Assert.Contains("FE-FF-DD-E0-00-00-00-00", BitConverter.ToString(spelt), StringComparison.Ordinal);
        File.WriteAllBytes(path, whole);
        foreach (var piece in new[] { 1, 100_000 })
            Assert.True(IsSame(path, piece));
    }

    [Fact]
    public void Real_files_are_nearly_all_read_as_they_come_and_none_otherwise_than_from_the_file()
    {
        Assert.SkipUnless(Directory.Exists(Corpus), $"{Corpus} was not found (Debian's package python3-pydicom).");
        int read = 0, left = 0;
        foreach (var path in Directory.GetFiles(Corpus, "*.dcm", SearchOption.AllDirectories))
        {
            try
            {
                _ = IndexEntry.ForInstance(DicomFileProbe.Read(path, IndexEntry.StopAt, IndexEntry.IsWanted).Header);
            }
            catch (DicomException)
            {
                continue;
            }

            foreach (var piece in new[] { 5, 4000 })
                _ = IsSame(path, piece) ? read++ : left++;
        }

        Assert.True(read > 80 && left < read / 5, $"{read} were read as they came, {left} left to the file.");
    }

    [Fact]
    public async Task What_is_too_long_unknown_or_out_of_order_is_left_to_the_file()
    {
        var longest = Full();
        longest.Set(Tags.PatientComments, Vr.LT, new string('x', 70_000));
        var huge = Full();
        huge.SetSequence(Tags.RequestAttributesSequence, [.. Enumerable.Range(0, 1000).Select(i => Make.Dataset(
            (Tags.RequestedProcedureDescription, new string('x', 60)), (Tags.RequestedProcedureID, $"R{i}")))]);
        var unknown = Full();
        unknown.Set(Tags.StudyDescription, Vr.UN, "text"u8.ToArray().AsMemory());
        foreach (var dataset in new[] { longest, huge, unknown })
            Assert.False(IsSame(await SaveAsync(dataset, Uids.ExplicitVRLittleEndian), 1000));

        var plain = Full();
        plain.Remove(Tags.PixelData);
        var path = await SaveAsync(plain, Uids.ExplicitVRLittleEndian);
        var late = new DicomDataset();
        late.Set(Tags.AccessionNumber, "A2");
        File.WriteAllBytes(path, [.. File.ReadAllBytes(path), .. DatasetWriter.ToArray(late, TransferSyntax.ExplicitVRLittleEndian)]);
        Assert.False(IsSame(path, 1000));
    }

    // Walks over the dataset of a file in pieces; false when the file has to be asked, and an error when it would say something else.
    private static bool IsSame(string path, int piece)
    {
        var probed = DicomFileProbe.Read(path, IndexEntry.StopAt, IndexEntry.IsWanted);
        var bytes = File.ReadAllBytes(path).Skip((int)probed.DatasetOffset).ToArray();
        using var arrival = new DatasetArrival(probed.TransferSyntax, Tags.StudyID, IndexEntry.IsIndexed);
        for (var at = 0; at < bytes.Length; at += piece)
            arrival.Push(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
        arrival.Complete();
        if (!arrival.IsHeaderWhole)
            return false;
        ArchivedFile.Complete(probed);
        var (expected, actual) = (IndexEntry.ForInstance(probed.Header).Rows, IndexEntry.ForInstance(arrival.Header).Rows);
        for (var level = 0; level < expected.Length; level++)
        {
            Assert.True(expected[level] is null == actual[level] is null && actual[level]?.SaysTheSameAs(expected[level]!) != false,
                $"{path}, {(QueryLevel)level}:\n{Text(expected[level])}\n{Text(actual[level])}");
        }

        return true;
    }

    private static string Text(IndexRow? row) => string.Join("|", row?.Values.Select(
        value => value is byte[] bytes ? BitConverter.ToString(bytes) : $"{value}") ?? []);

    private async Task<string> SaveAsync(DicomDataset dataset, string syntax)
    {
        var path = Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.dcm");
        await new DicomFile(dataset, TransferSyntax.Find(syntax)).SaveAsync(path, TestIndex.Cancellation);
        return path;
    }

    private static DicomDataset Full()
    {
        var dataset = Make.Instance(elements:
        [
            (Tags.PatientName, "Müller^Jürgen=山田"), (Tags.PatientBirthDate, "19700101"), (Tags.PatientComments, "Größe"),
            (Tags.StudyDate, "20240102"), (Tags.StudyTime, "101112"), (Tags.AccessionNumber, "A1"), (Tags.StudyDescription, "Schädel"),
            (Tags.Modality, "CT"), (Tags.SeriesNumber, "2"), (Tags.ImageType, "ORIGINAL\\PRIMARY"), (Tags.InstanceNumber, "7"),
        ]);
        dataset.Set(Tags.Rows, Vr.US, "512");
        var code = Make.Dataset((Tags.CodeValue, "X1"), (Tags.CodeMeaning, "Schädel"), (Tags.CodingSchemeDesignator, "99L"));
        code.Remove(Tags.SpecificCharacterSet);
        dataset.SetSequence(Tags.ProcedureCodeSequence, code, new DicomDataset(code));
        var request = Make.Dataset((Tags.RequestedProcedureID, "R1"), (Tags.RequestedProcedureDescription, "Kopf, größer"));
        request.Remove(Tags.SpecificCharacterSet);
        request.SetSequence(Tags.RequestedProcedureCodeSequence, new DicomDataset(code));
        dataset.SetSequence(Tags.RequestAttributesSequence, request);
        // None of these is indexed: a sequence, what is private, what is long.
        dataset.SetSequence(Tags.ReferencedStudySequence, Make.Dataset((Tags.ReferencedSOPInstanceUID, "1.2.3")));
        dataset.Set(new DicomTag(0x00290010), Vr.LO, "OURS");
        dataset.Set(new DicomTag(0x00291001), Vr.OB, new byte[5000].AsMemory());
        dataset.Set(Tags.PixelData, Vr.OW, new byte[100_000].AsMemory());
        return dataset;
    }
}
