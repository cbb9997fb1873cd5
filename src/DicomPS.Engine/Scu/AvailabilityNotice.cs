using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Scu;

/// <summary>An Instance Availability Notification (PS3.4 table R.3.2-1): where the instances of a study can be had.</summary>
/// <param name="StudyInstanceUid">Study Instance UID (0020,000D).</param>
/// <param name="Instances">The instances, one or more, each with a series.</param>
public sealed record AvailabilityNotice(string StudyInstanceUid, IReadOnlyList<AvailableInstance> Instances)
{
    /// <summary>The Attribute List of N-CREATE.</summary>
    public DicomDataset ToDataset()
    {
        var dataset = new DicomDataset();
        // Type 2: it is known to the modality that has a procedure step, and to nobody else.
        dataset.SetSequence(Tags.ReferencedPerformedProcedureStepSequence);
        dataset.Set(Tags.StudyInstanceUID, StudyInstanceUid);
        dataset.SetSequence(Tags.ReferencedSeriesSequence, [.. Instances.GroupBy(one => one.SeriesInstanceUid, StringComparer.Ordinal)
            .Select(series =>
            {
                var item = new DicomDataset();
                item.Set(Tags.SeriesInstanceUID, series.Key);
                item.SetSequence(Tags.ReferencedSOPSequence, [.. series.Select(Item)]);
                return item;
            })]);
        return dataset;
    }

    /// <summary>Reads the Attribute List of N-CREATE.</summary>
    /// <param name="dataset">The list.</param>
    /// <exception cref="DicomDataException">What each notification must have is missing.</exception>
    public static AvailabilityNotice Read(DicomDataset dataset)
    {
        var study = Value(dataset, Tags.StudyInstanceUID);
        var series = dataset.GetItems(Tags.ReferencedSeriesSequence);
        if (series.Count == 0)
            throw Missing(Tags.ReferencedSeriesSequence);
        var instances = new List<AvailableInstance>();
        foreach (var one in series)
        {
            var uid = Value(one, Tags.SeriesInstanceUID);
            var references = one.GetItems(Tags.ReferencedSOPSequence);
            if (references.Count == 0)
                throw Missing(Tags.ReferencedSOPSequence);
            instances.AddRange(references.Select(reference => new AvailableInstance(uid, Value(reference, Tags.ReferencedSOPClassUID),
                Value(reference, Tags.ReferencedSOPInstanceUID), Value(reference, Tags.InstanceAvailability),
                reference.GetStrings(Tags.RetrieveAETitle) is { Length: > 0 } titles ? titles : throw Missing(Tags.RetrieveAETitle))));
        }

        return new AvailabilityNotice(study, instances);
    }

    private static DicomDataset Item(AvailableInstance instance)
    {
        var item = new DicomDataset();
        item.Set(Tags.RetrieveAETitle, [.. instance.RetrieveAETitle]);
        item.Set(Tags.InstanceAvailability, instance.Availability);
        item.Set(Tags.ReferencedSOPClassUID, instance.SopClassUid);
        item.Set(Tags.ReferencedSOPInstanceUID, instance.SopInstanceUid);
        return item;
    }

    private static string Value(DicomDataset dataset, DicomTag tag) =>
        dataset.GetString(tag) is { Length: > 0 } value ? value : throw Missing(tag);

    private static AvailabilityMissingException Missing(DicomTag tag) =>
        new($"{DicomDictionary.KeywordOf(tag)} is missing or empty", tag);
}
