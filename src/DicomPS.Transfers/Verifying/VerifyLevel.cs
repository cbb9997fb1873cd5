namespace DicomPS.Transfers.Verifying;

/// <summary>How deep a study is verified, by the word that stands in the tables.</summary>
internal static class VerifyLevel
{
    /// <summary>Whether the instances are compared by UID, not only their number.</summary>
    public static bool AsksInstances(string verify) => verify != "Counts";

    /// <summary>Whether more is looked at than what both sides answer to a query.</summary>
    public static bool IsDeep(string verify) => IsCommitment(verify) || GetsInstances(verify);

    /// <summary>Whether the destination is asked to answer for the instances.</summary>
    public static bool IsCommitment(string verify) => verify == "Commitment";

    /// <summary>Whether instances are got back from both sides.</summary>
    public static bool GetsInstances(string verify) => verify is "Headers" or "Bytes";
}
