using DicomPS.Associations;

namespace DicomPS.Transfers;

/// <summary>A transfer of many studies from one node to another, and how it stands.</summary>
public sealed record Transfer
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>Active, Suspended or Stopped; Done when it is at its end.</summary>
    public required string State { get; init; }

    /// <summary>The node that has the studies.</summary>
    public required DicomNode Source { get; init; }

    /// <summary>The node that is to have them.</summary>
    public required DicomNode Destination { get; init; }

    /// <summary>Move: the source sends. Forward: the worker fetches and sends.</summary>
    public required string Method { get; init; }

    /// <summary>How deep studies are verified: Counts, Uids, Commitment, Headers or Bytes.</summary>
    public required string Verify { get; init; }

    /// <summary>Of a hundred instances of a study, how many are got back from both sides with Headers and Bytes; one at least.</summary>
    public int VerifySample { get; init; }

    /// <summary>How many studies it has.</summary>
    public long Studies { get; init; }

    /// <summary>Studies that wait for their turn, or for another try.</summary>
    public long Waiting { get; init; }

    /// <summary>Studies that a worker has.</summary>
    public long Running { get; init; }

    /// <summary>Studies that were moved and are not verified yet.</summary>
    public long Transferred { get; init; }

    /// <summary>Studies that were moved and are the same on both sides.</summary>
    public long Done { get; init; }

    /// <summary>Studies that are not the same on both sides.</summary>
    public long Differs { get; init; }

    /// <summary>Studies that could not be moved.</summary>
    public long Failed { get; init; }

    /// <summary>Studies that the destination had already.</summary>
    public long Skipped { get; init; }

    /// <summary>Studies that are not wanted any more.</summary>
    public long Cancelled { get; init; }

    /// <summary>Studies an hour, by the last hour; null when nothing was moved in it.</summary>
    public double? StudiesPerHour { get; init; }

    /// <summary>Bytes a second, by the last hour; null where nobody tells them, as with C-MOVE.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>
    /// When the last study is at its end if it goes on so, within the windows of the nodes; local time, null when unknown.
    /// </summary>
    public DateTime? Eta { get; init; }

    /// <summary>How many workers of the store give signs of life.</summary>
    public int Workers { get; init; }

    /// <summary>Why a node is held or outside its window; null when none is.</summary>
    public string? Held { get; init; }

    /// <summary>When it was made, in local time.</summary>
    public DateTime Created { get; init; }

    /// <summary>Where its tables are.</summary>
    public required string Store { get; init; }

    /// <summary>Name and state.</summary>
    public override string ToString() => SafeText.Clean($"{Name}: {State}, {Done + Skipped} of {Studies}");
}
