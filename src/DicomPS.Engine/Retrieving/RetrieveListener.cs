using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Retrieving;

/// <summary>
/// A port of this machine to which several jobs have instances moved, each into a folder of its own below the listener's. What no
/// request that runs asked for is refused. Any thread may use it.
/// </summary>
internal sealed class RetrieveListener
{
    private readonly object _gate = new();
    private readonly List<(Arrivals Arrivals, string Folder)> _jobs = [];
    private readonly string _root;
    private int _messageId;

    private RetrieveListener(StorageServerOptions options)
    {
        _root = Path.GetFullPath(options.Folder);
        Server = StorageServer.Start(options with
        {
            // Nobody asks this server for what it received.
            QueueCapacity = 1,
            FolderFor = FolderFor,
            Server = options.Server with { Ended = ((_, _) => Wake()) + options.Server.Ended },
            Stored = AddStored + options.Stored,
            NotStored = AddFailure + options.NotStored,
        });
    }

    /// <summary>The server.</summary>
    public StorageServer Server { get; }

    /// <summary>Listens.</summary>
    /// <param name="options">How, and the folder below which jobs have theirs.</param>
    /// <exception cref="DicomException">The port cannot be listened on, or the folder cannot be written to.</exception>
    public static RetrieveListener Start(StorageServerOptions options) => new(options);

    /// <summary>A message id that no other request of this listener has, as far as 16 bits go.</summary>
    public ushort NextMessageId()
    {
        ushort id;
        do
            id = (ushort)Interlocked.Increment(ref _messageId);
        while (id == 0);
        return id;
    }

    /// <summary>A job has what arrives for it put into a folder.</summary>
    /// <param name="arrivals">What it asked for.</param>
    /// <param name="folder">A folder below that of the listener.</param>
    public void Join(Arrivals arrivals, string folder)
    {
        lock (_gate)
            _jobs.Add((arrivals, Path.GetFullPath(folder)));
    }

    /// <summary>A job has ended.</summary>
    public void Leave(Arrivals arrivals)
    {
        lock (_gate)
            _jobs.RemoveAll(job => job.Arrivals == arrivals);
    }

    /// <summary>Stops listening.</summary>
    public Task StopAsync(TimeSpan grace) => Server.StopAsync(grace);

    // PS3.7 C.5.12: this side does not take it from this sender, now.
    private string FolderFor(DicomDataset header)
    {
        foreach (var (arrivals, folder) in Jobs())
        {
            if (arrivals.Wants(header))
                return folder[(_root.Length + 1)..];
        }

        throw new ServiceException(Statuses.NotAuthorized, "Nobody here asked for this instance")
        {
            Detail = $"An instance of study {header.GetString(Tags.StudyInstanceUID)} came that was not asked for; it was refused.",
        };
    }

    private void AddStored(ReceivedInstance instance)
    {
        foreach (var (arrivals, folder) in Jobs())
        {
            if (instance.Path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                arrivals.AddStored(instance);
        }
    }

    private void AddFailure(CommandSet command, Exception problem)
    {
        foreach (var (arrivals, _) in Jobs())
        {
            if (arrivals.IsOf(command.MoveOriginatorAETitle, command.MoveOriginatorMessageId, command.AffectedSopInstanceUid ?? ""))
            {
                arrivals.AddFailure(command.MoveOriginatorAETitle, command.MoveOriginatorMessageId, command.AffectedSopInstanceUid ?? "",
                    problem);
            }
        }
    }

    private void Wake()
    {
        foreach (var (arrivals, _) in Jobs())
            arrivals.Wake();
    }

    private (Arrivals Arrivals, string Folder)[] Jobs()
    {
        lock (_gate)
            return [.. _jobs];
    }
}
