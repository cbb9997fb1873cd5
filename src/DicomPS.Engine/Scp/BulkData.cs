using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Scp;

/// <summary>What an instance is sent without when it is retrieved without bulk data (PS3.4 Z.1.3).</summary>
internal static class BulkData
{
    // PS3.4 table Z.1-1; overlays, curves and audio have many groups each.
    private static readonly DicomTag[] Single =
    [
        Tags.PixelDataProviderURL, Tags.EncapsulatedDocument, Tags.SpectroscopyData, Tags.FloatPixelData, Tags.DoubleFloatPixelData,
        Tags.PixelData,
    ];

    /// <summary>Whether a SOP class retrieves instances in this way.</summary>
    /// <param name="sopClassUid">A retrieve SOP class.</param>
    public static bool IsLeftOut(string sopClassUid) => sopClassUid == Uids.CompositeInstanceRetrieveWithoutBulkDataGet;

    /// <summary>
    /// Takes it out: of the outermost level, so that icons keep their pixels, and of the items of Waveform Sequence (5400,0100).
    /// </summary>
    /// <param name="dataset">The dataset of an instance.</param>
    public static void Remove(DicomDataset dataset)
    {
        var bulk = dataset.Select(element => element.Tag).Where(IsBulk).ToList();
        bulk.ForEach(tag => dataset.Remove(tag));
        foreach (var item in dataset.GetItems(Tags.WaveformSequence))
            item.Remove(Tags.WaveformData);
    }

    /// <summary>Whether an element of the outermost level is bulk data.</summary>
    public static bool IsBulk(DicomTag tag) => Array.IndexOf(Single, tag) >= 0 || IsRepeated(tag);

    // Even groups only: the odd ones between them are private (PS3.5 7.6, 7.8).
    private static bool IsRepeated(DicomTag tag) =>
        (tag.Group & 1) == 0 && (tag.Group >> 8, tag.Element) is (0x60, 0x3000) or (0x50, 0x3000) or (0x50, 0x200C);
}
