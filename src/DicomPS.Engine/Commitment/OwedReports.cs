using DicomPS.Compatibility;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Serialization;

namespace DicomPS.Commitment;

/// <summary>A storage commitment request that has been answered and is to be reported on.</summary>
/// <param name="Requester">The AE title that asked.</param>
/// <param name="Request">What it asked.</param>
/// <param name="Since">When, in UTC.</param>
/// <param name="File">Where it stands on disk; null when it does not.</param>
internal sealed record OwedReport(string Requester, CommitmentRequest Request, DateTime Since, string? File)
{
    /// <summary>What is to be reported; null as long as it has not been found out.</summary>
    public CommitmentReport? Report { get; init; }
}

/// <summary>
/// The storage commitment requests that wait for their report: in memory and, where there is a folder, in a file each. A file is a
/// dataset, the Action Information of the request and Requesting AE (0074,1236), in Explicit VR Little Endian; its time is the
/// request's. What is to be reported is found out again after a start, since the instances may have gone meanwhile.
/// </summary>
/// <param name="options">The folder and the limits.</param>
internal sealed class OwedReports(CommitmentScpOptions options)
{
    private const int MaximumTransactions = 1024;

    // What comes over the network, and the requester.
    private const int MaximumFileLength = DimseReader.MaximumDatasetLength + 1024;
    private const string Prefix = InstanceReceiver.TemporaryPrefix + "commitment-";

    // A title and a transaction, so that no peer can keep another's from being taken.
    private readonly Dictionary<(string Requester, string TransactionUid), int> _waiting = [];
    private int _instances;

    // Looked for before anybody can ask: what comes over the network meanwhile has files of the same kind.
    private readonly FileInfo[] _left = options.Folder is { } folder && Directory.Exists(folder)
        ? new DirectoryInfo(folder).GetFiles(Prefix + "*") : [];

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_waiting)
                return _waiting.Count;
        }
    }

    /// <summary>Takes a request in; its file is there when this returns.</summary>
    /// <exception cref="ServiceException">There are too many, its Transaction UID is in use, or the file cannot be written.</exception>
    public OwedReport Add(string requester, CommitmentRequest request)
    {
        Reserve(requester, request);
        try
        {
            return new OwedReport(requester, request, DateTime.UtcNow,
                options.Folder is { } folder ? Write(folder, requester, request) : null);
        }
        catch (Exception problem)
        {
            Forget(requester, request);
            if (problem is not (IOException or UnauthorizedAccessException))
                throw;
            var isFull = problem is IOException unwritten && InstanceReceiver.IsDiskFull(unwritten);
            throw new ServiceException(isFull ? Statuses.ResourceLimitation : Statuses.ProcessingFailure,
                isFull ? "The disk is full" : "The request could not be written down", problem);
        }
    }

    /// <summary>Forgets a request that was reported on or given up.</summary>
    public void Remove(OwedReport report)
    {
        Forget(report.Requester, report.Request);
        if (report.File is { })
            TryDelete(report.File);
    }

    /// <summary>The requests that earlier starts left, the oldest first.</summary>
    /// <param name="failed">Told of each that cannot be read or taken in.</param>
    public IEnumerable<OwedReport> Load(Action<DicomException> failed)
    {
        foreach (var file in _left.OrderBy(file => file.LastWriteTimeUtc).Take(MaximumTransactions))
        {
            if (Read(file, failed) is { } report)
                yield return report;
        }
    }

    private OwedReport? Read(FileInfo file, Action<DicomException> failed)
    {
        try
        {
            if (file.Length > MaximumFileLength)
                throw new DicomException($"It has {file.Length} bytes.");
            var dataset = DatasetReader.Read(File.ReadAllBytes(file.FullName), TransferSyntax.ExplicitVRLittleEndian);
            var request = CommitmentMessages.ReadRequest(dataset);
            var requester = dataset.GetString(Tags.RequestingAE) ?? throw new DicomException("It names no requester.");
            // A request that came over the network meanwhile has a file of its own.
            Reserve(requester, request);
            var now = DateTime.UtcNow;
            return new OwedReport(requester, request, file.LastWriteTimeUtc < now ? file.LastWriteTimeUtc : now, file.FullName);
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            // What cannot be understood today cannot be tomorrow; what there is no room or right for may be.
            var isWrong = problem is DicomException and not ServiceException;
            if (isWrong)
                TryDelete(file.FullName);
            failed(
                new DicomException(
                    $"A storage commitment request in {file.FullName} cannot be reported on"
                    + $"{(isWrong ? " and was deleted" : "")}: {problem.Message}", problem)
                { Stage = DicomStage.File });
            return null;
        }
    }

    private string Write(string folder, string requester, CommitmentRequest request)
    {
        var dataset = CommitmentMessages.Write(request);
        dataset.Set(Tags.RequestingAE, requester);
        var name = $"{Guid.NewGuid():N}";
        var temporary = Path.Combine(folder, InstanceReceiver.TemporaryPrefix + name + InstanceReceiver.TemporarySuffix);
        var path = Path.Combine(folder, Prefix + name);
        try
        {
            using (var file = PrivateFiles.Open(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete))
            {
                var bytes = DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);
                file.Write(bytes, 0, bytes.Length);
                file.Flush(options.FlushToDisk);
            }

            if (!FileMoves.TryMoveToNew(temporary, path))
                throw new IOException($"There is a file {path} already.");
            if (options.FlushToDisk)
                FileMoves.FlushFolder(folder);
            return path;
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    private void Reserve(string requester, CommitmentRequest request)
    {
        var key = (requester, request.TransactionUid);
        lock (_waiting)
        {
            if (_waiting.ContainsKey(key))
                throw new ServiceException(Statuses.InvalidArgumentValue,
                    "The Transaction UID is in use")
                { OffendingElements = [Tags.TransactionUID.Value] };
            var own = _waiting.Keys.Count(waiting => waiting.Requester == requester);
            if (own >= options.MaximumTransactions || _waiting.Count >= MaximumTransactions)
                throw new ServiceException(Statuses.ResourceLimitation,
                    $"{Math.Max(own, _waiting.Count)} requests wait for their report; ask again later");
            if (_instances + request.Instances.Count > options.MaximumOwedInstances && _waiting.Count > 0)
                throw new ServiceException(Statuses.ResourceLimitation, $"{_instances} instances wait for their report; ask again later");
            _waiting.Add(key, request.Instances.Count);
            _instances += request.Instances.Count;
        }
    }

    private void Forget(string requester, CommitmentRequest request)
    {
        var key = (requester, request.TransactionUid);
        lock (_waiting)
        {
            if (_waiting.TryGetValue(key, out var count) && _waiting.Remove(key))
                _instances -= count;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // The next start reports once more, which harms nobody.
            return;
        }
    }
}
