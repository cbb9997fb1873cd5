using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Serialization;

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

    private protected static PresentationContextProposal Uncompressed(string sopClassUid) =>
        new(sopClassUid, [TransferSyntax.ExplicitVRLittleEndian.Uid, TransferSyntax.ImplicitVRLittleEndian.Uid]);

    /// <summary>Opens an association for one service; without the service it is released again.</summary>
    /// <param name="options">Whom to call; the presentation context is set here.</param>
    /// <param name="service">The service, in the role of its user.</param>
    /// <param name="advice">What to do when the peer does not offer it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The association could not be made, or the peer does not offer the service.</exception>
    private protected static async Task<(Association Association, AcceptedContext Context)> OpenAsync(AssociationOptions options,
        PresentationContextProposal service, string advice, CancellationToken cancellationToken)
    {
        var association = await Association.ConnectAsync(options with { PresentationContexts = [service] }, cancellationToken)
            .ConfigureAwait(false);
        if (association.AcceptedContexts is [{ ScuRole: true } context, ..])
            return (association, context);
        var refusal = Refused(association, service.AbstractSyntax, advice);
        await association.LeaveAsync(cancellationToken).ConfigureAwait(false);
        await association.DisposeAsync().ConfigureAwait(false);
        throw refusal;
    }

    /// <summary>The peer lets this side in, and does not offer the one service that was asked for.</summary>
    internal static DicomNetworkException Refused(Association association, string sopClassUid, string advice)
    {
        var reason = association.RefusedContexts is [var refused, ..] ? refused.ResultName
            : association.AcceptedContexts.Count > 0 ? "not in the role that was asked for" : "no reason given";
        return new DicomNetworkException(
            $"The peer accepted the association but not the {DicomDictionary.NameOf(sopClassUid)} ({reason}).")
        {
            Stage = DicomStage.PresentationContext,
            Advice = advice,
        };
    }

    /// <summary>Releases the association in order.</summary>
    /// <param name="cancellationToken">Gives up and aborts.</param>
    public Task ReleaseAsync(CancellationToken cancellationToken) => Association.ReleaseAsync(cancellationToken);

    /// <summary>Aborts the association if it is still open.</summary>
    public async ValueTask DisposeAsync()
    {
        await Association.DisposeAsync().ConfigureAwait(false);
    }
}
