using System.Diagnostics.Tracing;

namespace DicomPS.Compatibility;

/// <summary>
/// The event source DicomPS, for dotnet-trace, PerfView and what else listens to a process from outside: the steps of associations and
/// what servers tell, in the sentences of -Verbose. No patient is in them. From any thread; costs nothing while nobody listens.
/// </summary>
[EventSource(Name = EngineMeter.Name)]
internal sealed class EngineEvents : EventSource
{
    private EngineEvents()
    {
    }

    public static EngineEvents Log { get; } = new();

    /// <summary>A step of an association.</summary>
    [Event(1, Level = EventLevel.Informational)]
    public void Association(string kind, double milliseconds, string text) => WriteEvent(1, kind, milliseconds, text);

    /// <summary>An association that was refused or broke off.</summary>
    [Event(2, Level = EventLevel.Warning)]
    public void AssociationFailed(string kind, double milliseconds, string text) => WriteEvent(2, kind, milliseconds, text);

    /// <summary>What a server tells of a caller.</summary>
    [Event(3, Level = EventLevel.Informational)]
    public void Server(string kind, string remote, string caller, string text) => WriteEvent(3, kind, remote, caller, text);
}
