using DicomPS.Associations;
using DicomPS.Dimse;

namespace DicomPS.Scu;

/// <summary>A service used over one association.</summary>
public abstract class ServiceUser : IAsyncDisposable
{
    private protected ServiceUser(Association association)
    {
        Association = association;
        Exchange = new DimseExchange(association);
    }

    /// <summary>The association in use.</summary>
    public Association Association { get; }

    private protected DimseExchange Exchange { get; }

    /// <summary>Releases the association in order.</summary>
    /// <param name="cancellationToken">Gives up and aborts.</param>
    public Task ReleaseAsync(CancellationToken cancellationToken) => Association.ReleaseAsync(cancellationToken);

    /// <summary>Aborts the association if it is still open.</summary>
    public async ValueTask DisposeAsync()
    {
        await Association.DisposeAsync().ConfigureAwait(false);
    }
}
