namespace DicomPS.Scp;

/// <summary>
/// The statuses of servers here in the range C000H to CFFFH, which the standard leaves to the implementation (PS3.4 B.2.3, C.4.1.1.4,
/// C.4.2.1.5, C.4.3.1.4); docs/conformance.md lists them. Logs of pynetdicom have the same.
/// </summary>
internal static class ServerStatuses
{
    /// <summary>A script block wrote what is no status.</summary>
    public const ushort NoStatus = 0xC002;

    /// <summary>The dataset of a C-STORE cannot be read.</summary>
    public const ushort UnreadableStore = 0xC210;

    /// <summary>The handler of a C-STORE failed, or the file could not be written.</summary>
    public const ushort FailedStore = 0xC211;

    /// <summary>The identifier of a C-FIND cannot be read.</summary>
    public const ushort UnreadableFind = 0xC310;

    /// <summary>The handler of a C-FIND failed.</summary>
    public const ushort FailedFind = 0xC311;

    /// <summary>The identifier of a C-GET cannot be read.</summary>
    public const ushort UnreadableGet = 0xC410;

    /// <summary>The handler of a C-GET failed.</summary>
    public const ushort FailedGet = 0xC411;

    /// <summary>The identifier of a C-MOVE cannot be read.</summary>
    public const ushort UnreadableMove = 0xC510;

    /// <summary>The handler of a C-MOVE failed.</summary>
    public const ushort FailedMove = 0xC511;
}
