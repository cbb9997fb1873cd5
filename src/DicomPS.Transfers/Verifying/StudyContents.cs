namespace DicomPS.Transfers.Verifying;

/// <summary>What a node says that it has of a study.</summary>
internal sealed record StudyContents
{
    /// <summary>How many instances, those with the same UID each by itself; null when it does not say.</summary>
    public long? Count { get; init; }

    /// <summary>The instances by UID with the series of each; null when only the number was asked for.</summary>
    public IReadOnlyDictionary<string, string>? Instances { get; init; }

    /// <summary>The SOP classes of the instances by UID, as far as the node tells them; null when only the number was asked for.</summary>
    public IReadOnlyDictionary<string, string>? Classes { get; init; }

    /// <summary>Whether it has none of it.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Whether both have the same and have something: that neither has any of a study proves nothing.</summary>
    /// <param name="other">What the other node has.</param>
    public bool IsAlike(StudyContents other) => Instances is { } mine && other.Instances is { } theirs
        ? mine.Count > 0 && Count == other.Count && mine.Count == theirs.Count && mine.Keys.All(theirs.ContainsKey)
        : Count is { } count && count > 0 && count == other.Count;
}
