using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Scp;

namespace DicomPS.Simulation;

/// <summary>
/// Whether the folder of a storage server is what it has to be: it has no index, and several versions where both are kept.
/// </summary>
internal static class StorageLedger
{
    /// <summary>Compares the files with what was said.</summary>
    /// <param name="ledger">What was said.</param>
    /// <param name="folder">The folder, after its next start.</param>
    /// <param name="policy">What happens to what comes again.</param>
    public static void Check(Ledger ledger, string folder, DuplicatePolicy policy)
    {
        var found = new HashSet<Attempt>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Require(!path.EndsWith(".part", StringComparison.Ordinal), $"{Path.GetFileName(path)} was left");
            if (ledger.IsTorn)
                continue;
            var dataset = DicomFileProbe.Read(path, new DicomTag(Tags.InstanceNumber.Value + 1)).Header;
            var (identity, number) = (Ledger.IdentityOf(dataset), dataset.GetString(Tags.InstanceNumber));
            var stored = ledger.All.FirstOrDefault(attempt => $"{attempt.Version}" == number);
            Require(stored is { } && stored.Identity == identity, $"nobody sent version {number} of {identity}");
            Require(stored!.Hash == Ledger.HashOf(path), $"{identity} has other bytes than version {number}");
            Require(stored.Outcome != Outcome.Refused || policy == DuplicatePolicy.Overwrite,
                $"version {number} of {identity} was refused and is there");
            Require(stored.Outcome != Outcome.Kept, $"version {number} of {identity} was to be dropped and is there");
            found.Add(stored);
        }

        foreach (var attempt in ledger.All.Where(attempt => attempt.Outcome == Outcome.Acknowledged && !found.Contains(attempt)))
        {
            // Replaced by one that came while it was stored, or after it.
            var isReplaced = policy == DuplicatePolicy.Overwrite
                && found.Any(other => other.Identity == attempt.Identity && other.Ended > attempt.Begun);
            Require(isReplaced, $"version {attempt.Version} of {attempt.Identity} was acknowledged and is gone");
        }
    }

    private static void Require(bool isSo, string otherwise)
    {
        if (!isSo)
            throw new BrokenPromiseException(otherwise);
    }
}
