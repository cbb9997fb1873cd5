using System.Globalization;
using System.Runtime.Serialization;
using DicomPS.Serving;

namespace DicomPS.Services;

/// <summary>What a running service tells of itself, in a file that any session may read. Counts and titles; nothing of patients.</summary>
[DataContract]
internal sealed class ServiceStatus
{
    public const string FileName = "status.json";

    /// <summary>A file whose presence asks the service to stop, where there are no signals.</summary>
    public const string StopFileName = "stop";

    [DataMember(Order = 0, IsRequired = true)]
    public int ProcessId { get; set; }

    [DataMember(Order = 1, IsRequired = true)]
    public string Mark { get; set; } = "";

    [DataMember(Order = 2)]
    public string StartedAt { get; set; } = "";

    [DataMember(Order = 3)]
    public string UpdatedAt { get; set; } = "";

    [DataMember(Order = 4)]
    public ServerStatus[] Servers { get; set; } = [];

    /// <summary>What the service of that folder says; null when it says nothing that can be read.</summary>
    public static ServiceStatus? TryRead(string folder)
    {
        try
        {
            return ServiceDefinition.Read<ServiceStatus>(Path.Combine(folder, FileName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SerializationException)
        {
            return null;
        }
    }

    /// <summary>Whether the process that wrote it is still there, and no other one has got its number.</summary>
    public bool IsAlive => ProcessId > 0 && Mark.Length > 0 && ProcessMark.Of(ProcessId) == Mark;

    public DateTime? Started => Moment(StartedAt);

    public DateTime? Updated => Moment(UpdatedAt);

    private static DateTime? Moment(string text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var moment) ? moment.ToLocalTime() : null;
}
