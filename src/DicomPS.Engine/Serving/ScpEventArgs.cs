namespace DicomPS.Serving;

/// <summary>Something that a server refused, that failed or that is worth a look.</summary>
/// <param name="happened">What happened.</param>
public sealed class ScpEventArgs(ScpEvent happened) : EventArgs
{
    /// <summary>What happened.</summary>
    public ScpEvent Event { get; } = happened;
}
