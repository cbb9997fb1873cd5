namespace DicomPS.Comparing;

/// <summary>Down to where two archives are compared.</summary>
public enum ComparisonLevel
{
    /// <summary>Studies, and the numbers of series and instances that the archives say of them.</summary>
    Study,
    /// <summary>The series of each study as well, and the numbers of instances that the archives say of them.</summary>
    Series,
    /// <summary>Each instance, by its UID.</summary>
    Instance,
}
