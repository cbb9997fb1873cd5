using System.Collections.Concurrent;
using System.Management.Automation;
using System.Net.Sockets;
using System.Security.Cryptography;
using DicomPS.Compatibility;
using DicomPS.Pipeline;

namespace DicomPS.Cmdlets;

/// <summary>
/// The base of every cmdlet here: one cancellation token, one way out, and a pump that brings what the
/// engine yields on the pool to the pipeline thread, the only thread that may call Write*.
/// </summary>
public abstract class DicomCmdlet : PSCmdlet, IDisposable
{
    /// <summary>How often the pipeline thread looks up from its wait: for progress and for notes.</summary>
    private protected static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private const int MaximumNotes = 4096;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<(Action<DicomCmdlet, string> Write, string Text)> _notes = new();
    private int _lostNotes;
    private readonly List<ProgressMeter> _meters = [];

    /// <summary>Cancelled by Ctrl+C, by a stopped pipeline, and when the cmdlet is disposed of.</summary>
    private protected CancellationToken StopToken { get; }

    /// <summary>Takes the token once, so that it stays usable after the source is disposed of.</summary>
    protected DicomCmdlet() => StopToken = _stopping.Token;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Guard(Begin);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guard(Process);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guard(End);

    /// <summary>Only cancels: whatever runs sees the token and leaves by its ordinary way out.</summary>
    protected sealed override void StopProcessing()
    {
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Stopped after it had ended.
        }
    }

    /// <summary>Runs once before the first record.</summary>
    private protected virtual void Begin()
    {
    }

    /// <summary>Runs for each record.</summary>
    private protected virtual void Process()
    {
    }

    /// <summary>Runs once after the last record, unless the pipeline was stopped before.</summary>
    private protected virtual void End()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Cancels what may still run. Called also when the pipeline stopped early and EndProcessing never ran.</summary>
    /// <param name="disposing">Always true: nothing here has a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        StopProcessing();
        _stopping.Dispose();
    }

    /// <summary>Hands every item of an engine stream to <paramref name="onItem"/>, on this thread, as it arrives.</summary>
    private protected void Drain<T>(Func<CancellationToken, IAsyncEnumerable<T>> stream, Action<T> onItem, Action? onTick = null)
    {
        using var pump = new Pump<T>(stream, StopToken);
        Drain(pump, onItem, onTick);
    }

    /// <summary>Hands every remaining item of a pump to <paramref name="onItem"/> until its stream ends.</summary>
    private protected void Drain<T>(Pump<T> pump, Action<T> onItem, Action? onTick = null)
    {
        do
        {
            while (pump.TryRead(out var item))
            {
                onItem(item);
                onTick?.Invoke();
            }

            WriteNotes();
            onTick?.Invoke();
        }
        while (pump.Wait(Tick));
        WriteNotes();
    }

    /// <summary>Runs one engine task on the pool and waits for it here, with notes and progress meanwhile.</summary>
    private protected T Wait<T>(Func<CancellationToken, Task<T>> work, Action? onTick = null)
    {
        var task = Task.Run(() => work(StopToken));
        while (Task.WaitAny([task], Tick) < 0)
        {
            WriteNotes();
            onTick?.Invoke();
        }

        WriteNotes();
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Keeps a line for -Verbose. Any thread may call it; the pipeline thread writes it.</summary>
    private protected void Note(string text) => Keep(static (cmdlet, note) => cmdlet.WriteVerbose(note), text);

    /// <summary>Keeps a line for -Debug, as <see cref="Note"/> does.</summary>
    private protected void NoteDebug(string text) => Keep(static (cmdlet, note) => cmdlet.WriteDebug(note), text);

    /// <summary>Keeps a warning, as <see cref="Note"/> does.</summary>
    private protected void NoteWarning(string text) => Keep(static (cmdlet, note) => cmdlet.WriteWarning(note), text);

    /// <summary>Writes the lines that engine threads left.</summary>
    private protected void WriteNotes()
    {
        while (_notes.TryDequeue(out var note))
            note.Write(this, note.Text);
        var lost = Interlocked.Exchange(ref _lostNotes, 0);
        if (lost > 0 && (Wants("Verbose") || Wants("Debug")))
            WriteWarning($"{lost} lines came too fast to be shown; -TracePath writes them all.");
    }

    /// <summary>
    /// Writes a verbose line, unless -Debug stands without -Verbose: PowerShell would stop and ask at each one, and they may name
    /// patients.
    /// </summary>
    private protected new void WriteVerbose(string text)
    {
        if (MyInvocation.BoundParameters.ContainsKey("Verbose") || !MyInvocation.BoundParameters.ContainsKey("Debug"))
            base.WriteVerbose(SafeText.Clean(text));
    }

    /// <summary>Says once in a session that everybody on this machine may read a file with patients in it. Pipeline thread.</summary>
    private protected void TellIfOpen(string path)
    {
        if (PrivateFiles.IsNewsThatAllMayRead(path))
            WriteWarning($"Every user of this machine may read {path}: an earlier version made it, or somebody gave it these rights. "
                + $"They are left as they are; chmod 600 '{path}' takes them away.");
    }

    /// <summary>Writes a warning in one line, without what steers a terminal.</summary>
    private protected new void WriteWarning(string text) => base.WriteWarning(SafeText.Clean(text));

    /// <summary>Writes a line for -Debug, cleaned as a warning is.</summary>
    private protected new void WriteDebug(string text) => base.WriteDebug(SafeText.Clean(text));

    /// <summary>Asks what -WhatIf and -Confirm ask, in cleaned words.</summary>
    private protected new bool ShouldProcess(string target, string action) =>
        base.ShouldProcess(SafeText.Clean(target), SafeText.Clean(action));

    /// <summary>Whether -WhatIf, or the preference, keeps everything from being done.</summary>
    private protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
        ? LanguagePrimitives.IsTrue(given)
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>Whether Verbose or Debug lines are wanted, by the parameter or the preference.</summary>
    private protected bool Wants(string stream) => MyInvocation.BoundParameters.TryGetValue(stream, out var given)
        ? LanguagePrimitives.IsTrue(given)
        : GetVariableValue(stream + "Preference")?.ToString() is { } preference and not ("SilentlyContinue" or "Ignore");

    private void Keep(Action<DicomCmdlet, string> write, string text)
    {
        if (_notes.Count < MaximumNotes)
            _notes.Enqueue((write, text));
        else
            Interlocked.Increment(ref _lostNotes);
    }

    /// <summary>Writes a failure of one item; the rest goes on.</summary>
    private protected void WriteFailure(Exception failure, object? target) => WriteError(ErrorRecords.From(failure, target));

    /// <summary>Ends the whole call with a failure.</summary>
    private protected void Terminate(Exception failure, object? target) =>
        ThrowTerminatingError(ErrorRecords.From(failure, target ?? MyInvocation.MyCommand.Name));

    /// <summary>A progress bar of this cmdlet. Those that an error or a stop leaves behind are taken away.</summary>
    private protected ProgressMeter Meter(string activity, int id = 1, int parent = -1)
    {
        var meter = new ProgressMeter(this, id, activity, parent);
        _meters.Add(meter);
        return meter;
    }

    private void CloseMeters()
    {
        try
        {
            // The inner ones first.
            foreach (var meter in Enumerable.Reverse(_meters))
                meter.Complete();
        }
        catch (PipelineStoppedException)
        {
            // After Ctrl+C nothing can be written; the host takes the bars away itself.
        }

        _meters.Clear();
    }

    private void Guard(Action step)
    {
        try
        {
            try
            {
                step();
            }
            catch
            {
                CloseMeters();
                throw;
            }
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            // The pipeline is stopping: nobody listens any more.
        }
        catch (Exception failure) when (IsOurs(failure))
        {
            Terminate(failure, null);
        }
    }

    // What PowerShell throws through a cmdlet (stopped pipelines, -ErrorAction Stop) must pass untouched.
    private static bool IsOurs(Exception failure) => failure is DicomException or IOException or UnauthorizedAccessException
        or SocketException or CryptographicException or ArgumentException or FormatException || LibraryConflict.IsOne(failure);
}
