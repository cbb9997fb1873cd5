namespace DicomPS.Scp;

/// <summary>An instance that came broken: its sender heard a failure, and what came was set aside.</summary>
public sealed record BrokenInstance
{
    /// <summary>Where it lies; null when nothing came that could be kept.</summary>
    public string? Path { get; init; }

    /// <summary>What is wrong with it.</summary>
    public required string Problem { get; init; }

    /// <summary>SOP Instance UID, as the request named it.</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>SOP Class UID, as the request named it.</summary>
    public string? SOPClassUID { get; init; }

    /// <summary>The transfer syntax that was agreed.</summary>
    public string? TransferSyntaxUID { get; init; }

    /// <summary>Who sent it.</summary>
    public string? CallingAETitle { get; init; }

    /// <summary>The sender's address and port.</summary>
    public string? RemoteEndPoint { get; init; }

    /// <summary>Bytes of the dataset that came.</summary>
    public long Bytes { get; init; }

    /// <summary>When.</summary>
    public DateTime ReceivedAt { get; init; }

    /// <summary>The instance and what is wrong with it.</summary>
    public override string ToString() => SafeText.Clean($"{SOPInstanceUID}: {Problem}");
}
