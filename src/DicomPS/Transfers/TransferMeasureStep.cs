namespace DicomPS.Transfers;

/// <summary>How fast a transfer was with one number of associations.</summary>
public sealed record TransferMeasureStep
{
    /// <summary>How many studies were under way, each over an association.</summary>
    public int Associations { get; init; }

    /// <summary>Studies that were moved.</summary>
    public long Moved { get; init; }

    /// <summary>Tries that failed.</summary>
    public long Failed { get; init; }

    /// <summary>Studies an hour, with all associations at work; null when nothing was moved.</summary>
    public double? StudiesPerHour { get; init; }

    /// <summary>Instances a second; null where nobody tells them.</summary>
    public double? InstancesPerSecond { get; init; }

    /// <summary>Bytes a second; null where nobody tells them, as with C-MOVE.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>How much of the time was waited for the source alone, in percent.</summary>
    public int SourcePercent { get; init; }

    /// <summary>How much of the time was waited for the destination alone, in percent.</summary>
    public int DestinationPercent { get; init; }

    /// <summary>How much of the processors of this machine the worker used, in percent.</summary>
    public int ProcessorPercent { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The associations and the studies an hour.</summary>
    public override string ToString() =>
        $"{Associations}: {StudiesPerHour?.ToString("0", System.Globalization.CultureInfo.InvariantCulture) ?? "no"} studies/h";
}
