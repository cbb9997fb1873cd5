using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Engine.Tests.Dictionary;

/// <summary>A dataset as rows.</summary>
public class ElementTreeTests
{
    [Fact]
    public void Sequences_are_gone_through_in_order_with_the_place_of_each_element()
    {
        var inner = new DicomDataset { DicomValue.Create(Tags.CodeValue, Vr.SH, "1") };
        var item = new DicomDataset { DicomValue.Create(Tags.StudyID, Vr.SH, "a") };
        item.SetSequence(Tags.ProcedureCodeSequence, inner, new DicomDataset());
        var dataset = new DicomDataset { DicomValue.Create(Tags.PatientID, Vr.LO, "p", "q") };
        dataset.SetSequence(Tags.ReferencedStudySequence, new DicomDataset(), item);

        Assert.Equal(
            [
                "(0008,1110) 0 False 2 items 2",
                "(0008,1110)[1].(0008,1032) 1 True 2 items 2",
                "(0008,1110)[1].(0008,1032)[0].(0008,0100) 2 True 1 1",
                "(0008,1110)[1].(0020,0010) 1 False a 1",
                "(0010,0020) 0 False p\\q 2",
            ],
            ElementTree.List(dataset).Select(row => $"{row.ElementPath} {row.Depth} {row.StartsItem} {row.Value} {row.VM}"));
    }

    [Fact]
    public void Private_elements_name_their_owner()
    {
        var dataset = new DicomDataset();
        dataset.Set(dataset.ReservePrivate("ACME 1", 0x0029, 0x01), Vr.LO, "x");
        dataset.Set(new DicomTag(0x00295501), Vr.LO, "y");
        Assert.Equal(
            ["Private Creator  True", "[ACME 1] ACME 1 True", "Private  True"],
            ElementTree.List(dataset).Select(row => $"{row.Name} {row.PrivateCreator} {row.IsPrivate}"));
    }

    [Fact]
    public void Long_values_are_cut_and_streams_are_counted_without_being_read()
    {
        var dataset = new DicomDataset { DicomValue.Create(Tags.PixelData, Vr.OW, new FileRange("/nowhere", 0, 5_000_000_000)) };
        dataset.Set(Tags.PatientComments, new string('x', 5000));
        dataset.SetInts(Tags.HistogramData, Vr.UL, [.. Enumerable.Range(0, 1000).Select(i => (long)i)]);
        dataset.Set(Tags.PatientID);
        var rows = ElementTree.List(dataset).ToDictionary(row => row.Tag, row => row.Value);
        Assert.Equal("<5000000000 bytes>", rows[Tags.PixelData]);
        Assert.Equal(1003, rows[Tags.PatientComments]!.Length);
        Assert.EndsWith("...", rows[Tags.HistogramData], StringComparison.Ordinal);
        Assert.Null(rows[Tags.PatientID]);
    }
}
