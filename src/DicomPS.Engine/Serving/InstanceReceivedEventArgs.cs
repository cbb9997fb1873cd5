using DicomPS.Scp;

namespace DicomPS.Serving;

/// <summary>An instance that a server has stored.</summary>
/// <param name="instance">The instance.</param>
public sealed class InstanceReceivedEventArgs(ReceivedInstance instance) : EventArgs
{
    /// <summary>The instance, in its place.</summary>
    public ReceivedInstance Instance { get; } = instance;
}
