namespace DicomPS.Serving;

/// <summary>What a look at a node comes to.</summary>
public enum SecurityVerdict
{
    /// <summary>The node was not reached.</summary>
    Unknown,
    /// <summary>A stranger may do something there.</summary>
    Open,
    /// <summary>Strangers are kept out, and something is to be mended all the same.</summary>
    Weak,
    /// <summary>Nothing was found.</summary>
    Guarded,
}
