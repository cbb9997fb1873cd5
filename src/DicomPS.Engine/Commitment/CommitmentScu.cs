using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Commitment;

/// <summary>
/// Asks for storage commitment (PS3.4 J, PS3.7 10.1.4) over one association, and takes the reports that the peer sends
/// over the same one. Those that come over another go to <c>CommitmentReportScp</c>.
/// </summary>
public sealed class CommitmentScu : ServiceUser
{
    private readonly Func<CommitmentReport, bool> _take;

    private CommitmentScu(Association association, AcceptedContext context, Func<CommitmentReport, bool> take) : base(association)
    {
        Context = context;
        _take = take;
    }

    /// <summary>The presentation context in use.</summary>
    public AcceptedContext Context { get; }

    /// <summary>Opens an association for storage commitment.</summary>
    /// <param name="options">Whom to call; the presentation context is set here.</param>
    /// <param name="take">Told of each report, on any thread; false when nobody waits for its transaction, which the peer is told.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The association could not be made, or the peer does not offer storage
    /// commitment.</exception>
    public static async Task<CommitmentScu> ConnectAsync(AssociationOptions options, Func<CommitmentReport, bool> take,
        CancellationToken cancellationToken)
    {
        var (association, context) = await OpenAsync(options, Proposal,
            "The peer offers no storage commitment to this AE title; its conformance statement says whether it can and how it is "
            + "switched on.", cancellationToken).ConfigureAwait(false);
        return new CommitmentScu(association, context, take);
    }

    internal static PresentationContextProposal Proposal { get; } = Uncompressed(Uids.StorageCommitmentPushModel);

    /// <summary>Sends a request with N-ACTION and waits for its answer. Reports that come before it are taken.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    /// <returns>The response; with Success or Warning the peer will report.</returns>
    /// <exception cref="DicomNetworkException">The association broke; whether the peer has the request is unknown.</exception>
    public async Task<CommandSet> RequestAsync(CommitmentRequest request, CancellationToken cancellationToken)
    {
        var command = new CommandSet
        {
            Field = CommandField.NActionRequest,
            RequestedSopClassUid = Uids.StorageCommitmentPushModel,
            RequestedSopInstanceUid = Uids.StorageCommitmentPushModelInstance,
            ActionTypeId = CommitmentMessages.RequestAction,
        };
        await Exchange.SendAsync(Context, command, CommitmentMessages.Write(request), cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var (message, answered) = await Exchange.NextAsync(cancellationToken).ConfigureAwait(false);
            if (answered is { })
                return message.Command;
            await AnswerAsync(message, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Takes reports until there is nothing more to wait for, then releases the association; the silence meanwhile is no timeout.
    /// </summary>
    /// <param name="until">Completes when no report is waited for any more.</param>
    /// <exception cref="DicomNetworkException">The association broke.</exception>
    public async Task ListenAsync(Task until)
    {
        Association.BeginService();
        try
        {
            while (!until.IsCompleted)
            {
                var receiving = Exchange.ReceiveAsync(CancellationToken.None);
                // Only between messages: the answer to a report goes out before the release.
                if (await Task.WhenAny(receiving, until).ConfigureAwait(false) != receiving)
                    await Task.WhenAll(Association.ReleaseAsync(), receiving).ConfigureAwait(false);
                if (await receiving.ConfigureAwait(false) is not { } came)
                    return;
                await AnswerAsync(came.Message, CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            Association.EndService();
        }

        await Association.ReleaseAsync().ConfigureAwait(false);
    }

    private async Task AnswerAsync(DimseMessage message, CancellationToken cancellationToken)
    {
        var answer = message.Command.Field == CommandField.NEventReportRequest
            ? await CommitmentEvents.AnswerAsync(Exchange.Reader, message, _take, cancellationToken).ConfigureAwait(false)
            : message.Command.Respond(Statuses.UnrecognizedOperation) with
            {
                ErrorComment = $"{message.Command.Operation} is not served here"
            };
        await Exchange.Writer.SendAsync(message.Context, answer, cancellationToken).ConfigureAwait(false);
    }
}
