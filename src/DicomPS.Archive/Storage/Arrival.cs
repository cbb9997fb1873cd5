namespace DicomPS.Archiving.Storage;

/// <summary>
/// An instance on its way into the archive: its file, the hold of its study and the turn of its instance, its place, and what became
/// of it. Disposing of it lets the next one of the same instance have its turn, and a removal of the study begin.
/// </summary>
/// <param name="file">Its file, under a temporary name or where it stays.</param>
internal sealed class Arrival(ArchivedFile file) : IDisposable
{
    private IDisposable? _hold, _turn;

    /// <summary>Its file, with what the index is to say of it.</summary>
    public ArchivedFile File { get; } = file;

    /// <summary>Its place; null before it has one, and when the archive keeps the file that it has.</summary>
    public Placement? Placement { get; set; }

    /// <summary>What became of it; null until it is known.</summary>
    public StoredFile? Stored { get; set; }

    /// <summary>Waits until its study is not being removed.</summary>
    public async Task HoldAsync(StudyHolds studies, CancellationToken cancellationToken) =>
        _hold = await studies.HoldAsync(File.StudyUid, cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until nobody else stores the same instance.</summary>
    public async Task EnterAsync(KeyedLocks instances, CancellationToken cancellationToken) =>
        _turn = await instances.EnterAsync(File.Key, cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        _turn?.Dispose();
        _hold?.Dispose();
    }
}
