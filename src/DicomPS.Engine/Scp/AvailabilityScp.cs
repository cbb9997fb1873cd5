using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;

namespace DicomPS.Scp;

/// <summary>Takes an Instance Availability Notification.</summary>
/// <param name="call">The request.</param>
/// <param name="notice">What it says.</param>
/// <param name="cancellationToken">Cancelled by the end of the association.</param>
/// <returns>The response.</returns>
public delegate Task<ServiceReply> AvailabilityHandler(ServiceCall call, AvailabilityNotice notice, CancellationToken cancellationToken);

/// <summary>Answers Instance Availability Notifications (PS3.4 R, PS3.7 10.1.5).</summary>
/// <param name="take">Takes a notification that has what each must have.</param>
public sealed class AvailabilityScp(AvailabilityHandler take)
{
    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    public ServiceRow Row => new(Uids.InstanceAvailabilityNotification, CommandField.NCreateRequest, CreateAsync,
        Statuses.ProcessingFailure, Statuses.ProcessingFailure)
    {
        StatusTable = StatusTable.General,
    };

    private async Task<ServiceReply> CreateAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        if (call.Command.AffectedSopClassUid is { } named && named != Uids.InstanceAvailabilityNotification)
            throw new ServiceException(Statuses.NoSuchSopClass, "Not the Instance Availability Notification");
        if (!call.Command.HasDataset)
            throw new ServiceException(Statuses.MissingAttribute, "The request has no dataset");
        var dataset = await call.Reader.ReadDatasetAsync(call.Message, null, call.Limit, cancellationToken).ConfigureAwait(false);
        AvailabilityNotice notice;
        try
        {
            notice = AvailabilityNotice.Read(dataset);
        }
        catch (AvailabilityMissingException wrong)
        {
            throw new ServiceException(Statuses.MissingAttribute, wrong.Message, wrong) { OffendingElements = wrong.OffendingElements };
        }

        // A peer that names no instance has one named for it (PS3.7 10.1.5.1.4).
        var command = call.Command.AffectedSopInstanceUid is { Length: > 0 } ? call.Command
            : call.Command with { AffectedSopInstanceUid = Uid.New() };
        var served = call with { Message = call.Message with { Command = command } };
        return await take(served, notice, cancellationToken).ConfigureAwait(false);
    }
}
