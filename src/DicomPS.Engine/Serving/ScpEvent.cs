using DicomPS.Scp;

namespace DicomPS.Serving;

/// <summary>
/// Something that a running server refused, that failed, or that is worth a look: when, who, from where, what, why, and what to do. Its
/// texts can be shown as they are.
/// </summary>
public sealed record ScpEvent
{
    /// <summary>When it happened, the last time if it did more than once, in local time.</summary>
    public DateTime Time { get; init; }

    /// <summary>When it happened first.</summary>
    public DateTime FirstTime { get; init; }

    /// <summary>How often it happened to the same caller in the same way.</summary>
    public long Times { get; init; } = 1;

    /// <summary>
    /// What kind of event it is: the name of a <see cref="ServerEventKind" />, which stays a name in CSV, CLIXML and JSON.
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>The id of the server.</summary>
    public int ServerId { get; init; }

    /// <summary>The AE title of the server.</summary>
    public required string AETitle { get; init; }

    /// <summary>The AE title of the caller; null when it did not say.</summary>
    public string? CallingAETitle { get; init => field = Clean(value); }

    /// <summary>The AE title that it called; null when it did not say.</summary>
    public string? CalledAETitle { get; init => field = Clean(value); }

    /// <summary>The address of the caller; null when none is concerned.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>The port that it called from.</summary>
    public int? RemotePort { get; init; }

    /// <summary>The request, such as C-STORE; null when it came to none.</summary>
    public string? Operation { get; init; }

    /// <summary>The SOP class that was asked for, by name.</summary>
    public string? SOPClass { get; init => field = Clean(value); }

    /// <summary>Its UID.</summary>
    public string? SOPClassUID { get; init => field = Clean(value); }

    /// <summary>The instance that the request was about, the last one if it happened more than once.</summary>
    public string? SOPInstanceUID { get; init => field = Clean(value); }

    /// <summary>The status (0000,0900) of the answer; null when there was none.</summary>
    public ushort? StatusCode { get; init; }

    /// <summary>What happened and why.</summary>
    public required string Message { get; init => field = SafeText.Clean(value); }

    /// <summary>What to do about it; null when there is nothing to be said.</summary>
    public string? Advice { get; init => field = Clean(value); }

    /// <summary>The event in a line.</summary>
    public override string ToString()
    {
        var who = CallingAETitle is null ? RemoteAddress : RemoteAddress is null ? CallingAETitle : $"{CallingAETitle} at {RemoteAddress}";
        var times = Times > 1 ? $" ({Times} times)" : "";
        return SafeText.Clean($"{Time:yyyy-MM-dd HH:mm:ss} {Kind}{(who is null ? "" : $" {who}")}: {Message}{times}");
    }

    private static string? Clean(string? text) => text is null ? null : SafeText.Clean(text);
}
