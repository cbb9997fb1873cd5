using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>Makes the events of one server: what became of each connection and each request, why, and what to do about it.</summary>
internal sealed class ServerTeller(DicomServerOptions options)
{
    /// <summary>The audit trail; null when there is none.</summary>
    public ServerAudit? Audit { get; } = options.Audit is { } trail ? new ServerAudit(trail, options.AETitle) : null;

    public void Tell(ServerEvent what)
    {
        // What the association counts itself is not counted again.
        if (what.Kind == ServerEventKind.Failed)
            EngineMeter.Fail("failed");
        if (EngineEvents.Log.IsEnabled())
            EngineEvents.Log.Server(what.Kind.ToString(), what.RemoteEndPoint, what.CallingAETitle ?? "", what.Text);
        if (what.Kind == ServerEventKind.Refused || what.Status == Statuses.NotAuthorized && !what.IsAnswer)
            Audit?.Refused(what);
        options.Trace?.Invoke(what);
    }

    public void Tell(string text, Exception? problem) =>
        Tell(new ServerEvent("", null, text, problem) { Advice = (problem as DicomException)?.Advice });

    /// <summary>Closes a connection before it is read, because too many are open that have not said who they are.</summary>
    public void TurnAway(Socket socket)
    {
        var remote = "";
        try
        {
            remote = Transport.EndPointOf(socket.RemoteEndPoint).ToString();
        }
        catch (SocketException)
        {
            // It has gone by itself.
        }

        socket.Dispose();
        Tell(new ServerEvent(remote, null, "The connection was closed at once: too many others are open that have not said who they are.",
            null)
        {
            Kind = ServerEventKind.Refused,
            Advice = Silent,
        });
    }

    /// <summary>A connection that said nothing gave way to another.</summary>
    /// <param name="remote">The peer's address and port.</param>
    /// <param name="age">How long it was open.</param>
    public void CutOff(string remote, TimeSpan age) => Tell(new ServerEvent(remote, null,
        $"It connected and sent no association request in {age.TotalSeconds:0.0} s, and was cut off: too many such connections were open.",
        null)
    {
        Kind = ServerEventKind.Refused,
        Reason = "It connected and sent no association request, and was cut off: too many such connections were open.",
        Advice = Silent,
    });

    private const string Silent =
        "Somebody opens connections and says nothing: a port scanner, or a device that hangs. The events that timed out have its address.";

    /// <summary>A connection that ended without a release.</summary>
    /// <param name="remote">The peer's address and port.</param>
    /// <param name="request">What it asked for, if it came so far.</param>
    /// <param name="isAccepted">Whether there was an association.</param>
    /// <param name="problem">How it ended.</param>
    /// <param name="denial">Why it was refused, when a rule did it.</param>
    public void Ended(string remote, AssociateRq? request, bool isAccepted, Exception problem, Denial? denial = null)
    {
        var what = new ServerEvent(remote, request?.CallingAETitle, problem.Message, problem) { CalledAETitle = request?.CalledAETitle };
        Tell(isAccepted
            ? what with { Kind = ServerEventKind.Broken, Advice = (problem as DicomException)?.Advice }
            : what with
            {
                Kind = EventAdvice.IsSilence(problem) ? ServerEventKind.Warning : ServerEventKind.Refused,
                Reason = denial?.Reason ?? EventAdvice.WhyRefused(problem, request, options),
                Advice = denial?.Advice ?? EventAdvice.Refused(problem, request, options),
                SOPClassUID = problem is AssociationRejectedException ? OnlyClass(request) : null,
            });
    }

    // The first of many says nothing of what the caller is: modalities propose all that they might ever send.
    private static string? OnlyClass(AssociateRq? request) =>
        request?.PresentationContexts.Select(context => context.AbstractSyntax).Distinct(StringComparer.Ordinal).Take(2).ToArray()
            is { Length: 1 } only ? only[0] : null;

    /// <summary>The end of the server ended the association.</summary>
    public void Stopped(string remote, AssociateRq? request) =>
        Tell(new ServerEvent(remote, request?.CallingAETitle, "The association was aborted because the server stops.", null)
        {
            Kind = ServerEventKind.Broken,
            CalledAETitle = request?.CalledAETitle,
        });

    /// <summary>
    /// Tells of what an association cannot be used for, if there is any: a modality that finds no context says only that it cannot
    /// send.
    /// </summary>
    /// <param name="association">The association.</param>
    /// <param name="forbidden">The SOP classes that are served, and not to this caller.</param>
    public void Contexts(Association association, IReadOnlyCollection<string> forbidden)
    {
        if (association.RefusedContexts.Count == 0 || RefusedClasses.Of(association, forbidden, options) is not { } refused)
            return;
        Tell(About(association, refused.Text, null) with
        {
            Kind = association.AcceptedContexts.Count == 0 ? ServerEventKind.Refused : ServerEventKind.Warning,
            SOPClassUID = refused.FirstUid,
            Advice = refused.Advice,
        });
    }

    /// <summary>A request that failed, or something that went wrong while it was served.</summary>
    /// <param name="call">The request.</param>
    /// <param name="problem">What went wrong.</param>
    /// <param name="status">What it is answered with, when that is known.</param>
    public void Failed(ServiceCall call, Exception problem, ushort? status = null) =>
        Tell(About(call, $"{call.Command.Operation} failed: {Refusal.Detail(problem)}", problem) with
        {
            Kind = ServerEventKind.Failed,
            Status = status,
            Advice = EventAdvice.Failed(problem, status, call.Command.Field),
        });

    /// <summary>A request got its answer. A failure that nobody has told yet is told.</summary>
    /// <param name="call">The request.</param>
    /// <param name="status">The final status.</param>
    /// <param name="isTold">Whether it was told already why.</param>
    public void Answered(ServiceCall call, ushort? status, bool isTold)
    {
        if (!isTold && DimseStatus.CategoryOf(status) == DimseStatusCategory.Failure)
        {
            Tell(About(call, $"{call.Command.Operation} was answered with a failure, {status:X4}H.", null) with
            {
                Kind = ServerEventKind.Failed,
                Status = status,
                Advice = EventAdvice.Failed(null, status, call.Command.Field),
            });
        }

        Audit?.Answered(call, status);
        Tell(About(call, $"{call.Command.Operation} was answered with {status:X4}H.", null) with { IsAnswer = true, Status = status });
    }

    /// <summary>Something that is to be known about a request.</summary>
    public void Warn(ServiceCall call, string text) => Tell(About(call, text, null) with { Kind = ServerEventKind.Warning });

    private static ServerEvent About(ServiceCall call, string text, Exception? problem) => About(call.Association, text, problem) with
    {
        Operation = call.Command.Operation,
        SOPClassUID = call.Command.AffectedSopClassUid ?? call.Message.Context.AbstractSyntax,
        SOPInstanceUID = call.Command.AffectedSopInstanceUid,
    };

    private static ServerEvent About(Association association, string text, Exception? problem) =>
        new(association.RemoteEndPoint.ToString(), association.Request.CallingAETitle, text,
            problem)
        { CalledAETitle = association.Request.CalledAETitle };
}
