namespace DicomPS.Serving;

/// <summary>A study that has come in whole.</summary>
/// <param name="study">The study.</param>
public sealed class StudyCompletedEventArgs(CompletedStudy study) : EventArgs
{
    /// <summary>The study.</summary>
    public CompletedStudy Study { get; } = study;
}
