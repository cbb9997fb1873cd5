namespace DicomPS.Services;

/// <summary>A service that was registered, and what is known of it now.</summary>
public sealed class RegisteredService
{
    internal RegisteredService(ServiceDefinition definition)
    {
        Name = definition.Name;
        Scope = definition.Scope;
        Description = definition.Description;
        User = definition.User;
        FilePath = definition.FilePath;
        LogPath = definition.LogPath;
        Registration = definition.Registration;
        CommandLine = ServiceArgument.CommandLine(definition.Command);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>
    /// Running, Starting, Stopping, Stopped, Failed, or Missing where the system does not know it, as the system says; Unknown where it
    /// cannot be asked.
    /// </summary>
    public string State { get; internal set; } = "Unknown";

    /// <summary>Whether the system starts it by itself; null where it cannot be asked.</summary>
    public bool? Enabled { get; internal set; }

    /// <summary>System or User.</summary>
    public string Scope { get; }

    /// <summary>The process, where one that says to be this service was found alive.</summary>
    public int? ProcessId { get; internal set; }

    /// <summary>When that was started, in local time.</summary>
    public DateTime? Started { get; internal set; }

    /// <summary>When it told of itself last, in local time.</summary>
    public DateTime? Updated { get; internal set; }

    /// <summary>Its servers, such as 'Archive PACS:11112'; null when nothing is known of them.</summary>
    public string? Servers { get; internal set; }

    /// <summary>How many associations they took.</summary>
    public long? Associations { get; internal set; }

    /// <summary>How many instances they received, and how many requests blocks answered.</summary>
    public long? Received { get; internal set; }

    /// <summary>How many of these failed.</summary>
    public long? Failed { get; internal set; }

    /// <summary>How many callers were refused.</summary>
    public long? Refused { get; internal set; }

    /// <summary>What is to be known of the state, in words; null when there is nothing.</summary>
    public string? Detail { get; internal set; }

    /// <summary>What it is for.</summary>
    public string Description { get; }

    /// <summary>The account that it runs as.</summary>
    public string? User { get; }

    /// <summary>The script that it runs.</summary>
    public string FilePath { get; }

    /// <summary>Its log.</summary>
    public string LogPath { get; }

    /// <summary>The unit file, or the scheduled task.</summary>
    public string Registration { get; }

    /// <summary>What the system starts, as it is typed by hand.</summary>
    public string CommandLine { get; }

    /// <inheritdoc/>
    public override string ToString() => SafeText.Clean($"{Name} ({State})");

    private IReadOnlyList<string> Kinds { get; set; } = [];

    /// <summary>Whether it runs a server now whose cmdlets have this noun.</summary>
    internal bool Has(string noun) => Kinds.Contains(noun.Substring("Dicom".Length));

    /// <summary>Adds what the running service says of itself, as far as it is true still.</summary>
    internal void Add(ServiceStatus? status)
    {
        if (status is null)
            return;
        if (!status.IsAlive)
        {
            var last = status.Updated is { } updated
                ? $" The last one told of itself at {updated:yyyy-MM-dd HH:mm:ss} and did not end in order." : "";
            Detail = $"{Detail} No process of it is alive.{last}".Trim();
            return;
        }

        ProcessId = status.ProcessId;
        Started = status.Started;
        Updated = status.Updated;
        Kinds = [.. status.Servers.Select(server => server.Kind)];
        // The account of the service may write there what it likes.
        Servers =
            SafeText.Clean(
                string.Join(", ", status.Servers.Select(
                    server => $"{server.Kind} {server.AETitle}:{server.Port}{(server.State == "Running" ? "" : $" ({server.State})")}")));
        Associations = status.Servers.Sum(server => server.Associations);
        Received = status.Servers.Sum(server => server.Received);
        Failed = status.Servers.Sum(server => server.Failed);
        Refused = status.Servers.Sum(server => server.Refused);
        if (State == "Unknown")
            Detail = $"{Detail} Process {ProcessId} runs as this service.".Trim();
    }
}
