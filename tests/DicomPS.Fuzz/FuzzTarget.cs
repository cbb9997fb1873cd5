namespace DicomPS.Fuzz;

/// <summary>One entry for bytes of strangers.</summary>
/// <param name="Name">Its name, which is that of its folder of corpora too.</param>
/// <param name="Run">Takes bytes. What it may throw it catches itself: whatever comes out of it is a fault.</param>
/// <param name="Samples">Bytes as they should be, from which others are made.</param>
internal sealed record FuzzTarget(string Name, Action<byte[]> Run, Func<IEnumerable<byte[]>> Samples);
