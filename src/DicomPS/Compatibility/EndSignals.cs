// The wish of the system that this process ends, which only newer runtimes can hear before it is done.
#if NET8_0_OR_GREATER
using System.Runtime.InteropServices;
#endif

namespace DicomPS.Compatibility;

/// <summary>
/// Hears SIGTERM instead of being ended by it, so that servers are stopped in order; of Windows the close of its console and the
/// shutdown. Only the first counts: a second one ends the process as it always did. Windows PowerShell hears none.
/// </summary>
internal sealed class EndSignals : IDisposable
{
    private readonly ManualResetEvent _came = new(false);
    private readonly Action? _heard;
    private int _times;

    /// <summary>Listens from now on.</summary>
    /// <param name="heard">Told at once, on a thread of the runtime.</param>
    public EndSignals(Action? heard = null)
    {
        _heard = heard;
        Listen();
    }

    /// <summary>Whether the process is to end.</summary>
    public bool Came => Volatile.Read(ref _times) > 0;

    /// <summary>Set once it is.</summary>
    public WaitHandle Handle => _came;

#if NET8_0_OR_GREATER
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _came.Dispose();
    }

    private void Listen()
    {
        // On Windows the shutdown is told as SIGTERM and the close of the console as SIGHUP. Elsewhere SIGHUP is left alone: nohup
        // ignores it.
        PosixSignal[] signals = OperatingSystem.IsWindows() ? [PosixSignal.SIGTERM, PosixSignal.SIGHUP] : [PosixSignal.SIGTERM];
        foreach (var signal in signals)
            _registrations.Add(PosixSignalRegistration.Create(signal, Hear));
    }

    private void Hear(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _times) > 1)
            return;
        context.Cancel = true;
        try
        {
            _came.Set();
        }
        catch (ObjectDisposedException)
        {
            // It came at the moment at which nobody waited any more.
        }

        _heard?.Invoke();
    }
#else
    /// <inheritdoc/>
    public void Dispose() => _came.Dispose();

    private void Listen() => _ = _heard;
#endif
}
