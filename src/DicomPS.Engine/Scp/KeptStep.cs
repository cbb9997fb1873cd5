namespace DicomPS.Scp;

/// <summary>What is known of a performed procedure step without reading it.</summary>
/// <param name="SopInstanceUid">The step.</param>
/// <param name="State">Performed Procedure Step Status (0040,0252).</param>
/// <param name="Scheduled">What it performs.</param>
internal sealed record KeptStep(string SopInstanceUid, string State, IReadOnlyList<ScheduledReference> Scheduled);

/// <summary>A scheduled step that is performed: an item of Scheduled Step Attributes Sequence (0040,0270).</summary>
/// <param name="StudyInstanceUid">The study.</param>
/// <param name="StepId">Scheduled Procedure Step ID (0040,0009); null where it is not said.</param>
internal sealed record ScheduledReference(string StudyInstanceUid, string? StepId);
