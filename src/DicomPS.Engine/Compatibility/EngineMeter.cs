#if NET
using System.Diagnostics.Metrics;
#endif

namespace DicomPS.Compatibility;

/// <summary>
/// The meter DicomPS, for dotnet-counters and OpenTelemetry: associations that are open, the bytes of those that ended, instances,
/// failures, and what waits in the queues of jobs. There is none on .NET Framework. From any thread.
/// </summary>
internal static class EngineMeter
{
    /// <summary>The name that tools listen to.</summary>
    public const string Name = "DicomPS";

#if NET
    private static readonly Meter Meter = new(Name);
    private static readonly UpDownCounter<long> Associations =
        Meter.CreateUpDownCounter<long>("dicomps.associations", "{association}", "Associations that are open, by role");
    private static readonly Counter<long> Bytes =
        Meter.CreateCounter<long>("dicomps.bytes", "By", "Bytes of associations that ended, by direction");
    private static readonly Counter<long> Instances =
        Meter.CreateCounter<long>("dicomps.instances", "{instance}", "Instances sent and answered, and received whole, by direction");
    private static readonly Counter<long> Failures =
        Meter.CreateCounter<long>("dicomps.failures", "{failure}", "What was refused, failed or broke off, by kind");
    private static readonly UpDownCounter<long> Queue =
        Meter.CreateUpDownCounter<long>("dicomps.queue", "{item}", "Items of jobs that wait for an association");

    /// <summary>An association was agreed on.</summary>
    public static void Open(bool isRequestor) => Associations.Add(1, Role(isRequestor));

    /// <summary>An association that had been agreed on is gone.</summary>
    public static void Close(bool isRequestor, long sent, long received)
    {
        Associations.Add(-1, Role(isRequestor));
        Bytes.Add(sent, Sent);
        Bytes.Add(received, Received);
    }

    /// <summary>A peer answered C-STORE, whatever it answered.</summary>
    public static void SendInstance() => Instances.Add(1, Sent);

    /// <summary>An instance came whole.</summary>
    public static void ReceiveInstance() => Instances.Add(1, Received);

    /// <summary>Something was refused, failed or broke off.</summary>
    /// <param name="kind">One of few words.</param>
    public static void Fail(string kind) => Failures.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>The queue of a job has so many more items, or fewer.</summary>
    public static void Wait(int change) => Queue.Add(change);

    private static KeyValuePair<string, object?> Sent => new("direction", "sent");

    private static KeyValuePair<string, object?> Received => new("direction", "received");

    private static KeyValuePair<string, object?> Role(bool isRequestor) => new("role", isRequestor ? "requestor" : "acceptor");
#else
    /// <summary>Counts nothing.</summary>
    public static void Open(bool isRequestor)
    {
    }

    /// <summary>Counts nothing.</summary>
    public static void Close(bool isRequestor, long sent, long received)
    {
    }

    /// <summary>Counts nothing.</summary>
    public static void SendInstance()
    {
    }

    /// <summary>Counts nothing.</summary>
    public static void ReceiveInstance()
    {
    }

    /// <summary>Counts nothing.</summary>
    public static void Fail(string kind)
    {
    }

    /// <summary>Counts nothing.</summary>
    public static void Wait(int change)
    {
    }
#endif
}
