using System.IO.Compression;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Serialization;
using DicomPS.Text;

namespace DicomPS.Interop.Tests.Support;

/// <summary>
/// A study of the kinds of dataset that a PACS holds: slices in each uncompressed transfer syntax, encapsulated pixels,
/// nested sequences, private elements, names in several scripts, a document, and a file larger than any buffer.
/// </summary>
internal sealed class GeneratedStudy
{
    private static readonly TransferSyntax Explicit = TransferSyntax.ExplicitVRLittleEndian;
    private readonly string _folder;
    private readonly string _study = Uid.New();
    private readonly List<string> _files = [];

    private GeneratedStudy(string folder) => _folder = folder;

    public static string JpegBaseline => "1.2.840.10008.1.2.4.50";

    /// <summary>Writes it into subfolders.</summary>
    /// <param name="folder">Where; made when missing.</param>
    /// <returns>The files.</returns>
    public static IReadOnlyList<string> Write(string folder)
    {
        var study = new GeneratedStudy(folder);
        var series = Uid.New();
        for (var number = 1; number <= 3; number++)
            study.Add($"ct/{number}.dcm", study.Ct(series, number), Explicit);
        study.Add("ct/implicit.dcm", study.Ct(series, 4), TransferSyntax.ImplicitVRLittleEndian);
        study.Add("ct/big-endian.dcm", study.Ct(series, 5), TransferSyntax.ExplicitVRBigEndian);
        study.Add("ct/deflated.dcm", study.Ct(series, 6), TransferSyntax.DeflatedExplicitVRLittleEndian);
        study.Add("other/encapsulated.dcm", study.Encapsulated(), TransferSyntax.Find(JpegBaseline));
        study.Add("other/report.dcm", study.Report(), Explicit);
        study.Add("other/private.dcm", study.WithPrivateElements(), Explicit);
        study.Add("other/document.dcm", study.Document(), Explicit);
        study.Add("other/large.dcm", study.Large(), Explicit);
        return study._files;
    }

    /// <summary>Slices that differ in their instance UID only.</summary>
    /// <param name="folder">Where; made when missing.</param>
    /// <param name="count">How many.</param>
    public static IReadOnlyList<string> WriteSlices(string folder, int count)
    {
        var study = new GeneratedStudy(folder);
        var series = Uid.New();
        for (var number = 1; number <= count; number++)
            study.Add($"{number:0000}.dcm", study.Ct(series, number), Explicit);
        return study._files;
    }

    /// <summary>One small file for each SOP class, in turn explicit and implicit.</summary>
    /// <param name="folder">Where; made when missing.</param>
    /// <param name="sopClassUids">The SOP classes.</param>
    public static IReadOnlyList<string> WriteSopClasses(string folder, IEnumerable<string> sopClassUids)
    {
        var study = new GeneratedStudy(folder);
        foreach (var uid in sopClassUids)
        {
            study.Add($"{study._files.Count:0000}.dcm", study.Instance(uid, Uid.New(), "OT"), Explicit);
            study.Add($"{study._files.Count:0000}.dcm", study.Instance(uid, Uid.New(), "OT"), TransferSyntax.ImplicitVRLittleEndian);
        }

        return study._files;
    }

    /// <summary>A deflated file whose dataset has an odd number of bytes, as writers that do not pad make them.</summary>
    /// <param name="folder">Where; made when missing.</param>
    public static string WriteOddDeflated(string folder)
    {
        var study = new GeneratedStudy(folder);
        var dataset = study.Ct(Uid.New(), 1);
        byte[] deflated;
        do
        {
            dataset.Set(Tags.ImageComments, Uid.New());
            using var bytes = new MemoryStream();
            using (var deflating = new DeflateStream(bytes, CompressionLevel.Optimal))
                deflating.Write(DatasetWriter.ToArray(dataset, Explicit));
            deflated = bytes.ToArray();
        }
        while (deflated.Length % 2 == 0);

        study.Add("odd.dcm", dataset, TransferSyntax.DeflatedExplicitVRLittleEndian, deflated);
        return study._files[0];
    }

    private DicomDataset Ct(string series, int number)
    {
        var dataset = Instance(Uids.CTImageStorage, series, "CT");
        dataset.Set(Tags.InstanceNumber, $"{number}");
        Pixels(dataset, rows: 64, columns: 64);
        return dataset;
    }

    private DicomDataset Encapsulated()
    {
        var dataset = Instance(Uids.SecondaryCaptureImageStorage, Uid.New(), "OT");
        Pixels(dataset, rows: 8, columns: 8);
        dataset.Remove(Tags.PixelData);
        // Two frames, the first in two fragments; what is in them is the decoder's business, not the network's.
        byte[][] fragments = [[0xFF, 0xD8, 1, 2, 3, 4], [5, 6, 0xFF, 0xD9], [0xFF, 0xD8, 0xFF, 0xD9]];
        dataset.Add(new DicomFragments(
            Tags.PixelData,
            Vr.OB,
            new DicomBytes(new byte[] { 0, 0, 0, 0, 26, 0, 0, 0 }),
            [.. fragments.Select(fragment => new DicomBytes(fragment))]));
        dataset.Set(Tags.NumberOfFrames, "2");
        return dataset;
    }

    private DicomDataset Report()
    {
        var dataset = Instance(Uids.ComprehensiveSRStorage, Uid.New(), "SR");
        dataset.SetCharacterSet("ISO_IR 192");
        dataset.Set(Tags.PatientName, "Müller^Jürgen=山田^太郎=やまだ^たろう");
        var text = new DicomDataset();
        text.Set(Tags.ValueType, "TEXT");
        text.Set(Tags.TextValue, "Kein Befund. Ничего. 없음.");
        var empty = new DicomDataset();
        var container = new DicomDataset();
        container.Set(Tags.ValueType, "CONTAINER");
        container.SetSequence(Tags.ContentSequence, text, empty);
        dataset.Set(Tags.ValueType, "CONTAINER");
        dataset.SetSequence(Tags.ContentSequence, container, text);
        dataset.SetSequence(Tags.ReferencedPerformedProcedureStepSequence);
        return dataset;
    }

    private DicomDataset WithPrivateElements()
    {
        var dataset = Instance(Uids.MRImageStorage, Uid.New(), "MR");
        dataset.Set(new DicomTag(0x0029, 0x0010), Vr.LO, "DICOMPS TEST");
        dataset.Set(new DicomTag(0x0029, 0x1001), Vr.UN, new byte[] { 1, 2, 3, 4 });
        dataset.Set(new DicomTag(0x0029, 0x1002), Vr.LT, "private words");
        dataset.SetInts(new DicomTag(0x0029, 0x1003), Vr.UL, 1, 2, 3);
        Pixels(dataset, rows: 16, columns: 16);
        return dataset;
    }

    private DicomDataset Document()
    {
        var dataset = Instance(Uids.EncapsulatedPDFStorage, Uid.New(), "DOC");
        dataset.Set(Tags.MIMETypeOfEncapsulatedDocument, "application/pdf");
        dataset.Set(Tags.EncapsulatedDocument, Vr.OB, "%PDF-1.4 not much of a document%"u8.ToArray());
        return dataset;
    }

    private DicomDataset Large()
    {
        var dataset = Instance(Uids.CTImageStorage, Uid.New(), "CT");
        Pixels(dataset, rows: 1500, columns: 1501);
        return dataset;
    }

    private DicomDataset Instance(string sopClassUid, string series, string modality)
    {
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("ISO_IR 100");
        dataset.Set(Tags.SOPClassUID, sopClassUid);
        dataset.Set(Tags.SOPInstanceUID, Uid.New());
        dataset.Set(Tags.StudyInstanceUID, _study);
        dataset.Set(Tags.SeriesInstanceUID, series);
        dataset.Set(Tags.StudyID, "1");
        dataset.Set(Tags.StudyDate, "20240102");
        dataset.Set(Tags.StudyTime, "101112.131415");
        dataset.Set(Tags.AccessionNumber, "ACC1");
        dataset.Set(Tags.Modality, modality);
        dataset.Set(Tags.PatientID, "PID 1");
        dataset.Set(Tags.PatientName, "Grün^Zoë");
        dataset.Set(Tags.PatientBirthDate);
        dataset.Set(Tags.PatientSex, "O");
        dataset.Set(Tags.SeriesNumber, "1");
        return dataset;
    }

    private static void Pixels(DicomDataset dataset, int rows, int columns)
    {
        dataset.SetInt(Tags.SamplesPerPixel, 1);
        dataset.Set(Tags.PhotometricInterpretation, "MONOCHROME2");
        dataset.SetInt(Tags.Rows, rows);
        dataset.SetInt(Tags.Columns, columns);
        dataset.SetInt(Tags.BitsAllocated, 16);
        dataset.SetInt(Tags.BitsStored, 12);
        dataset.SetInt(Tags.HighBit, 11);
        dataset.SetInt(Tags.PixelRepresentation, 0);
        var pixels = new byte[2 * rows * columns];
        new Random(rows).NextBytes(pixels);
        dataset.Set(Tags.PixelData, Vr.OW, pixels);
    }

    private void Add(string name, DicomDataset dataset, TransferSyntax transferSyntax, byte[]? bytes = null)
    {
        var meta = new FileMeta
        {
            MediaStorageSopClassUid = dataset.GetString(Tags.SOPClassUID),
            MediaStorageSopInstanceUid = dataset.GetString(Tags.SOPInstanceUID),
            TransferSyntaxUid = transferSyntax.Uid,
        };
        var path = Path.Combine(_folder, name.Replace('/', Path.DirectorySeparatorChar));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [.. meta.ToArray(), .. bytes ?? DatasetWriter.ToArray(dataset, transferSyntax)]);
        _files.Add(path);
    }
}
