using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Part10;

/// <summary>Values of a deflated file that inflate to what no text and no number has.</summary>
public sealed class InflatedTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_character_set_that_inflates_to_megabytes_is_none()
    {
        var header = FileHeader.Read(File(Tags.SpecificCharacterSet, Vr.UN), null, out var elements, out _,
            TestContext.Current.CancellationToken);
        Assert.Equal("1.2.3.5", header.SOPInstanceUID);
        Assert.Same(TextCodec.Default, elements.Text);
    }

    [Theory]
    [InlineData(Vr.UN, false)]
    [InlineData(Vr.UT, false)]
    [InlineData(Vr.OW, true)]
    public void A_value_that_inflates_to_megabytes_is_not_read_as_text_or_number(Vr vr, bool isNumber)
    {
        var probed = DicomFileProbe.Read(File(Tags.PatientID, vr));
        Assert.Equal("1.2.3.5", probed.SopInstanceUid);
        Assert.Null(isNumber ? probed.Header.GetInt32(Tags.PatientID) : (object?)probed.Header.GetString(Tags.PatientID));
    }

    private string File(DicomTag tag, Vr vr)
    {
        var dataset = Instances.Dataset(instance: "1.2.3.5");
        dataset.Set(tag, vr, System.Text.Encoding.ASCII.GetBytes("ISO_IR 192".PadRight(5_000_000)));
        var path = System.IO.Path.Combine(_folder.Path, "inflated.dcm");
        new DicomFile(dataset, TransferSyntax.Find(Uids.DeflatedExplicitVRLittleEndian)).SaveAsync(path,
            TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        return path;
    }
}
