namespace DicomPS.Pipeline;

/// <summary>A line for -Verbose about what keeps a job waiting, once it has taken long: a log has no progress bar.</summary>
internal sealed class Patience
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);
    private string? _told;

    /// <summary>The line to write; null when there is nothing new to say.</summary>
    /// <param name="what">What is waited for; null when nothing is.</param>
    /// <param name="waited">For how long.</param>
    public string? Notice(string? what, TimeSpan waited)
    {
        if (what is null || waited < Long || what == _told)
            return null;
        _told = what;
        return $"{what} is waited for, for {waited.TotalSeconds:0} s by now.";
    }
}
