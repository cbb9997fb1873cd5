using System.Collections;
using System.Collections.Specialized;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Scripts;

/// <summary>What a script block of Start-DicomScp is asked: its first argument, and $_.</summary>
public sealed class DicomRequest
{
    private readonly ServiceCall _call;
    private readonly CancellationToken _cancelled;

    internal DicomRequest(ServiceCall call, ServiceOperation operation, IncomingInstance? instance, CancellationToken cancelled)
    {
        _call = call;
        _cancelled = cancelled;
        Service = operation.Service;
        Identifier = call.Identifier;
        Keys = Identifier is { } identifier ? KeysOf(identifier) : new OrderedDictionary(StringComparer.OrdinalIgnoreCase);
        Instance = instance is null ? null : new RequestInstance(instance);
    }

    /// <summary>C-ECHO, C-STORE, C-FIND, C-MOVE or C-GET.</summary>
    public string Operation => _call.Command.Operation;

    /// <summary>The service of the SOP class.</summary>
    public DicomService Service { get; }

    /// <summary>The SOP class by name.</summary>
    public string SOPClass => DicomDictionary.NameOf(SOPClassUID);

    /// <summary>The SOP class UID.</summary>
    public string SOPClassUID => _call.Message.Context.AbstractSyntax;

    /// <summary>The identifier of C-FIND, C-MOVE and C-GET as a dataset; otherwise null.</summary>
    public DicomDataset? Identifier { get; }

    /// <summary>
    /// The identifier by keyword: text, texts where there are several, and items of sequences as tables like this one; an empty text
    /// where any value will do.
    /// </summary>
    public IDictionary Keys { get; }

    /// <summary>Query/Retrieve Level (0008,0052): PATIENT, STUDY, SERIES or IMAGE; null where there is none.</summary>
    public string? Level => Identifier?.GetString(Tags.QueryRetrieveLevel);

    /// <summary>The instance of C-STORE; otherwise null.</summary>
    public RequestInstance? Instance { get; }

    /// <summary>
    /// What was agreed with the peer by extended negotiation, as -Agree names it: Relational, DateTime, FuzzyName, TimeZone, View.
    /// </summary>
    public string[] Agreed => QueryAgreements.Of(_call.Association, SOPClassUID);

    /// <summary>The AE title that C-MOVE is to send to; otherwise null.</summary>
    public string? MoveDestination => _call.Command.MoveDestination;

    /// <summary>The AE title of the peer.</summary>
    public string CallingAETitle => _call.Association.Request.CallingAETitle;

    /// <summary>The AE title that the peer called.</summary>
    public string CalledAETitle => _call.Association.Request.CalledAETitle;

    /// <summary>The peer's address and port.</summary>
    public string RemoteEndPoint => _call.Association.RemoteEndPoint.ToString();

    /// <summary>Message ID (0000,0110).</summary>
    public int MessageId => _call.Command.MessageId;

    /// <summary>Priority (0000,0700).</summary>
    public DicomPriority Priority => _call.Command.Priority ?? DicomPriority.Medium;

    /// <summary>The presentation context: its id, abstract syntax and transfer syntax.</summary>
    public AcceptedContext PresentationContext => _call.Message.Context;

    /// <summary>
    /// Whether nobody waits for the answer any more: C-CANCEL came, the association ended, the time is up, or the server stops.
    /// </summary>
    public bool IsCancelled => _cancelled.IsCancellationRequested;

    /// <summary>A request in words.</summary>
    public override string ToString() => SafeText.Clean($"{Operation} from {CallingAETitle} {RemoteEndPoint}");

    internal static string NameOf(CommandField field) => field switch
    {
        CommandField.CEchoRequest => "C-ECHO",
        CommandField.CStoreRequest => "C-STORE",
        CommandField.CFindRequest => "C-FIND",
        CommandField.CMoveRequest => "C-MOVE",
        CommandField.CGetRequest => "C-GET",
        _ => field.ToString(),
    };

    /// <summary>A dataset by keyword.</summary>
    internal static OrderedDictionary KeysOf(DicomDataset dataset)
    {
        var keys = new OrderedDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var element in dataset)
        {
            keys[DicomDictionary.KeywordOf(element.Tag)] = element switch
            {
                DicomSequence sequence => sequence.Items.Select(KeysOf).ToArray(),
                _ => dataset.GetStrings(element.Tag) switch
                {
                    { Length: 0 } => "",
                    { Length: 1 } one => one[0],
                    var several => several,
                },
            };
        }

        return keys;
    }
}
