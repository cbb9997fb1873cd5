using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Support;

/// <summary>
/// A query/retrieve peer that answers each C-MOVE and C-GET as a test wants it: with true counts, false ones, none, or not at all.
/// </summary>
internal sealed class ScriptedArchive : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _serving = [];
    private readonly Func<ArchiveCall, Task> _answer;
    private readonly AcceptorPolicy _policy;
    private readonly Task _accepting;
    private int _associations;

    private ScriptedArchive(Func<ArchiveCall, Task> answer, AcceptorPolicy policy)
    {
        (_answer, _policy) = (answer, policy);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public int Associations => Volatile.Read(ref _associations);

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<ArchiveCall> Calls { get; } = new();

    /// <summary>The message ids that C-CANCEL named.</summary>
    public ConcurrentQueue<ushort> Cancelled { get; } = new();

    public static ScriptedArchive Start(Func<ArchiveCall, Task> answer, AcceptorPolicy? policy = null) =>
        new(answer, policy ?? new AcceptorPolicy());

    public DicomNode Node => new() { AETitle = "ARCHIVE", HostName = "127.0.0.1", Port = Port, CallingAETitle = "OURS" };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_serving);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                // Of its own: an association whose bytes are all there would be served here to its end.
                _serving.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var association = await Association.AcceptAsync(socket, new AcceptorOptions { Policy = _policy }, _stop.Token);
            Interlocked.Increment(ref _associations);
            var reader = new DimseReader(association);
            var writer = new DimseWriter(association);
            while (await reader.ReceiveAsync(_stop.Token) is { } message)
            {
                if (message.Command.Field == CommandField.CCancelRequest)
                {
                    Cancelled.Enqueue(message.Command.RespondedTo!.Value);
                    continue;
                }

                var identifier = await reader.ReadDatasetAsync(message, null, _stop.Token);
                var call = new ArchiveCall(this, association, reader, writer, message, identifier, _stop.Token);
                Calls.Enqueue(call);
                await _answer(call);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or DicomException)
        {
            // The client went, or the test is over.
        }
    }
}

/// <summary>One C-MOVE or C-GET that a test answers.</summary>
internal sealed record ArchiveCall(
    ScriptedArchive Archive, Association Association, DimseReader Reader, DimseWriter Writer, DimseMessage Message, DicomDataset Identifier,
    CancellationToken Token)
{
    public CommandSet Command => Message.Command;

    /// <summary>A pending response with counts.</summary>
    public Task PendingAsync(int remaining, int completed, int failed = 0, int warning = 0) =>
        RespondAsync(0xFF00, remaining, completed, failed, warning);

    /// <summary>A final response; counts that are null stay out of it.</summary>
    public Task FinalAsync(ushort status, int? completed = null, int? failed = null, int? warning = null, int? remaining = null,
        params string[] failedUids) =>
        RespondAsync(status, remaining, completed, failed, warning, failedUids);

    /// <summary>Sends instances to a storage SCP on loopback, as a move does.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="instances">What to send.</param>
    /// <param name="originator">Whether each names the C-MOVE that it belongs to.</param>
    public async Task SendToAsync(int port, IEnumerable<DicomDataset> instances, bool originator = true)
    {
        await using var association = await Association.ConnectAsync(
            new AssociationOptions
            {
                Host = "127.0.0.1",
                Port = port,
                CallingAETitle = "ARCHIVE",
                CalledAETitle = Command.MoveDestination ?? "OURS",
                PresentationContexts = [new PresentationContextProposal(Uids.CTImageStorage, ["1.2.840.10008.1.2.1"])],
            }, Token);
        var reader = new DimseReader(association);
        var writer = new DimseWriter(association);
        foreach (var instance in instances)
        {
            var request = StoreRequest(instance, writer.NextMessageId());
            if (originator)
                request = request with
                {
                    MoveOriginatorAETitle = Association.Request.CallingAETitle,
                    MoveOriginatorMessageId = Command.MessageId
                };
            await writer.SendAsync(association.AcceptedContexts[0], request, instance, Token);
            await reader.ReceiveAsync(Token);
        }

        await association.ReleaseAsync(Token);
    }

    /// <summary>
    /// Sends an instance over the association of the C-GET, in its transfer syntax, and gives the status of the answer; null when no
    /// context fits.
    /// </summary>
    public async Task<ushort?> StoreAsync(DicomDataset instance, string syntax = "1.2.840.10008.1.2.1")
    {
        var sopClass = instance.GetString(Tags.SOPClassUID);
        if (Association.AcceptedContexts.FirstOrDefault(
            c => c.AbstractSyntax == sopClass && c.TransferSyntax == syntax && c.ScpRole) is not { } context)
            return null;
        await Writer.SendAsync(context, StoreRequest(instance, Writer.NextMessageId()), instance, Token);
        while (await Reader.ReceiveAsync(Token) is { } message)
        {
            if (message.Command.Field != CommandField.CCancelRequest)
                return message.Command.Status;
            Archive.Cancelled.Enqueue(message.Command.RespondedTo!.Value);
        }

        throw new InvalidOperationException("The client released in the middle of C-GET.");
    }

    /// <summary>A match of a C-FIND.</summary>
    public Task MatchAsync(DicomDataset match) => Writer.SendAsync(Message.Context, Command.Respond(0xFF00), match, Token).AsTask();

    /// <summary>Waits for C-CANCEL.</summary>
    public async Task WaitForCancelAsync()
    {
        var message = await Reader.ReceiveAsync(Token);
        Archive.Cancelled.Enqueue(message!.Command.RespondedTo!.Value);
    }

    private static CommandSet StoreRequest(DicomDataset instance, ushort id) => new()
    {
        Field = CommandField.CStoreRequest,
        MessageId = id,
        AffectedSopClassUid = instance.GetString(Tags.SOPClassUID),
        AffectedSopInstanceUid = instance.GetString(Tags.SOPInstanceUID),
        Priority = DicomPriority.Medium,
    };

    private async Task RespondAsync(ushort status, int? remaining, int? completed, int? failed, int? warning, params string[] failedUids)
    {
        var response = Command.Respond(status) with
        {
            Remaining = (ushort?)remaining,
            Completed = (ushort?)completed,
            Failed = (ushort?)failed,
            Warning = (ushort?)warning,
        };
        if (failedUids.Length == 0)
        {
            await Writer.SendAsync(Message.Context, response, Token);
            return;
        }

        var identifier = new DicomDataset();
        identifier.Set(Tags.FailedSOPInstanceUIDList, failedUids);
        await Writer.SendAsync(Message.Context, response, identifier, Token);
    }
}
