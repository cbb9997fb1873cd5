using System.Diagnostics;
using System.Globalization;

namespace DicomPS.Interop.Tests.Support;

/// <summary>An archive of ours in a process of its own, which can be killed and measured.</summary>
internal sealed class ArchiveProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ArchiveProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public int Id => _process.Id;

    /// <summary>Starts it and waits for its port.</summary>
    /// <param name="folder">The archive's folder.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="requester">The port on which who asks for storage commitment is called back; 0 for none.</param>
    /// <param name="kind">"archive", or "storage" for a storage SCP.</param>
    public static async Task<ArchiveProcess> StartAsync(string folder, CancellationToken cancellation, int requester = 0,
        string kind = "archive")
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "DicomPS.ArchiveHost.dll"));
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add("0");
        start.ArgumentList.Add(requester.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(kind);
        var process = Process.Start(start)!;
        try
        {
            return new ArchiveProcess(process, int.Parse((await process.StandardOutput.ReadLineAsync(cancellation))!,
                CultureInfo.InvariantCulture));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Collects its garbage; the bytes that are still held then.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<long> CollectAsync(CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync("collect".AsMemory(), cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
        return long.Parse((await _process.StandardOutput.ReadLineAsync(cancellation))!, CultureInfo.InvariantCulture);
    }

    /// <summary>Stops it in good order.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task StopAsync(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        return _process.WaitForExitAsync(cancellation);
    }

    /// <summary>SIGKILL: it has no moment to tidy up.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
