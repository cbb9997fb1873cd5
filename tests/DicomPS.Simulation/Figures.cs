namespace DicomPS.Simulation;

/// <summary>How much was tried.</summary>
internal sealed class Figures
{
    public long Runs { get; set; }

    public long Attempts { get; set; }

    public long Acknowledged { get; set; }

    public long Calls { get; set; }

    public long Failures { get; set; }

    public long Kills { get; set; }

    public long PowerCuts { get; set; }

    public void Add(Figures other)
    {
        Runs++;
        Attempts += other.Attempts;
        Acknowledged += other.Acknowledged;
        Calls += other.Calls;
        Failures += other.Failures;
        Kills += other.Kills;
        PowerCuts += other.PowerCuts;
    }

    public override string ToString() => $"{Runs} runs, {Attempts} stores, {Acknowledged} acknowledged, {Calls} calls of disk and index, "
        + $"{Failures} failed, {Kills} kills, {PowerCuts} power cuts";
}
