namespace DicomPS.Comparing;

/// <summary>What differs below one study, as it is found.</summary>
/// <param name="one">The reference's study.</param>
/// <param name="other">The other's.</param>
/// <param name="differences">Makes differences of studies.</param>
internal sealed class StudyRows(Study one, Study other, Differences differences)
{
    private readonly List<ArchiveDifference> _rows = [];
    private string? _unknown;
    private string? _uncounted;
    private long? _listed = 0;

    public Study One => one;

    public Study Other => other;

    /// <summary>Adds a difference of a series, or of an instance in it.</summary>
    public void Add(ArchiveDifferenceKind kind, Series? mine, Series? its, string reason, string? keys = null, string? instance = null)
    {
        var known = mine ?? its!;
        var isExtra = kind == ArchiveDifferenceKind.Extra;
        _rows.Add(differences.Of(kind, one, other, reason) with
        {
            Level = instance is null ? nameof(ComparisonLevel.Series) : nameof(ComparisonLevel.Instance),
            Modalities = known.Modality,
            StudyDescription = known.SeriesDescription ?? one.StudyDescription,
            ReferenceSeries = null,
            DifferenceSeries = null,
            ReferenceInstances = instance is null ? mine?.Instances : null,
            DifferenceInstances = instance is null ? its?.Instances : null,
            ReferenceAvailability = mine?.Availability,
            DifferenceAvailability = its?.Availability,
            Keys = keys,
            SeriesInstanceUID = known.SeriesInstanceUID,
            SOPInstanceUID = instance,
            Node = isExtra ? other.Node : one.Node,
        });
    }

    /// <summary>Counts instances that the reference lists; null where it gives no number.</summary>
    public void Listed(int? mine) => _listed += mine;

    /// <summary>Not all of it was answered.</summary>
    public void LeaveUnknown(string why) => _unknown ??= why;

    /// <summary>A series is not numbered.</summary>
    public void Uncounted(string why) => _uncounted ??= why;

    /// <summary>What was found. What is listed goes before what the study itself says.</summary>
    public List<ArchiveDifference> End()
    {
        if (_uncounted is not null && !IsCounted())
        {
            _rows.Add(_rows.Count == 0 && differences.OfCounts(one, other) is { Kind: not ArchiveDifferenceKind.Unknown } counted ? counted
                : differences.Of(ArchiveDifferenceKind.Unknown, one, other, _uncounted));
        }

        // What the reference says to have and does not list cannot be looked for.
        if (_listed is { } mine && one.Instances > mine)
            _unknown ??= $"The reference says that it has {one.Instances} instances, and lists {mine}.";
        if (_listed == 0 && _rows.Count == 0)
            _unknown ??= "Neither lists anything of it.";
        if (_unknown is not null)
            _rows.Add(differences.Of(ArchiveDifferenceKind.Unknown, one, other, _unknown));
        return _rows;
    }

    // Numbers of the whole stand for those of its series.
    private bool IsCounted() => one.Instances is { } wanted and > 0 && other.Instances == wanted;
}
