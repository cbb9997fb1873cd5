using System.Management.Automation;
using System.Net;

namespace DicomPS.Transfers;

/// <summary>The stores that a cmdlet has open.</summary>
internal sealed class TransferStores(PSCmdlet cmdlet)
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, TransferFile> _open = new(StringComparer.Ordinal);

    /// <summary>A store, opened when it is first asked for.</summary>
    public TransferFile Open(string text, PSCredential? credential, bool mayCreate,
        Func<Func<CancellationToken, Task<TransferFile>>, TransferFile> wait)
    {
        if (_open.TryGetValue(text, out var known))
            return known;
        var network = credential is null ? null : new NetworkCredential(credential.UserName, credential.GetNetworkCredential().Password);
        return _open[text] = wait(token => TransferFile.OpenAsync(text, network,
            path => cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path), mayCreate, token));
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
