using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Serialization;
using DicomPS.Text;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Tests.Verifying;

/// <summary>Two copies of an instance: what counts and what does not.</summary>
public sealed class InstanceComparerTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private int _files;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task How_it_is_spelt_does_not_count()
    {
        var big = Enumerable.Range(0, 200_000).Select(i => (byte)i).ToArray();
        void Fill(DicomDataset dataset)
        {
            dataset.Set(Tags.PixelData, Vr.OW, big);
            dataset.SetInts(Tags.Rows, Vr.US, 512);
            dataset.SetDoubles(new DicomTag(0x0018, 0x9073), Vr.FD, 1.5);
            var item = new DicomDataset();
            item.Set(Tags.ScheduledProcedureStepID, "S1");
            dataset.SetSequence(Tags.RequestAttributesSequence, item);
        }

        var here = await FileAsync(Fill, TransferSyntax.ExplicitVRLittleEndian);
        foreach (var syntax in new[]
        {
            TransferSyntax.ImplicitVRLittleEndian, TransferSyntax.ExplicitVRBigEndian, TransferSyntax.DeflatedExplicitVRLittleEndian,
        })
            Assert.True(InstanceComparer.Compare(here, await FileAsync(Fill, syntax), withBytes: true).IsNone, syntax.Name);
    }

    [Fact]
    public async Task Neither_does_the_character_set()
    {
        var here = await FileAsync(dataset =>
        {
            dataset.SetCharacterSet("ISO_IR 100");
            dataset.Set(Tags.PatientName, "Müller^Ä^^");
        });
        var there = await FileAsync(dataset =>
        {
            dataset.SetCharacterSet("ISO_IR 192");
            dataset.Set(Tags.PatientName, "Müller^Ä");
        });
        Assert.True(InstanceComparer.Compare(here, there, withBytes: true).IsNone);
    }

    [Fact]
    public async Task What_is_absent_is_not_the_same_as_what_is_empty()
    {
        var here = await FileAsync(dataset => dataset.Set(Tags.StudyID, Vr.SH, ""));
        var there = await FileAsync(_ => { });
        Assert.Equal(["StudyID"], InstanceComparer.Compare(here, there, withBytes: false).Attributes);
        Assert.Equal(["StudyID"], InstanceComparer.Compare(there, here, withBytes: false).Attributes);
    }

    [Fact]
    public async Task Private_elements_may_be_added_and_not_lost()
    {
        void Own(DicomDataset dataset)
        {
            dataset.Set(new DicomTag(0x0029, 0x0010), Vr.LO, "VENDOR");
            dataset.Set(new DicomTag(0x0029, 0x1001), Vr.OB, new byte[] { 1, 2 });
        }

        var (with, without) = (await FileAsync(Own), await FileAsync(_ => { }));
        Assert.True(InstanceComparer.Compare(without, with, withBytes: false).IsNone);
        Assert.Equal(["(0029,0010)", "(0029,1001) VENDOR"], InstanceComparer.Compare(with, without, withBytes: false).Attributes);
    }

    [Fact]
    public async Task An_attribute_in_a_sequence_is_named_with_its_place()
    {
        static Action<DicomDataset> With(string id) => dataset =>
        {
            var item = new DicomDataset();
            item.Set(Tags.ScheduledProcedureStepID, id);
            dataset.SetSequence(Tags.RequestAttributesSequence, new DicomDataset(), item);
        };
        var found = InstanceComparer.Compare(await FileAsync(With("A")), await FileAsync(With("B")), withBytes: false);
        Assert.Equal(["RequestAttributesSequence[2].ScheduledProcedureStepID"], found.Attributes);
        Assert.Equal(("A", "B"), (found.SourceValue, found.DestinationValue));
    }

    [Fact]
    public async Task Compressed_pixels_are_compared_with_the_same_compression_alone()
    {
        static Action<DicomDataset> With(params byte[][] fragments) => dataset => dataset.Add(new DicomFragments(Tags.PixelData, Vr.OB,
            default, [.. fragments.Select(one => new DicomBytes(one))]));
        var one = await FileAsync(With([1, 2, 3, 4]), TransferSyntax.Find(Uids.JPEGLosslessSV1));
        var cut = await FileAsync(With([1, 2], [3, 4]), TransferSyntax.Find(Uids.JPEGLosslessSV1));
        var other = await FileAsync(With([1, 2, 3, 5]), TransferSyntax.Find(Uids.JPEGLosslessSV1));
        var plain = await FileAsync(dataset => dataset.Set(Tags.PixelData, Vr.OW, new byte[] { 1, 2, 3, 4 }));
        Assert.True(InstanceComparer.Compare(one, cut, withBytes: true).IsNone);
        Assert.Equal(["PixelData"], InstanceComparer.Compare(one, other, withBytes: true).Attributes);
        Assert.True(InstanceComparer.Compare(one, other, withBytes: false).IsNone);
        var unknown = InstanceComparer.Compare(one, plain, withBytes: true);
        Assert.Empty(unknown.Attributes);
        Assert.Contains("was not compared", Assert.Single(unknown.Unknown));
    }

    [Fact]
    public async Task Pixels_that_are_gone_are_a_difference_of_the_headers_too()
    {
        var with = await FileAsync(dataset => dataset.Set(Tags.PixelData, Vr.OW, new byte[] { 1, 2 }));
        Assert.Equal(["PixelData"], InstanceComparer.Compare(with, await FileAsync(_ => { }), withBytes: false).Attributes);
    }

    [Fact]
    public void A_sample_is_the_same_for_whoever_looks_and_never_empty()
    {
        var instances = Enumerable.Range(1, 50).ToDictionary(number => $"1.2.3.{number}", number => number <= 25 ? "1.1" : "1.2");
        var first = InstanceSample.Choose("1.2.3", instances, 10).Select(one => one.Key).ToList();
        Assert.Equal(5, first.Count);
        Assert.Equal(first, InstanceSample.Choose("1.2.3", instances, 10).Select(one => one.Key));
        Assert.NotEqual(first, InstanceSample.Choose("1.2.4", instances, 10).Select(one => one.Key));
        Assert.Single(InstanceSample.Choose("1.2.3", instances.Take(3).ToDictionary(one => one.Key, one => one.Value), 1));
        Assert.All(InstanceSample.Requests("1.2.3", instances, InstanceSample.Choose("1.2.3", instances, 100)),
            keys => Assert.Empty(keys.SOPInstanceUID));
        Assert.Equal(5, InstanceSample.Requests("1.2.3", instances, InstanceSample.Choose("1.2.3", instances, 10))
            .Sum(keys => keys.SOPInstanceUID.Count));
    }

    private async Task<DicomFile> FileAsync(Action<DicomDataset> fill, TransferSyntax? syntax = null)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.SecondaryCaptureImageStorage);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3.4");
        fill(dataset);
        var path = _folder.At($"{++_files}.dcm");
        await new DicomFile(dataset, syntax ?? TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
        return await DicomFile.OpenAsync(path, cancellationToken: Cancellation);
    }
}
