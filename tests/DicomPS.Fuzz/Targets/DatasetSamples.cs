using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Fuzz.Targets;

/// <summary>Datasets of different shapes, small, so that a change meets something.</summary>
internal static class DatasetSamples
{
    public static IEnumerable<DicomDataset> Datasets()
    {
        yield return Plain();

        var nested = Plain();
        var inner = Item();
        for (var i = 0; i < 4; i++)
        {
            var outer = Item();
            outer.Add(new DicomSequence(Tags.ContentSequence, [inner]));
            inner = outer;
        }

        nested.Add(new DicomSequence(Tags.ReferencedStudySequence, [Item(), Item()]));
        nested.Add(new DicomSequence(Tags.RequestAttributesSequence, []));
        nested.Add(new DicomSequence(Tags.ContentSequence, [inner, Item()]));
        yield return nested;

        var odd = Plain();
        odd.Set(new DicomTag(0x0009, 0x0010), Vr.LO, "VENDOR");
        odd.Set(new DicomTag(0x0009, 0x1001), Vr.UN, new byte[30]);
        odd.Set(Tags.SpecificCharacterSet, "\\ISO 2022 IR 87");
        odd.Set(Tags.StudyDescription, Vr.LO, "\u001b$B;3ED\u001b(B"u8.ToArray());
        odd.Set(Tags.FrameIncrementPointer, Vr.AT, new byte[] { 0x18, 0, 0x63, 0x10 });
        odd.Set(Tags.StudyDate, "20260102");
        odd.Set(Tags.PatientAge, "031Y");
        yield return odd;
    }

    public static IEnumerable<byte[]> Files()
    {
        foreach (var syntax in new[] { TransferSyntax.ImplicitVRLittleEndian, TransferSyntax.ExplicitVRLittleEndian,
            TransferSyntax.ExplicitVRBigEndian, TransferSyntax.DeflatedExplicitVRLittleEndian })
        {
            var meta = new DicomDataset();
            meta.Set(new DicomTag(0x0002, 0x0001), Vr.OB, new byte[] { 0, 1 });
            meta.Set(Tags.MediaStorageSOPClassUID, Uids.CTImageStorage);
            meta.Set(Tags.MediaStorageSOPInstanceUID, "1.2.3.4.5.6");
            meta.Set(Tags.TransferSyntaxUID, syntax.Uid);
            var group = DatasetWriter.ToArray(meta, TransferSyntax.ExplicitVRLittleEndian);
            byte[] length = [2, 0, 0, 0, (byte)'U', (byte)'L', 4, 0, (byte)group.Length, 0, 0, 0];
            yield return [.. new byte[128], .. "DICM"u8, .. length, .. group, .. DatasetWriter.ToArray(Plain(), syntax)];
        }
    }

    private static DicomDataset Plain()
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
        dataset.Set(Tags.PixelSpacing, "0.5\\0.5");
        dataset.Set(Tags.PixelData, Vr.OW, new byte[32]);
        return dataset;
    }

    private static DicomDataset Item()
    {
        var item = new DicomDataset();
        item.Set(Tags.ReferencedSOPClassUID, "1.2.840.10008.3.1.2.3.1");
        item.Set(Tags.ReferencedSOPInstanceUID, "1.2.3.9");
        return item;
    }
}
