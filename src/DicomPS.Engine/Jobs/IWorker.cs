namespace DicomPS.Jobs;

/// <summary>A worker of a job: does items over lines of its own, one after the other or some at once.</summary>
internal interface IWorker<in TItem>
{
    /// <summary>Which items it would have before the others; null for none.</summary>
    Func<TItem, bool>? Prefers { get; }

    /// <summary>Whether it has an association open.</summary>
    bool IsConnected { get; }

    /// <summary>How many items it does at once, 1 or more; it may change from item to item.</summary>
    int Window { get; }

    /// <summary>Does an item and gives what comes of it, also when that is a failure.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Stops.</param>
    Task WorkAsync(TItem item, CancellationToken cancellationToken);

    /// <summary>Closes its lines: idle, at the end, after a cancel or after an error.</summary>
    Task LeaveAsync();
}
