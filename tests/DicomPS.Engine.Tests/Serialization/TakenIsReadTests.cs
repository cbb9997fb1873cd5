using System.IO.Compression;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Serialization;

/// <summary>
/// What a server takes its readers can read, and in the same way. Bytes that fuzzing found: a dataset that ends behind a header that can be
/// read in two ways, and one that begins with an element that can.
/// </summary>
public class TakenIsReadTests
{
    // Twelve bytes are left: no VR, and 48 bytes declared, or none and four of padding.
    private static readonly byte[] OddEnd = [0x44, 0x53, 0x08, 0, 0x30, 0, 0, 0, 0, 0, 0, 0];

    // The long form of OB, or the short one and its value: 2 bytes.
    private static readonly byte[] ShortEnd = [0x42, 0, 0x11, 0, (byte)'O', (byte)'B', 2, 0, 1, 2];

    // An implicit element without a value before explicit ones.
    private static readonly byte[] OddStart = new byte[8];

    public static TheoryData<string, bool> Cases() => new()
    {
        { "odd end", false }, { "odd end", true }, { "short end", false }, { "short end", true },
        { "odd start", false }, { "odd start", true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Who_receives_and_who_reads_agree(string shape, bool isDeflated)
    {
        var plain = DatasetWriter.ToArray(Plain(), TransferSyntax.ExplicitVRLittleEndian);
        byte[] bytes = shape switch
        {
            "odd end" => [.. plain, .. OddEnd],
            "short end" => [.. plain, .. ShortEnd],
            _ => [.. OddStart, .. plain],
        };
        var syntax = isDeflated ? TransferSyntax.DeflatedExplicitVRLittleEndian : TransferSyntax.ExplicitVRLittleEndian;
        if (isDeflated)
            bytes = Deflate(bytes);

        DicomDataset? read = null;
        var refused = Record.Exception(() => read = DatasetReader.Read(bytes, syntax));
        for (var piece = 1; piece < bytes.Length; piece += 7)
            Assert.Equal(refused is null, IsTaken(bytes, syntax, piece));
        Assert.Equal(shape == "odd end", refused is DicomDataException);
        if (read is { })
            Assert.Equal("P1", read.GetText(Tags.PatientID));
    }

    // Padding was told from an element that is cut only where something before it was wanted.
    [Theory]
    [InlineData("080005030000000000000000")]
    [InlineData("080000120000000000")]
    public void Padding_behind_what_is_passed_over_is_padding(string hex)
    {
        byte[] bytes = [.. Enumerable.Range(0, hex.Length / 2).Select(at => Convert.ToByte(hex.Substring(at * 2, 2), 16))];
        Assert.True(IsTaken(bytes, TransferSyntax.ImplicitVRLittleEndian, 1));
        Assert.Empty(DatasetReader.Read(bytes, TransferSyntax.ImplicitVRLittleEndian, new DatasetReaderOptions { Wanted = _ => false }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_tool_appended_behind_the_pixels_is_passed_over_whatever_is_wanted(bool all)
    {
        var dataset = Plain();
        dataset.Set(Tags.PixelData, Vr.OW, new byte[] { 1, 2 });
        byte[] bytes = [.. DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian), .. "seen by a tool"u8];
        var read = DatasetReader.Read(bytes, TransferSyntax.ExplicitVRLittleEndian,
            new DatasetReaderOptions { Wanted = tag => all || tag == Tags.PatientID });
        Assert.Equal("P1", read.GetText(Tags.PatientID));
    }

    private static bool IsTaken(byte[] bytes, TransferSyntax syntax, int piece)
    {
        using var arrival = new DatasetArrival(syntax, Tags.StudyID);
        return Record.Exception(() =>
        {
            for (var at = 0; at < bytes.Length; at += piece)
                arrival.Push(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            arrival.Complete();
        }) is null;
    }

    private static DicomDataset Plain()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3.4.5.6");
        dataset.Set(Tags.PatientID, "P1");
        dataset.Set(Tags.StudyInstanceUID, "1.2.3");
        return dataset;
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var made = new MemoryStream();
        using (var stream = new DeflateStream(made, CompressionLevel.Optimal))
            stream.Write(bytes, 0, bytes.Length);
        return made.ToArray();
    }
}
