namespace DicomPS.Transfers.Store;

/// <summary>When a study that failed is tried again.</summary>
internal static class RetrySchedule
{
    /// <summary>The waits after the first try, the second, and so on; after the last one the study has failed.</summary>
    public static IReadOnlyList<TimeSpan> Waits { get; } =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(60), TimeSpan.FromHours(4),
        TimeSpan.FromHours(24),
    ];

    // As often may a study be under way when a worker is lost: then it is the study that it was lost of.
    private const int MostLosses = 20;

    /// <summary>
    /// The wait of a study whose worker was lost; null when there is none any more. Workers are killed and machines start anew, so it
    /// loses no try and goes on at once the first time. One that brings its workers down comes ever more rarely.
    /// </summary>
    /// <param name="losses">How often it happened to the study, at least 1.</param>
    public static TimeSpan? AfterLoss(long losses) => losses == 1 ? TimeSpan.Zero
        : losses % MostLosses == 0 ? null : Waits[(int)Math.Min(losses - 2, 3)];

    /// <summary>The wait after a number of tries; null when there is none any more.</summary>
    /// <param name="tries">How many there were, at least 1.</param>
    /// <param name="jitter">0 to 1: studies that failed together are not tried again together.</param>
    public static TimeSpan? After(long tries, double jitter) =>
        tries > Waits.Count ? null : TimeSpan.FromTicks((long)(Waits[(int)tries - 1].Ticks * (0.9 + (0.2 * jitter))));
}
