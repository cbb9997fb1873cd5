namespace DicomPS.Matching;

/// <summary>What one key of a query finds in an answer.</summary>
internal enum KeyFinding
{
    /// <summary>The answer has no value for it: nothing can be said.</summary>
    Absent,

    /// <summary>The value fits.</summary>
    Matches,

    /// <summary>The value is there, and whether it fits cannot be said from here.</summary>
    Unknown,

    /// <summary>The value is there and is another one.</summary>
    Contradicts,
}
