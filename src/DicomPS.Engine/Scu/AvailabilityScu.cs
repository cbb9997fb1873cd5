using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Serialization;

namespace DicomPS.Scu;

/// <summary>Sends Instance Availability Notifications with N-CREATE (PS3.4 R, PS3.7 10.1.5), one after the other.</summary>
public sealed class AvailabilityScu : ServiceUser
{
    private readonly AcceptedContext _context;

    private AvailabilityScu(Association association, AcceptedContext context) : base(association) => _context = context;

    /// <summary>Opens an association for notifications.</summary>
    /// <param name="options">Whom to call; the presentation context is set here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The association could not be made, or the peer takes no notifications.</exception>
    public static async Task<AvailabilityScu> ConnectAsync(AssociationOptions options, CancellationToken cancellationToken)
    {
        var (association, context) = await OpenAsync(options, Uncompressed(Uids.InstanceAvailabilityNotification),
            "The peer takes no notifications from this AE title; its conformance statement says whether it can.", cancellationToken)
            .ConfigureAwait(false);
        return new AvailabilityScu(association, context);
    }

    /// <summary>Sends a notification and waits for its answer.</summary>
    /// <param name="notice">The notification.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>The response; it has a status.</returns>
    /// <exception cref="DicomNetworkException">The association broke; whether the peer has the notification is unknown.</exception>
    public Task<CommandSet> SendAsync(AvailabilityNotice notice, CancellationToken cancellationToken)
    {
        var request = new CommandSet
        {
            Field = CommandField.NCreateRequest,
            AffectedSopClassUid = Uids.InstanceAvailabilityNotification,
            AffectedSopInstanceUid = Uid.New(),
        };
        return Exchange.AskAsync(_context, request, notice.ToDataset(), cancellationToken);
    }
}
