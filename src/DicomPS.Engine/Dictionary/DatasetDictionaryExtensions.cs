using DicomPS.Data;

namespace DicomPS.Dictionary;

/// <summary>Setting values without naming their VR.</summary>
public static class DatasetDictionaryExtensions
{
    /// <summary>Sets values with the VR of the dictionary, the first where there is a choice.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="tag">A tag that the dictionary knows.</param>
    /// <param name="values">The values; none for an empty element, as a query has them.</param>
    /// <exception cref="ArgumentException">The tag is unknown, or a value does not fit its VR.</exception>
    public static void Set(this DicomDataset dataset, DicomTag tag, params string[] values) =>
        (dataset ?? throw new ArgumentNullException(nameof(dataset))).Set(tag, KnownVr(tag), values);

    /// <summary>Sets whole numbers with the VR of the dictionary.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="tag">A tag that the dictionary knows.</param>
    /// <param name="values">The values.</param>
    /// <exception cref="ArgumentException">The tag is unknown, its VR holds no numbers, or a value does not fit.</exception>
    public static void SetInt(this DicomDataset dataset, DicomTag tag, params long[] values) =>
        (dataset ?? throw new ArgumentNullException(nameof(dataset))).SetInts(tag, KnownVr(tag), values);

    /// <summary>Sets floating point numbers with the VR of the dictionary.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="tag">A tag that the dictionary knows.</param>
    /// <param name="values">The values.</param>
    /// <exception cref="ArgumentException">The tag is unknown, or its VR holds no floating point numbers.</exception>
    public static void SetDouble(this DicomDataset dataset, DicomTag tag, params double[] values) =>
        (dataset ?? throw new ArgumentNullException(nameof(dataset))).SetDoubles(tag, KnownVr(tag), values);

    private static Vr KnownVr(DicomTag tag) => DicomDictionary.VrOf(tag) is var vr and not Vr.None
        ? vr
        : throw new ArgumentException($"The dictionary does not know {tag}. Name its VR.", nameof(tag));
}
