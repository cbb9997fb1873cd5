using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Serialization;

namespace DicomPS.Scu;

/// <summary>
/// Tells a peer of performed procedure steps (N-CREATE, N-SET), or asks it for one (N-GET): PS3.4 F.7, F.8. One request at a time.
/// </summary>
public sealed class ProcedureStepScu : ServiceUser
{
    // Some peers announce a dataset with their last word and send none.
    private static readonly TimeSpan DatasetPatience = TimeSpan.FromSeconds(2);

    private readonly AcceptedContext _context;

    private ProcedureStepScu(Association association, AcceptedContext context) : base(association) => _context = context;

    /// <summary>Opens an association to make and change steps.</summary>
    /// <param name="options">Whom to call; the presentation context is set here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The association could not be made, or the peer takes no steps.</exception>
    public static Task<ProcedureStepScu> ConnectAsync(AssociationOptions options, CancellationToken cancellationToken) =>
        ConnectAsync(options, Uids.ModalityPerformedProcedureStep,
            "Steps go to the RIS or a broker, often under another AE title and port than images. Check both.", cancellationToken);

    /// <summary>Opens an association to ask for steps.</summary>
    /// <param name="options">Whom to call; the presentation context is set here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The association could not be made, or the peer gives no steps.</exception>
    public static Task<ProcedureStepScu> ConnectToRetrieveAsync(AssociationOptions options, CancellationToken cancellationToken) =>
        ConnectAsync(options, Uids.ModalityPerformedProcedureStepRetrieve,
            "Few peers give steps back; the conformance statement says whether this one does.", cancellationToken);

    /// <summary>Makes a step (N-CREATE, PS3.7 10.1.5).</summary>
    /// <param name="sopInstanceUid">Its SOP instance UID.</param>
    /// <param name="step">Its attributes.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>The response; it has a status.</returns>
    /// <exception cref="DicomNetworkException">The association broke; whether the peer has the step is unknown.</exception>
    public async Task<CommandSet> CreateAsync(string sopInstanceUid, DicomDataset step, CancellationToken cancellationToken) =>
        (await AskAsync(new CommandSet
        {
            Field = CommandField.NCreateRequest,
            AffectedSopClassUid = _context.AbstractSyntax,
            AffectedSopInstanceUid = sopInstanceUid,
        }, step, cancellationToken).ConfigureAwait(false)).Response;

    /// <summary>Changes a step (N-SET, PS3.7 10.1.3).</summary>
    /// <param name="sopInstanceUid">Its SOP instance UID.</param>
    /// <param name="changes">The attributes that change.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>The response; it has a status.</returns>
    /// <exception cref="DicomNetworkException">The association broke; whether the peer has the change is unknown.</exception>
    public async Task<CommandSet> SetAsync(string sopInstanceUid, DicomDataset changes, CancellationToken cancellationToken) =>
        (await AskAsync(new CommandSet
        {
            Field = CommandField.NSetRequest,
            RequestedSopClassUid = _context.AbstractSyntax,
            RequestedSopInstanceUid = sopInstanceUid,
        }, changes, cancellationToken).ConfigureAwait(false)).Response;

    /// <summary>Asks for a step (N-GET, PS3.7 10.1.2): all that the peer has of it.</summary>
    /// <param name="sopInstanceUid">Its SOP instance UID.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>The response, which has a status, and the step; null where none came with it.</returns>
    /// <exception cref="DicomNetworkException">The association broke.</exception>
    public Task<(CommandSet Response, DicomDataset? Step)> GetAsync(string sopInstanceUid, CancellationToken cancellationToken) =>
        AskAsync(new CommandSet
        {
            Field = CommandField.NGetRequest,
            RequestedSopClassUid = _context.AbstractSyntax,
            RequestedSopInstanceUid = sopInstanceUid,
        }, null, cancellationToken);

    private static async Task<ProcedureStepScu> ConnectAsync(AssociationOptions options, string sopClassUid, string advice,
        CancellationToken cancellationToken)
    {
        var (association, context) = await OpenAsync(options, Uncompressed(sopClassUid), advice, cancellationToken).ConfigureAwait(false);
        return new ProcedureStepScu(association, context);
    }

    // A response to N-CREATE and N-SET may have an Attribute List too (PS3.7 10.1.3.1.8, 10.1.5.1.6), which must not stay in the way.
    private async Task<(CommandSet Response, DicomDataset? Dataset)> AskAsync(CommandSet request, DicomDataset? dataset,
        CancellationToken cancellationToken)
    {
        request = await Exchange.SendAsync(_context, request, dataset, cancellationToken).ConfigureAwait(false);
        var (message, answered) = await Exchange.NextAsync(cancellationToken).ConfigureAwait(false);
        if (answered is null)
        {
            throw await Exchange.BrokenAsync($"sent a {message.Command.Operation} instead of answering {request.Operation}")
                .ConfigureAwait(false);
        }

        Exchange.GiveUp(request);
        if (!message.Command.HasDataset
            || !await Exchange.Reader.DatasetComesAsync(DatasetPatience, cancellationToken).ConfigureAwait(false))
            return (message.Command, null);
        try
        {
            return (message.Command,
                await Exchange.Reader.ReadDatasetAsync(message, null, cancellationToken).ConfigureAwait(false));
        }
        catch (DicomDataException) when (request.Field != CommandField.NGetRequest)
        {
            // The status has been said; what comes with it is an extra.
            return (message.Command, null);
        }
    }
}
