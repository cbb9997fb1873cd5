namespace DicomPS.Dimse;

/// <summary>How large the dataset of a message may be that is read whole.</summary>
/// <param name="Elements">The most elements, those inside sequences too.</param>
/// <param name="Bytes">The most bytes as they come.</param>
public sealed record DatasetLimit(int Elements, int Bytes)
{
    /// <summary>The widest: a request for storage commitment of 100,000 instances is in it.</summary>
    public static DatasetLimit Any { get; } = new(500_000, DimseReader.MaximumDatasetLength);

    /// <summary>
    /// Of a query or a retrieve. Its keys are tens, and a list of UIDs is one element: of 65,534 bytes where its VR is said, and of some
    /// 16,000 of the longest UIDs here.
    /// </summary>
    public static DatasetLimit Keys { get; } = new(10_000, 1024 * 1024);
}
