using DicomPS.Associations;

namespace DicomPS.Sending;

/// <summary>What became of one file that was to be sent.</summary>
public sealed record StoreResult
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the peer answered that it has the file: status Success or Warning.</summary>
    public required bool Success { get; init; }

    /// <summary>The status by name, or NotSent, or Unknown when the association broke before the answer.</summary>
    public required string Status { get; init; }

    /// <summary>The status (0000,0900) of the response; null when none came.</summary>
    public ushort? StatusCode { get; init; }

    /// <summary>What the peer says about it (0000,0902), with a failure or a warning; null when it says nothing.</summary>
    public string? ErrorComment { get; init; }

    /// <summary>
    /// The attributes that the peer objects to (0000,0901), by keyword and with commas between them; null when it names none.
    /// </summary>
    public string? OffendingElement { get; init; }

    /// <summary>SOP Instance UID; null when the file could not be read.</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>SOP Class UID; null when the file could not be read.</summary>
    public string? SOPClassUID { get; init; }

    /// <summary>The SOP class by name.</summary>
    public string? SOPClass { get; init; }

    /// <summary>The transfer syntax that it went in, by name; the file's own when it was not sent.</summary>
    public string? TransferSyntax { get; init; }

    /// <summary>The UID of that transfer syntax.</summary>
    public string? TransferSyntaxUID { get; init; }

    /// <summary>The bytes of dataset that went out in the last try.</summary>
    public long Bytes { get; init; }

    /// <summary>When the last try began, in local time; null when there was none.</summary>
    public DateTime? Started { get; init; }

    /// <summary>When its answer came or was given up, in local time; null when there was no try.</summary>
    public DateTime? Finished { get; init; }

    /// <summary>From the first byte of the last try to its answer.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>What failed, in a sentence; null on success.</summary>
    public string? Error { get; init => field = value is null ? null : SafeText.Clean(value); }

    /// <summary>What to do about it.</summary>
    public string? Advice { get; init => field = value is null ? null : SafeText.Clean(value); }

    /// <summary>Study Instance UID (0020,000D), for the audit trail; null when the file could not be read.</summary>
    internal string? StudyUid { get; init; }

    /// <summary>Patient ID (0010,0020), for the audit trail.</summary>
    internal string? PatientId { get; init; }

    /// <summary>The error itself. No public property, because it would fill a column of Export-Csv with a stack trace.</summary>
    internal DicomException? Exception { get; init; }

    /// <summary>The error itself, for callers that want its details; null on success.</summary>
    public DicomException? GetException() => Exception;

    /// <summary>Where it was to go.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>The file, and what became of it.</summary>
    public override string ToString() => SafeText.Clean(Error is null ? $"{Path}: {Status}" : $"{Path}: {Status}, {Error}");
}
