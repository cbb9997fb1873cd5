using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Scu;

/// <summary>A series that a procedure step made, on its way into Performed Series Sequence (0040,0340).</summary>
/// <param name="seriesInstanceUid">The series.</param>
internal sealed class ProcedureStepSeries(string seriesInstanceUid)
{
    private readonly List<(string SopClassUid, string SopInstanceUid)> _instances = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Series Description (0008,103E); null where it is not known.</summary>
    public string? Description { get; set; }

    /// <summary>Protocol Name (0018,1030), which each must have; null where it is not known.</summary>
    public string? Protocol { get; set; }

    /// <summary>Performing Physicians' Name (0008,1050); null where it is not known.</summary>
    public string? PerformingPhysician { get; set; }

    /// <summary>Operators' Name (0008,1070); null where it is not known.</summary>
    public string? Operator { get; set; }

    /// <summary>Retrieve AE Title (0008,0054); null where it is not known.</summary>
    public string? RetrieveAETitle { get; set; }

    /// <summary>Adds an instance; one that is there already is not added again.</summary>
    public void Add(string sopClassUid, string sopInstanceUid)
    {
        if (_known.Add(sopInstanceUid))
            _instances.Add((sopClassUid, sopInstanceUid));
    }

    /// <summary>The item (PS3.4 table F.7.2-1). Where no protocol is known, the series' description stands for it, or UNKNOWN.</summary>
    public DicomDataset ToItem()
    {
        var item = new DicomDataset();
        item.Set(Tags.SeriesInstanceUID, seriesInstanceUid);
        item.Set(Tags.ProtocolName, Protocol ?? Description ?? "UNKNOWN");
        Set(item, Tags.SeriesDescription, Description);
        Set(item, Tags.PerformingPhysicianName, PerformingPhysician);
        Set(item, Tags.OperatorsName, Operator);
        Set(item, Tags.RetrieveAETitle, RetrieveAETitle);
        item.SetSequence(Tags.ReferencedImageSequence, [.. _instances.Where(IsImage).Select(Reference)]);
        item.SetSequence(Tags.ReferencedNonImageCompositeSOPInstanceSequence,
            [.. _instances.Where(one => !IsImage(one)).Select(Reference)]);
        return item;
    }

    /// <summary>How many instances an item names.</summary>
    /// <param name="item">The item.</param>
    public static int CountOf(DicomDataset item) => item.GetItems(Tags.ReferencedImageSequence).Count
        + item.GetItems(Tags.ReferencedNonImageCompositeSOPInstanceSequence).Count;

    private static void Set(DicomDataset item, DicomTag tag, string? value) =>
        item.Set(tag, DicomDictionary.VrOf(tag), value is null ? [] : value.Split('\\'));

    private static bool IsImage((string SopClassUid, string) instance) =>
        DicomDictionary.NameOf(instance.SopClassUid).Contains("Image");

    private static DicomDataset Reference((string SopClassUid, string SopInstanceUid) instance)
    {
        var item = new DicomDataset();
        item.Set(Tags.ReferencedSOPClassUID, instance.SopClassUid);
        item.Set(Tags.ReferencedSOPInstanceUID, instance.SopInstanceUid);
        return item;
    }
}
