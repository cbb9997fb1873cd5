namespace DicomPS.Retrieving;

/// <summary>What arrived here.</summary>
/// <param name="Stored">Instances that lie in their place, each counted once.</param>
/// <param name="Kept">Instances that were here before, refused as duplicates.</param>
/// <param name="NotStored">Instances that came and could not be stored.</param>
internal sealed record RetrieveArrivals(int Stored, int Kept = 0, int NotStored = 0)
{
    /// <summary>How often an instance came again in the last try, which a peer counts as further ones.</summary>
    public int Repeated { get; init; }

    /// <summary>How many of those stored came from an address that is not the peer's, and did not name the request.</summary>
    public int Elsewhere { get; init; }

    /// <summary>The addresses that these came from, in words; null without any.</summary>
    public string? ElsewhereFrom { get; init; }

    /// <summary>How many of those stored came once more with other bytes.</summary>
    public int Changed { get; init; }

    /// <summary>Instances that were not asked for and were set aside.</summary>
    public int Aside { get; init; }

    /// <summary>What the first of them belongs to, in words.</summary>
    public string? AsideOf { get; init; }

    /// <summary>How many of those stored, of what was asked for by Patient ID, carry another one.</summary>
    public int OtherPatients { get; init; }

    /// <summary>The first of these Patient IDs.</summary>
    public string? OtherPatient { get; init; }

    /// <summary>How many of those not stored came broken and were set aside.</summary>
    public int Broken { get; init; }

    /// <summary>What is wrong with the last of them.</summary>
    public string? WhyBroken { get; init; }

    /// <summary>The port that was listened on; 0 for C-GET.</summary>
    public int Port { get; init; }

    /// <summary>The associations that were open on it while the request ran; null for C-GET.</summary>
    public long? Associations { get; init; }

    /// <summary>The last thing that went wrong on this side, or null.</summary>
    public string? LastError { get; init; }
}
