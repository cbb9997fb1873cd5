namespace DicomPS.Transfers;

/// <summary>How fast a transfer is with some numbers of associations, and what follows for the rest of it.</summary>
public sealed record TransferMeasure
{
    /// <summary>The transfer.</summary>
    public required string Name { get; init; }

    /// <summary>How long the rest takes and what the limit is, in a line.</summary>
    public required string Forecast { get; init; }

    /// <summary>The number of associations that moved most; the fewest of those that are as good.</summary>
    public int Associations { get; init; }

    /// <summary>Studies an hour with that, no more than the limits of the nodes allow.</summary>
    public double StudiesPerHour { get; init; }

    /// <summary>Bytes a second with that; null where nobody tells them, as with C-MOVE.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>
    /// How many openings of the nodes' hours the rest takes, each of 24 h at the most; null where the nodes are open at any time.
    /// </summary>
    public int? Nights { get; init; }

    /// <summary>How much open time the rest takes.</summary>
    public TimeSpan Work { get; init; }

    /// <summary>When the last study is moved, if it goes on so, in local time; null when it takes more than ten years.</summary>
    public DateTime? Eta { get; init; }

    /// <summary>
    /// What the limit is, as far as it was seen: Source, Destination, Both, SourceOrDestination (a C-MOVE does not show which),
    /// ThisMachine, SetLimit (of Set-DicomTransferNode), or None, where more associations may bring more.
    /// </summary>
    public required string Limit { get; init; }

    /// <summary>Studies that were moved for this, with all numbers of associations.</summary>
    public long Moved { get; init; }

    /// <summary>Tries that failed meanwhile.</summary>
    public long Failed { get; init; }

    /// <summary>Studies that are to be moved yet.</summary>
    public long Left { get; init; }

    /// <summary>When it began, in local time.</summary>
    public DateTime Started { get; init; }

    /// <summary>When it ended, in local time.</summary>
    public DateTime Finished { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Where the tables are.</summary>
    public required string Store { get; init; }

    internal IReadOnlyList<TransferMeasureStep> Steps { get; init; } = [];

    /// <summary>
    /// What was measured with each number of associations. No property, because a cell of Export-Csv has no room for it; scripts read it
    /// as Steps all the same, which DicomPS.Types.ps1xml has hidden from columns.
    /// </summary>
    public IReadOnlyList<TransferMeasureStep> GetSteps() => Steps;

    /// <summary>The forecast.</summary>
    public override string ToString() => SafeText.Clean($"{Name}: {Forecast}");
}
