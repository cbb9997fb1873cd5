namespace DicomPS.Scripts;

/// <summary>How serious a message is.</summary>
public enum ServerMessageLevel
{
    /// <summary>An error, or a request that failed.</summary>
    Error,
    /// <summary>A warning.</summary>
    Warning,
    /// <summary>What Write-Host and Write-Information wrote.</summary>
    Information,
    /// <summary>A line for -Verbose.</summary>
    Verbose,
    /// <summary>A line for -Debug.</summary>
    Debug,
}

/// <summary>Something that a script block of a server wrote to another stream than its output, or that happened to the server.</summary>
/// <param name="Time">When, in local time.</param>
/// <param name="Level">The stream.</param>
/// <param name="Operation">The request, such as C-FIND; null for what concerns none.</param>
/// <param name="CallingAETitle">The peer, when it is known.</param>
/// <param name="RemoteEndPoint">Its address and port.</param>
/// <param name="Message">The text.</param>
public sealed record ServerMessage(DateTime Time, string Level, string? Operation, string? CallingAETitle, string? RemoteEndPoint,
    string Message)
{
    /// <summary>The message with its level.</summary>
    public override string ToString() => SafeText.Clean($"{Level}: {Message}");
}
