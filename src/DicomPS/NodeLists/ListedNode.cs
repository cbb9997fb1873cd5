namespace DicomPS.NodeLists;

/// <summary>A node as a list has it: texts that nobody has checked yet. What the list does not say is null.</summary>
/// <param name="Line">The line that it begins at; the first is 1.</param>
/// <param name="Name">Its name.</param>
/// <param name="AETitle">Its AE title.</param>
/// <param name="HostName">Its host name or address.</param>
/// <param name="Port">Its port.</param>
internal sealed record ListedNode(int Line, string? Name, string? AETitle, string? HostName, string? Port)
{
    /// <summary>The AE title that the peer knows us by.</summary>
    public string? CallingAETitle { get; init; }

    /// <summary>The port on this machine that the peer sends to.</summary>
    public string? LocalPort { get; init; }

    /// <summary>The character set to assume.</summary>
    public string? CharacterSet { get; init; }

    /// <summary>Whether TLS is spoken: a word for yes or no.</summary>
    public string? Tls { get; init; }

    /// <summary>From where it sends beside its own address.</summary>
    public string? From { get; init; }

    /// <summary>How many associations work side by side.</summary>
    public string? Associations { get; init; }

    /// <summary>How many operations may be under way at once.</summary>
    public string? AsyncOperations { get; init; }
}
