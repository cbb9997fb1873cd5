namespace DicomPS.Scp;

/// <summary>An instance that was received and lies whole in its place.</summary>
public sealed record ReceivedInstance
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName { get; init; }

    /// <summary>Study Instance UID (0020,000D).</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Series Instance UID (0020,000E).</summary>
    public string? SeriesInstanceUID { get; init; }

    /// <summary>SOP Instance UID (0008,0018).</summary>
    public required string SOPInstanceUID { get; init; }

    /// <summary>The SOP class by name.</summary>
    public required string SOPClass { get; init; }

    /// <summary>SOP Class UID (0008,0016).</summary>
    public required string SOPClassUID { get; init; }

    /// <summary>The transfer syntax by name; the dataset lies in the file exactly as it came.</summary>
    public required string TransferSyntax { get; init; }

    /// <summary>The transfer syntax UID.</summary>
    public required string TransferSyntaxUID { get; init; }

    /// <summary>The AE title of the sender.</summary>
    public required string CallingAETitle { get; init; }

    /// <summary>The AE title that the sender called.</summary>
    public required string CalledAETitle { get; init; }

    /// <summary>The sender's address and port.</summary>
    public required string RemoteEndPoint { get; init; }

    /// <summary>The AE title that asked the sender to move the instance here (0000,1030); null when it came unasked.</summary>
    public string? MoveOriginatorAETitle { get; init; }

    /// <summary>The message id of that request (0000,1031).</summary>
    public ushort? MoveOriginatorMessageID { get; init; }

    /// <summary>The bytes of the dataset, without the file's header.</summary>
    public long Bytes { get; init; }

    /// <summary>Of these bytes; two that differ tell two datasets apart.</summary>
    internal ulong Digest { get; init; }

    /// <summary>When it was in its place, in local time.</summary>
    public DateTime ReceivedAt { get; init; }

    /// <summary>Whether a file of the same instance was replaced.</summary>
    public bool Replaced { get; init; }

    /// <summary>Whether looking at it again is a lot of work.</summary>
    internal bool IsHeavy { get; init; }

    /// <summary>The file, what it is and from whom.</summary>
    public override string ToString() => SafeText.Clean($"{Path} ({SOPClass} from {CallingAETitle})");
}

/// <summary>What happens to an instance that is there already.</summary>
public enum DuplicatePolicy
{
    /// <summary>The new one replaces the old one.</summary>
    Overwrite,
    /// <summary>The new one is kept beside the old one, under a name with a number.</summary>
    KeepBoth,
    /// <summary>The old one stays; the sender is told 0111H, Duplicate SOP Instance.</summary>
    Reject,
}
