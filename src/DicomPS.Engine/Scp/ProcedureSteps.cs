using DicomPS.Compatibility;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Scp;

/// <summary>
/// The performed procedure steps that a server keeps: in files of a folder, one each, or in memory. A file is the step's dataset in
/// Explicit VR Little Endian. Any thread may use it; of one step one request at a time may, see <see cref="TryEnter"/>.
/// </summary>
internal sealed class ProcedureSteps
{
    // What steps in memory may take; their ends, which nobody changes any more, go first.
    private const long MostInMemory = 64L * 1024 * 1024;
    private const int MostSteps = 1_000_000;
    private const string Prefix = InstanceReceiver.TemporaryPrefix + "step-";

    private readonly object _lock = new();
    private readonly Dictionary<string, KeptStep> _steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _memory = new(StringComparer.Ordinal);
    private readonly Queue<string> _ended = new();
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);
    private readonly string? _folder;
    private readonly bool _flushToDisk;
    private long _bytes;

    /// <summary>Keeps steps in memory.</summary>
    public ProcedureSteps()
    {
    }

    /// <summary>Keeps steps in files.</summary>
    /// <param name="folder">The folder; made with the first step.</param>
    /// <param name="flushToDisk">Whether a step is on the disk itself before it is acknowledged.</param>
    /// <param name="failed">Told of each file that cannot be read; it stays.</param>
    public ProcedureSteps(string folder, bool flushToDisk, Action<DicomException> failed)
    {
        _folder = folder;
        _flushToDisk = flushToDisk;
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Prefix + "*") : [])
        {
            var uid = Path.GetFileName(file).Substring(Prefix.Length);
            try
            {
                _steps[uid] = Summary(uid, Decode(File.ReadAllBytes(file)));
            }
            catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
            {
                // Its name is taken all the same: a step must not be made a second time over a file that may yet be read.
                _steps[uid] = new KeptStep(uid, "", []);
                failed(new DicomException($"The procedure step in {file} cannot be read: {problem.Message}", problem)
                {
                    Stage = DicomStage.File,
                });
            }
        }
    }

    /// <summary>Told of each step that was made or changed, before its sender hears of it; must return at once.</summary>
    public Action<KeptStep>? Changed { private get; set; }

    /// <summary>The steps, in no order.</summary>
    public IReadOnlyList<KeptStep> All
    {
        get
        {
            lock (_lock)
                return [.. _steps.Values];
        }
    }

    /// <summary>Begins a request about a step; false while another one is served.</summary>
    /// <param name="uid">The step.</param>
    public bool TryEnter(string uid)
    {
        lock (_lock)
            return _busy.Add(uid);
    }

    /// <summary>Ends it.</summary>
    /// <param name="uid">The step.</param>
    public void Leave(string uid)
    {
        lock (_lock)
            _busy.Remove(uid);
    }

    /// <summary>What is known of a step; null when it is not there.</summary>
    /// <param name="uid">The step.</param>
    public KeptStep? Find(string uid)
    {
        lock (_lock)
            return _steps.TryGetValue(uid, out var step) ? step : null;
    }

    /// <summary>Reads a step; null when it is not there.</summary>
    /// <param name="uid">The step.</param>
    /// <exception cref="DicomException">Its file cannot be read.</exception>
    public DicomDataset? Read(string uid)
    {
        byte[]? bytes;
        lock (_lock)
        {
            if (!_steps.ContainsKey(uid))
                return null;
            _memory.TryGetValue(uid, out bytes);
        }

        try
        {
            return Decode(bytes ?? File.ReadAllBytes(PathOf(uid)));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DicomException($"The procedure step {uid} cannot be read: {problem.Message}", problem) { Stage = DicomStage.File };
        }
    }

    /// <summary>Keeps a step, new or changed; when it returns, it is kept.</summary>
    /// <param name="uid">The step.</param>
    /// <param name="step">Its attributes.</param>
    /// <exception cref="ServiceException">There is no room, or the disk does not take it.</exception>
    public void Save(string uid, DicomDataset step)
    {
        var kept = Summary(uid, step);
        var bytes = DatasetWriter.ToArray(step, TransferSyntax.ExplicitVRLittleEndian);
        lock (_lock)
        {
            if (!_steps.ContainsKey(uid) && _steps.Count >= MostSteps)
                throw new ServiceException(Statuses.ResourceLimitation, "There are too many procedure steps");
        }

        if (_folder is { })
            Write(uid, bytes);
        lock (_lock)
        {
            if (_folder is null)
                Hold(kept, bytes);
            _steps[uid] = kept;
        }

        Changed?.Invoke(kept);
    }

    private void Hold(KeptStep kept, byte[] bytes)
    {
        var uid = kept.SopInstanceUid;
        var before = _memory.TryGetValue(uid, out var old) ? old.Length : 0;
        while (_bytes - before + bytes.Length > MostInMemory && _ended.Count > 0)
        {
            var gone = _ended.Dequeue();
            _bytes -= _memory[gone].Length;
            _memory.Remove(gone);
            _steps.Remove(gone);
        }

        if (_bytes - before + bytes.Length > MostInMemory)
            throw new ServiceException(Statuses.ResourceLimitation, "The procedure steps in progress take too much memory");
        _bytes += bytes.Length - before;
        _memory[uid] = bytes;
        if (Scu.ProcedureStepState.IsFinal(kept.State))
            _ended.Enqueue(uid);
    }

    private void Write(string uid, byte[] bytes)
    {
        var temporary = Path.Combine(_folder!, InstanceReceiver.TemporaryPrefix + $"{Guid.NewGuid():N}" + InstanceReceiver.TemporarySuffix);
        try
        {
            PrivateFiles.CreateFolder(_folder!);
            using (var file = PrivateFiles.Open(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete))
            {
                file.Write(bytes, 0, bytes.Length);
                file.Flush(_flushToDisk);
            }

            FileMoves.Replace(temporary, PathOf(uid));
            if (_flushToDisk)
                FileMoves.FlushFolder(_folder!);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            var isFull = problem is IOException unwritten && InstanceReceiver.IsDiskFull(unwritten);
            throw new ServiceException(isFull ? Statuses.ResourceLimitation : Statuses.ProcessingFailure,
                isFull ? "The disk is full" : "The procedure step could not be written down", problem);
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
            return;
        }
    }

    // UIDs are digits and dots, so no name leads elsewhere.
    private string PathOf(string uid) => Path.Combine(_folder!, Prefix + uid);

    private static DicomDataset Decode(byte[] bytes) => DatasetReader.Read(bytes, TransferSyntax.ExplicitVRLittleEndian);

    private static KeptStep Summary(string uid, DicomDataset step) => new(uid, step.GetString(Tags.PerformedProcedureStepStatus) ?? "",
        [.. step.GetItems(Tags.ScheduledStepAttributesSequence).Select(item => new ScheduledReference(
            item.GetString(Tags.StudyInstanceUID) ?? "", item.GetString(Tags.ScheduledProcedureStepID)))]);
}
