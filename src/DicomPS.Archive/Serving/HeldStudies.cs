using DicomPS.Archiving.Storage;

namespace DicomPS.Archiving.Serving;

/// <summary>The studies that a C-MOVE or C-GET sends; they are not removed until it is over.</summary>
/// <param name="archive">The archive.</param>
internal sealed class HeldStudies(Archive archive) : IDisposable
{
    private readonly Dictionary<string, IDisposable> _holds = new(StringComparer.Ordinal);

    /// <summary>Keeps a study; waits while it is being removed.</summary>
    /// <param name="study">Its UID.</param>
    /// <param name="token">Gives up.</param>
    public async Task HoldAsync(string study, CancellationToken token)
    {
        if (!_holds.ContainsKey(study))
            _holds[study] = await archive.HoldAsync(study, token).ConfigureAwait(false);
    }

    /// <summary>Lets go of them.</summary>
    public void Dispose()
    {
        foreach (var hold in _holds.Values)
            hold.Dispose();
    }
}
