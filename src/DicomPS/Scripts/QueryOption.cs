namespace DicomPS.Scripts;

/// <summary>What peers may ask for by extended negotiation of Query/Retrieve (PS3.4 C.5.1.1, C.5.2.1, K.5.1).</summary>
public enum QueryOption
{
    /// <summary>Keys of all levels at once.</summary>
    Relational,
    /// <summary>Date and time matched as one.</summary>
    DateTime,
    /// <summary>Names matched also where they are spelt or ordered differently.</summary>
    FuzzyName,
    /// <summary>Times in the zone that the request names.</summary>
    TimeZone,
    /// <summary>Classic or enhanced images, as Query/Retrieve View (0008,0053) names them.</summary>
    View,
}
