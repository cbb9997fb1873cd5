using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Serialization;

/// <summary>Datasets of different shapes, element by element, so that a test knows where one ends and the next begins.</summary>
internal static class ArrivalShapes
{
    public static IReadOnlyList<string> Names { get; } =
        ["plain", "sequences", "open sequences", "nested", "long", "private", "text", "attributes", "empty", "fragments"];

    public static IReadOnlyList<string> Spellings { get; } = ["explicit", "implicit", "big endian", "deflated"];

    public static (TransferSyntax Syntax, List<byte[]> Pieces) Make(string shape, string spelling)
    {
        var syntax = spelling switch
        {
            "explicit" => shape == "fragments" ? TransferSyntax.Find(Uids.JPEGBaseline8Bit) : TransferSyntax.ExplicitVRLittleEndian,
            // Fragments are explicit little endian always (PS3.5 A.4): other codecs instead.
            "implicit" => shape == "fragments" ? TransferSyntax.Find(Uids.RLELossless) : TransferSyntax.ImplicitVRLittleEndian,
            "big endian" => shape == "fragments" ? TransferSyntax.Find(Uids.JPEG2000Lossless) : TransferSyntax.ExplicitVRBigEndian,
            _ => TransferSyntax.DeflatedExplicitVRLittleEndian,
        };
        var spelt = syntax.IsDeflated ? TransferSyntax.ExplicitVRLittleEndian : syntax;
        var pieces = Dataset(shape == "fragments" && syntax.IsDeflated ? "plain" : shape)
            .Select(element => DatasetWriter.ToArray(new DicomDataset { element }, spelt,
                new DatasetWriterOptions { UndefinedLengths = shape == "open sequences" }))
            .ToList();
        return (syntax, pieces);
    }

    private static List<DicomElement> Dataset(string shape)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3.4.5.6");
        dataset.Set(Tags.Modality, "CT");
        dataset.Set(Tags.PatientName, "PHANTOM^ONE");
        dataset.Set(Tags.PatientID, "P1");
        dataset.Set(Tags.StudyInstanceUID, "1.2.3");
        dataset.Set(Tags.SeriesInstanceUID, "1.2.3.4");
        dataset.Set(Tags.Rows, Vr.US, BitConverter.GetBytes((ushort)4));
        switch (shape)
        {
            case "sequences" or "open sequences":
                dataset.Add(new DicomSequence(Tags.ReferencedStudySequence, [Item(), Item()]));
                dataset.Add(new DicomSequence(Tags.RequestAttributesSequence, []));
                break;
            case "nested":
                var inner = Item();
                for (var i = 0; i < 12; i++)
                {
                    var outer = Item();
                    outer.Add(new DicomSequence(Tags.ContentSequence, [inner]));
                    inner = outer;
                }

                dataset.Add(new DicomSequence(Tags.ContentSequence, [inner, Item()]));
                break;
            case "long":
                dataset.Set(Tags.TextValue, Vr.UT, new byte[700]);
                break;
            case "private":
                dataset.Set(new DicomTag(0x0009, 0x0010), Vr.LO, "VENDOR");
                dataset.Set(new DicomTag(0x0009, 0x1001), Vr.UN, new byte[30]);
                break;
            case "text":
                dataset.Set(Tags.SpecificCharacterSet, "ISO_IR 192");
                dataset.Set(Tags.StudyDescription, "Größe");
                break;
            case "attributes":
                dataset.Set(Tags.FrameIncrementPointer, Vr.AT, new byte[] { 0x18, 0, 0x63, 0x10 });
                break;
            case "empty":
                dataset.Set(Tags.StudyID, "");
                dataset.Set(Tags.AccessionNumber, "");
                break;
        }

        if (shape == "fragments")
            dataset.Add(new DicomFragments(Tags.PixelData, Vr.OB, default,
                [new DicomBytes(new byte[] { 0xFF, 0xD8, 1, 2, 3, 0xFF, 0xD9, 0 })]));
        else
            dataset.Set(Tags.PixelData, Vr.OW, new byte[32]);
        return [.. dataset];
    }

    private static DicomDataset Item()
    {
        var item = new DicomDataset();
        item.Set(Tags.ReferencedSOPClassUID, "1.2.840.10008.3.1.2.3.1");
        item.Set(Tags.ReferencedSOPInstanceUID, "1.2.3.9");
        return item;
    }
}
