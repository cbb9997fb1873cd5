using System.Net;
using DicomPS.Auditing;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Serialization;

namespace DicomPS.Scp;

/// <summary>
/// Makes audit records of what happens on a server: a record for each query and retrieve, one for each study that an association brought,
/// one for each caller that was refused. Any thread may use it.
/// </summary>
/// <param name="trail">Where they go.</param>
/// <param name="aeTitle">The server.</param>
internal sealed class ServerAudit(AuditTrail trail, string aeTitle)
{
    private const int MostTransfers = 10_000, MostInstances = 100_000;
    private readonly Dictionary<(string Remote, string? Study, string? Patient, bool Failed), Transfer> _transfers = [];

    /// <summary>The server began or ended.</summary>
    public void Activity(bool isStart) =>
        trail.Add(new AuditRecord
        {
            Kind = isStart ? AuditKind.Started : AuditKind.Stopped, LocalAETitle = aeTitle, IsRemoteRequestor = false,
        });

    /// <summary>A caller was refused, or may not do what it asked for.</summary>
    public void Refused(ServerEvent what) => trail.Add(About(what.RemoteEndPoint, what.CallingAETitle) with
    {
        Kind = AuditKind.Refused,
        Outcome = 8,
        Operation = what.Operation,
        Status = what.Status,
        Reason = what.Reason ?? what.Text,
    });

    /// <summary>A request got its answer.</summary>
    public void Answered(ServiceCall call, ushort? status)
    {
        var outcome = DimseStatus.CategoryOf(status) is DimseStatusCategory.Failure ? 4 : 0;
        var remote = call.Association.RemoteEndPoint.ToString();
        var calling = call.Association.Request.CallingAETitle;
        var record = About(remote, calling) with
        {
            Kind = AuditKind.Transferred,
            Outcome = outcome,
            Operation = call.Command.Operation,
            Status = status,
        };
        switch (call.Command.Field)
        {
            case CommandField.CStoreRequest:
                Count(record, remote, call);
                break;
            case CommandField.CFindRequest:
                trail.Add(record with
                {
                    Kind = AuditKind.Queried,
                    PatientId = Patient(call),
                    StudyUids = Studies(call),
                    Query = Identifier(call),
                    SopClasses = new Dictionary<string, int> { [call.Command.AffectedSopClassUid ?? ""] = 0 },
                });
                break;
            case CommandField.CMoveRequest or CommandField.CGetRequest:
                var failed = call.Subject.Failed;
                string[] told = [.. new[] { call.Command.MoveDestination is { } to ? $"to {to}" : null,
                    failed > 0 ? $"{failed} sub-operation(s) failed" : null }.OfType<string>()];
                trail.Add(record with
                {
                    // B000H, a warning, is that some failed (PS3.4 C.4.2.1.5).
                    Outcome = failed > 0 ? Math.Max(record.Outcome, 4) : record.Outcome,
                    PatientId = Patient(call),
                    StudyUids = Studies(call),
                    SopClasses = call.Subject.Sent,
                    Instances = call.Subject.Sent.Values.Sum(),
                    Reason = told.Length > 0 ? string.Join("; ", told) : null,
                });
                break;
            default:
                break;
        }
    }

    /// <summary>An association ended: what it brought is told.</summary>
    public void Ended(string remote)
    {
        List<Transfer> over;
        lock (_transfers)
        {
            var keys = _transfers.Keys.Where(key => key.Remote == remote).ToList();
            over = keys.ConvertAll(key => _transfers[key]);
            keys.ForEach(key => _transfers.Remove(key));
        }

        over.ForEach(transfer => trail.Add(transfer.Record with { SopClasses = transfer.Classes }));
    }

    private void Count(AuditRecord record, string remote, ServiceCall call)
    {
        var key = (remote, call.Subject.StudyUid, call.Subject.PatientId, record.Outcome != 0);
        Transfer? over = null;
        lock (_transfers)
        {
            if (!_transfers.TryGetValue(key, out var transfer))
            {
                if (_transfers.Count >= MostTransfers)
                {
                    // More studies at once than any association brings: told one by one.
                    over = new Transfer(record with { IsInbound = true });
                    over.Count(call.Command.AffectedSopClassUid ?? "");
                }
                else
                {
                    _transfers[key] = transfer = new Transfer(record with
                    {
                        IsInbound = true,
                        PatientId = call.Subject.PatientId,
                        StudyUids = call.Subject.StudyUid is { Length: > 0 } study ? [study] : [],
                    });
                }
            }

            if (transfer?.Count(call.Command.AffectedSopClassUid ?? "") >= MostInstances)
            {
                _transfers.Remove(key);
                over = transfer;
            }
        }

        if (over is { })
            trail.Add(over.Record with { SopClasses = over.Classes });
    }

    private AuditRecord About(string remote, string? calling) => new()
    {
        Kind = AuditKind.Refused,
        LocalAETitle = aeTitle,
        RemoteAETitle = calling,
        RemoteAddress = IPEndPoint(remote),
    };

    private static string? IPEndPoint(string remote)
    {
        var colon = remote.LastIndexOf(':');
        return colon > 0 && IPAddress.TryParse(remote.Substring(0, colon).Trim('[', ']'), out var address) ? address.ToString()
            : remote.Length > 0 ? remote : null;
    }

    private static string? Patient(ServiceCall call) => call.Identifier?.GetString(Tags.PatientID) is { Length: > 0 } id ? id : null;

    private static IReadOnlyList<string> Studies(ServiceCall call) =>
        call.Identifier?.GetString(Tags.StudyInstanceUID) is { Length: > 0 } list
            ? [.. list.Split('\\').Where(uid => uid.Length > 0).Take(1000)] : [];

    private static byte[]? Identifier(ServiceCall call)
    {
        try
        {
            return call.Identifier is { } identifier ? DatasetWriter.ToArray(identifier, TransferSyntax.ExplicitVRLittleEndian) : null;
        }
        catch (Exception problem) when (problem is DicomException or InvalidOperationException or ArgumentException)
        {
            // The record without it is better than none.
            return null;
        }
    }

    private sealed class Transfer(AuditRecord record)
    {
        private int _instances;

        public AuditRecord Record { get; } = record;

        public Dictionary<string, int> Classes { get; } = [];

        public int Count(string sopClass)
        {
            Classes[sopClass] = Classes.TryGetValue(sopClass, out var before) ? before + 1 : 1;
            return ++_instances;
        }
    }
}
