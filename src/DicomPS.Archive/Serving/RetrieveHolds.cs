using System.Collections.Concurrent;
using DicomPS.Associations;
using DicomPS.Scp;

namespace DicomPS.Archiving.Serving;

/// <summary>Keeps the studies that a C-MOVE or C-GET sends from being removed until it is over.</summary>
internal sealed class RetrieveHolds(Archive archive)
{
    // Without an operations window an association has one request at a time (PS3.7 D.3.3.3).
    private readonly ConcurrentDictionary<Association, Dictionary<string, IDisposable>> _holds = new();

    /// <summary>A row whose request lets go of its studies at its end.</summary>
    public ServiceRow Around(ServiceRow row) => row with
    {
        Handler = async (call, token) =>
        {
            try
            {
                return await row.Handler(call, token).ConfigureAwait(false);
            }
            finally
            {
                if (_holds.TryRemove(call.Association, out var held))
                    held.Values.ToList().ForEach(hold => hold.Dispose());
            }
        },
    };

    /// <summary>Keeps a study for the request of an association.</summary>
    public async Task HoldAsync(Association association, string study, CancellationToken token)
    {
        var held = _holds.GetOrAdd(association, _ => new Dictionary<string, IDisposable>(StringComparer.Ordinal));
        if (!held.ContainsKey(study))
            held[study] = await archive.HoldAsync(study, token).ConfigureAwait(false);
    }
}
