using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Serialization;

public class TransferSyntaxTests
{
    [Theory]
    [InlineData(Uids.ImplicitVRLittleEndian, false, false, false, false, true)]
    [InlineData(Uids.ExplicitVRLittleEndian, true, false, false, false, true)]
    [InlineData(Uids.ExplicitVRBigEndian, true, true, false, false, true)]
    [InlineData(Uids.DeflatedExplicitVRLittleEndian, true, false, true, false, true)]
    [InlineData(Uids.JPEG2000Lossless, true, false, false, true, false)]
    [InlineData(Uids.RLELossless, true, false, false, true, false)]
    [InlineData(Uids.JPIPReferencedDeflate, true, false, true, false, false)]
    [InlineData(Uids.DeflatedImageFrameCompression, true, false, false, true, false)]
    public void Each_syntax_is_spelt_as_the_standard_says(string uid, bool isExplicit, bool bigEndian, bool deflated, bool encapsulated,
        bool uncompressed)
    {
        var syntax = TransferSyntax.Find(uid);
        Assert.Equal(
            (true, isExplicit, bigEndian, deflated, encapsulated, uncompressed),
            (syntax.IsKnown, syntax.IsExplicitVr, syntax.IsBigEndian, syntax.IsDeflated, syntax.IsEncapsulated, syntax.IsUncompressed));
    }

    [Fact]
    public void Every_syntax_of_the_registry_is_known()
    {
        var table = Path.Combine(Repository.Root(), "src", "DictionaryGenerator", "tables", "dicom-uids.tsv");
        var rows = File.ReadLines(table).Select(line => line.Split('\t')).Where(row => row[1] == "Transfer Syntax").ToList();
        Assert.True(rows.Count > 60);
        Assert.All(rows, row => Assert.Equal((true, row[3]), (TransferSyntax.Find(row[0]).IsKnown, TransferSyntax.Find(row[0]).Name)));
    }

    [Fact]
    public void An_unknown_syntax_is_taken_for_explicit_and_encapsulated()
    {
        var syntax = TransferSyntax.Find("1.2.3");
        Assert.Equal((false, true, true, false, "1.2.3"),
            (syntax.IsKnown, syntax.IsExplicitVr, syntax.IsEncapsulated, syntax.IsUncompressed, syntax.Name));
    }
}
