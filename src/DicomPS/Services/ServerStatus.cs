using System.Globalization;
using System.Runtime.Serialization;
using DicomPS.Archives;
using DicomPS.Scripts;
using DicomPS.Serving;

namespace DicomPS.Services;

/// <summary>One server of it.</summary>
[DataContract]
internal sealed class ServerStatus
{
    [DataMember(Order = 0)]
    public string Kind { get; set; } = "";

    [DataMember(Order = 1)]
    public string AETitle { get; set; } = "";

    [DataMember(Order = 2)]
    public int Port { get; set; }

    [DataMember(Order = 3)]
    public string State { get; set; } = "";

    [DataMember(Order = 4)]
    public long Associations { get; set; }

    [DataMember(Order = 5)]
    public long Received { get; set; }

    [DataMember(Order = 6)]
    public long Failed { get; set; }

    [DataMember(Order = 7)]
    public long Refused { get; set; }

    public static ServerStatus Of(RunningServer server)
    {
        var (kind, received, failed) = server switch
        {
            StorageServer storage => ("StorageScp", storage.Received, storage.Failed),
            ArchiveServer archive => ("Archive", archive.Received, archive.Failed),
            ScriptServer scripts => ("Scp", scripts.Requests, scripts.Failed),
            _ => (server.GetType().Name, 0, 0),
        };
        return new ServerStatus
        {
            Kind = kind,
            AETitle = server.AETitle,
            Port = server.Port,
            State = server.State,
            Associations = server.Associations,
            Received = received,
            Failed = failed,
            Refused = server.Refused,
        };
    }
}
