using DicomPS.Associations;
using DicomPS.Matching;

namespace DicomPS.Retrieving;

/// <summary>How instances are fetched.</summary>
public enum RetrieveMethod
{
    /// <summary>C-MOVE: the peer sends to an AE title that it knows (PS3.4 C.4.2).</summary>
    Move,
    /// <summary>C-GET: the peer sends over the same association (PS3.4 C.4.3).</summary>
    Get,
}

/// <summary>What a retrieve came to, judged by counts and by what arrived, not by the status alone.</summary>
public enum RetrieveVerdict
{
    /// <summary>Everything is where it should be.</summary>
    Complete,
    /// <summary>Some instances are, some are not.</summary>
    Partial,
    /// <summary>Nothing is.</summary>
    Failed,
    /// <summary>It was stopped on the way.</summary>
    Cancelled,
    /// <summary>The peer reports success, but nothing bears it out.</summary>
    Suspect,
}

/// <summary>What became of one retrieve request.</summary>
public sealed record RetrieveResult
{
    /// <summary>The folder below the given one where instances go that were not asked for.</summary>
    public const string AsideFolder = "not-asked-for";

    /// <summary>What it came to, as a word: Complete, Partial, Failed, Cancelled or Suspect.</summary>
    public string Verdict => Judged.ToString();

    /// <summary>The same as a value of its type. No property: an enumeration becomes a number in JSON and CLIXML.</summary>
    public RetrieveVerdict GetVerdict() => Judged;

    internal RetrieveVerdict Judged { get; init; }

    /// <summary>The status by name; NotSent when the request never went out, Unknown when no final response came.</summary>
    public required string Status { get; init; }

    /// <summary>The status (0000,0900) of the final response; null when none came.</summary>
    public ushort? StatusCode { get; init; }

    /// <summary>Patient ID as it was asked for.</summary>
    public string? PatientID { get; init; }

    /// <summary>Study Instance UID as it was asked for.</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Series Instance UID as it was asked for.</summary>
    public string? SeriesInstanceUID { get; init; }

    /// <summary>SOP Instance UID as it was asked for.</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>The level of the request.</summary>
    public string Level => AskedLevel.ToString();

    /// <summary>The model of the request.</summary>
    public string Model => AskedObject?.ToString() ?? AskedModel.ToString();

    /// <summary>How the instances were fetched.</summary>
    public string Method => UsedMethod.ToString();

    internal QueryLevel AskedLevel { get; init; }

    internal InformationModel AskedModel { get; init; }

    internal ObjectModel? AskedObject { get; init; }

    internal RetrieveMethod UsedMethod { get; init; }

    /// <summary>The AE title that they were moved to; null for C-GET.</summary>
    public string? Destination { get; init; }

    /// <summary>How many sub-operations the peer announced on the way, at the most; null when it did not say.</summary>
    public int? Announced { get; init; }

    /// <summary>Sub-operations that were left to do; null when the peer did not say.</summary>
    public int? Remaining { get; init; }

    /// <summary>Sub-operations that were done; null when the peer did not say.</summary>
    public int? Completed { get; init; }

    /// <summary>Sub-operations that failed; null when the peer did not say.</summary>
    public int? Failed { get; init; }

    /// <summary>Sub-operations that were done with a warning; null when the peer did not say.</summary>
    public int? Warning { get; init; }

    /// <summary>The instances that failed, as far as the peer or this side knows them.</summary>
    public UidList FailedSOPInstanceUID { get; init; } = UidList.None;

    /// <summary>The same as one text, joined by backslashes; null when there are none.</summary>
    public string? FailedInstances => FailedSOPInstanceUID.Count == 0 ? null : $"{FailedSOPInstanceUID}";

    /// <summary>Instances that arrived and lie here, each counted once; null when they went elsewhere.</summary>
    public int? Received { get; init; }

    /// <summary>
    /// How many of these came from an address that is not the peer's, and did not name the request; null unless they were moved here.
    /// </summary>
    public int? FromElsewhere { get; init; }

    /// <summary>
    /// Instances that came, were not asked for, and lie in <see cref="AsideFolder"/>; null when instances went elsewhere.
    /// </summary>
    public int? NotAskedFor { get; init; }

    /// <summary>The addresses that <see cref="FromElsewhere"/> counts, in words; null without any.</summary>
    public string? GetSenders() => Senders;

    internal string? Senders { get; init; }

    /// <summary>Instances that came broken and lie aside in the folder <c>broken</c>; null when they went elsewhere.</summary>
    public int? Broken { get; init; }

    /// <summary>The bytes of their datasets; null when they went elsewhere.</summary>
    public long? Bytes { get; init; }

    /// <summary>The innermost folder that holds them all; null when nothing arrived here.</summary>
    public string? Path { get; init; }

    /// <summary>When the request went out first, in local time.</summary>
    public DateTime Started { get; init; }

    /// <summary>When it was judged, in local time.</summary>
    public DateTime Finished { get; init; }

    /// <summary>From the first request to the last arrival that was waited for, new tries included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>What to know or do about it; null when there is nothing.</summary>
    public string? Advice { get; init => field = value is null ? null : SafeText.Clean(value); }

    /// <summary>The peer's own words (0000,0902), or null.</summary>
    public string? ErrorComment { get; init; }

    internal DicomException? Exception { get; init; }

    /// <summary>The error itself, for callers that want its details; null without one.</summary>
    public DicomException? GetException() => Exception;

    /// <summary>The peer.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>What was asked for, and what came of it.</summary>
    public override string ToString() =>
        SafeText.Clean($"{SOPInstanceUID ?? SeriesInstanceUID ?? StudyInstanceUID ?? PatientID}: {Verdict}, {Status}");
}

/// <summary>Where a job stands.</summary>
public sealed record RetrieveProgress
{
    /// <summary>Requests that were added.</summary>
    public long Requests { get; init; }

    /// <summary>Requests that have a result.</summary>
    public long Done { get; init; }

    /// <summary>Of these, those that are not complete.</summary>
    public long NotComplete { get; init; }

    /// <summary>Instances done, with or without warning, as the peer counts them in finished and running requests.</summary>
    public long Completed { get; init; }

    /// <summary>Instances failed, as the peer counts them.</summary>
    public long Failed { get; init; }

    /// <summary>Instances left in the running requests; null when no peer says.</summary>
    public long? Remaining { get; init; }

    /// <summary>Instances that arrived here.</summary>
    public long Received { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>What is waited for: of the requests that run the one that was begun first, by level and UID; null when none runs.</summary>
    public string? Running { get; init; }

    /// <summary>When that was begun, in local time.</summary>
    public DateTime? RunningSince { get; init; }

    /// <summary>When the window opens that is waited for; null when nothing waits.</summary>
    public DateTime? WaitingUntil { get; init; }
}
