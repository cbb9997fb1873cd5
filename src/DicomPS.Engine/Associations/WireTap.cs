using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>Sees bytes of the upper layer on their way, before encryption.</summary>
/// <param name="isSent">Whether this side sends them; otherwise they came.</param>
/// <param name="bytes">The bytes as they are written or were read: any number of PDUs or parts of them. Valid during the call only.</param>
public delegate void WireBytes(bool isSent, ReadOnlySpan<byte> bytes);

/// <summary>
/// Follows one connection for a trace. Called where things happen, also on two threads at once; must return soon and throw nothing.
/// </summary>
public sealed record WireTap
{
    /// <summary>Told of each step.</summary>
    public Action<AssociationEvent>? Step { get; init; }

    /// <summary>Given every byte, the sent ones just before they are written.</summary>
    public WireBytes? Bytes { get; init; }

    /// <summary>Told once that the connection is closed, with the reason when it was never made.</summary>
    public Action<Exception?>? Closed { get; init; }
}
