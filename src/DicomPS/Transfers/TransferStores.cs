using System.Management.Automation;
using System.Net;

namespace DicomPS.Transfers;

/// <summary>The stores that a cmdlet has open.</summary>
internal sealed class TransferStores(PSCmdlet cmdlet)
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, TransferFile> _open = new(StringComparer.Ordinal);

    /// <summary>A store, opened when it is first asked for.</summary>
    /// <param name="text">Where it is.</param>
    /// <param name="credential">Who logs in.</param>
    /// <param name="mayCreate">Whether it is made when there is none.</param>
    /// <param name="wait">Waits for it.</param>
    /// <param name="waits">Told that it cannot be reached and is waited for; null when that is an error.</param>
    public TransferFile Open(string text, PSCredential? credential, bool mayCreate,
        Func<Func<CancellationToken, Task<TransferFile>>, TransferFile> wait, Action<string>? waits = null)
    {
        if (_open.TryGetValue(text, out var known))
            return known;
        var network = credential is null ? null : new NetworkCredential(credential.UserName, credential.GetNetworkCredential().Password);
        return _open[text] = wait(token => TransferFile.OpenAsync(text, network,
            path => cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path), mayCreate, waits, token));
    }

    /// <summary>Closes them.</summary>
    public void Close()
    {
        Task.Run(async () =>
        {
            foreach (var file in _open.Values)
                await file.CloseAsync().ConfigureAwait(false);
        }).ContinueWith(static done => _ = done.Exception, TaskScheduler.Default).Wait(LeaveTime);
        _open.Clear();
    }
}
