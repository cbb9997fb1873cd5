namespace DicomPS.Archives;

/// <summary>
/// What an archive does with an instance that it has already, of the same patient, study and series. Another one never replaces it.
/// </summary>
public enum ArchiveDuplicate
{
    /// <summary>The new one replaces the one that is there.</summary>
    Replace,
    /// <summary>The one that is there stays. The sender hears Success: the archive has the instance.</summary>
    KeepFirst,
    /// <summary>The one that is there stays; the sender is told 0111H, Duplicate SOP Instance.</summary>
    Reject,
}
