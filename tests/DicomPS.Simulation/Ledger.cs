using System.Security.Cryptography;
using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Part10;

namespace DicomPS.Simulation;

/// <summary>What became of a store, as its sender knows it.</summary>
internal enum Outcome
{
    /// <summary>No answer came, or the archive ended before it could have been said.</summary>
    Unknown,
    /// <summary>It was acknowledged.</summary>
    Acknowledged,
    /// <summary>It was said that the archive has the instance and keeps what it has.</summary>
    Kept,
    /// <summary>It failed, and that was said.</summary>
    Refused,
}

/// <summary>One store of one version of an instance.</summary>
/// <param name="Identity">Patient, study, series and instance.</param>
/// <param name="Study">Patient and study.</param>
/// <param name="Version">The number of its bytes, which stands in Instance Number.</param>
/// <param name="Hash">The mark of its dataset.</param>
internal sealed record Attempt(string Identity, string Study, int Version, string Hash)
{
    public long Begun { get; set; }

    /// <summary>When it was over in the archive; never, as far as nobody knows.</summary>
    public long Ended { get; set; } = long.MaxValue;

    public Outcome Outcome { get; set; }
}

/// <summary>What was stored and what was said of it, and whether an archive is what it has to be then.</summary>
internal sealed class Ledger(SameInstance same)
{
    private readonly List<Attempt> _attempts = [];
    private readonly Dictionary<string, long> _removed = new(StringComparer.Ordinal);
    private long _allRemoved;
    private long _now;

    public int Acknowledged => _attempts.Count(attempt => attempt.Outcome == Outcome.Acknowledged);

    public int Attempts => _attempts.Count;

    public IReadOnlyList<Attempt> All => _attempts;

    public Attempt Begin(Attempt attempt)
    {
        attempt.Begun = ++_now;
        _attempts.Add(attempt);
        return attempt;
    }

    public void End(Attempt attempt, Outcome outcome)
    {
        attempt.Ended = ++_now;
        attempt.Outcome = outcome;
    }

    public void Removed(string study) => _removed[study] = ++_now;

    /// <summary>A retention failed half way: each study may have lost files.</summary>
    public void MayHaveRemoved() => _allRemoved = ++_now;

    /// <summary>The power went, and nothing had been promised for that: what was acknowledged may be gone.</summary>
    public void PromiseNothing()
    {
        foreach (var attempt in _attempts)
            (attempt.Outcome, attempt.Ended) = (Outcome.Unknown, long.MaxValue);
        IsTorn = true;
    }

    /// <summary>The archive knows that something could not be undone: what was refused may be there.</summary>
    public void Doubt()
    {
        WasInDoubt = true;
        foreach (var attempt in _attempts.Where(attempt => attempt.Outcome is Outcome.Refused or Outcome.Kept))
            (attempt.Outcome, attempt.Ended) = (Outcome.Unknown, long.MaxValue);
    }

    /// <summary>
    /// Whether it ever knew so. A file that could not be taken back may then be one of a patient whose study's folder another has by now.
    /// </summary>
    public bool WasInDoubt { get; private set; }

    /// <summary>Whether files may be torn, because the power went and nothing was flushed.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Compares files, index and what was said.</summary>
    /// <param name="archive">The archive, at rest.</param>
    /// <param name="told">The names of files of which the archive said that they are damaged, or one more of an instance.</param>
    public async Task CheckAsync(Archive archive, IReadOnlyCollection<string> told)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var keys = new DicomDataset();
        foreach (var tag in new[] { Tags.PatientID, Tags.StudyInstanceUID, Tags.SeriesInstanceUID, Tags.SOPInstanceUID,
            Tags.InstanceNumber })
            keys.Set(tag, DicomDictionary.VrOf(tag));
        await foreach (var match in archive.Index.FindAsync(new IndexQuery { Level = QueryLevel.Image, Identifier = keys }))
        {
            var identity = IdentityOf(match.Answer);
            Require(match.File is { }, $"{identity} has a row without a file");
            Require(!found.ContainsValue(match.File!), $"{match.File} belongs to two rows");
            Require(found.TryAdd(identity, match.File!), $"{identity} is there twice");
            var path = archive.FullPath(match.File!);
            Require(File.Exists(path), $"{match.File} is in the index and not in the folder");
            if (!IsTorn)
                Check(identity, match.Answer.GetString(Tags.InstanceNumber), path);
        }

        await foreach (var file in archive.Index.FilesAsync())
        {
            var info = new FileInfo(archive.FullPath(file.Path));
            Require((file.Size, file.LastWriteTimeUtc) == (info.Length, info.LastWriteTimeUtc), $"the index has an earlier {file.Path}");
        }

        CheckFolder(archive, found, told);
        foreach (var attempt in _attempts.Where(attempt => attempt.Outcome is Outcome.Acknowledged or Outcome.Kept))
        {
            Require(RemovedAt(attempt.Study) > attempt.Begun || found.ContainsKey(attempt.Identity),
                $"{attempt.Identity} was acknowledged as version {attempt.Version} and is gone");
        }
    }

    public static string HashOf(string path)
    {
        var probed = DicomFileProbe.Read(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = probed.DatasetOffset;
        return Convert.ToHexString(SHA256.HashData(file), 0, 8);
    }

    private void Check(string identity, string? number, string path)
    {
        var dataset = DicomFileProbe.Read(path, new DicomTag(Tags.InstanceNumber.Value + 1)).Header;
        Require(IdentityOf(dataset) == identity, $"the row of {identity} names the file of {IdentityOf(dataset)}");
        Require(dataset.GetString(Tags.InstanceNumber) == number,
            $"the row of {identity} is of version {number}, its file of {dataset.GetString(Tags.InstanceNumber)}");
        var stored = _attempts.Find(attempt => $"{attempt.Version}" == number);
        Require(stored is { }, $"nobody sent version {number} of {identity}");
        Require(stored!.Identity == identity, $"version {number} was sent as {stored.Identity}");
        Require(stored.Hash == HashOf(path), $"{identity} has other bytes than version {number}");
        Require(stored.Outcome != Outcome.Refused, $"version {number} of {identity} was refused and is there");
        Require(stored.Outcome != Outcome.Kept, $"of version {number} of {identity} it was said that another is kept");
        foreach (var other in _attempts.Where(other => other.Identity == identity && other != stored))
            Require(!IsSuperseded(stored, other), $"{identity} is of version {number}, and not of {other.Version}, acknowledged "
                + (same == SameInstance.Replace ? "after it" : "before it came"));
    }

    // Of two stores at the same time either may be the last one.
    private bool IsSuperseded(Attempt stored, Attempt other)
    {
        if (other.Outcome != Outcome.Acknowledged)
            return false;
        return same == SameInstance.Replace
            ? other.Begun > stored.Ended
            : stored.Begun > other.Ended && RemovedAt(other.Study) < other.Begun;
    }

    private long RemovedAt(string study) => Math.Max(_allRemoved, _removed.TryGetValue(study, out var removed) ? removed : 0);

    private void CheckFolder(Archive archive, Dictionary<string, string> found, IReadOnlyCollection<string> told)
    {
        var named = found.Values.Select(archive.FullPath).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(archive.Folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetFileName(path);
            Require(!name.EndsWith(".part", StringComparison.Ordinal), $"{name} was left");
            Require(!name.EndsWith(".dcm", StringComparison.Ordinal) || named.Contains(path) || told.Contains(name),
                $"no row names {Path.GetRelativePath(archive.Folder, path)}, and nobody was told");
        }

        foreach (var study in found.GroupBy(pair => Path.GetDirectoryName(Path.GetDirectoryName(pair.Value))))
            Require(WasInDoubt || IsTorn || study.Select(pair => pair.Key.Split('/')[0]).Distinct().Count() == 1,
                $"the folder {study.Key} has two patients");
    }

    public static string IdentityOf(DicomDataset dataset) =>
        $"{dataset.GetString(Tags.PatientID)}/{dataset.GetString(Tags.StudyInstanceUID)}/"
        + $"{dataset.GetString(Tags.SeriesInstanceUID)}/{dataset.GetString(Tags.SOPInstanceUID)}";

    private static void Require(bool isSo, string otherwise)
    {
        if (!isSo)
            throw new BrokenPromiseException(otherwise);
    }
}

/// <summary>An archive is not what it has to be.</summary>
internal sealed class BrokenPromiseException(string what) : Exception(what);
