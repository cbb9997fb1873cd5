using System.Data.Common;
using System.Globalization;
using DicomPS.Associations;

namespace DicomPS.Transfers.Store;

/// <summary>Columns to values.</summary>
internal static class RowReading
{
    private static readonly DateTime Epoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static string? Text(this DbDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);

    public static long? Number(this DbDataReader row, int at) =>
        row.IsDBNull(at) ? null : Convert.ToInt64(row.GetValue(at), CultureInfo.InvariantCulture);

    /// <summary>A moment in the time of this machine.</summary>
    public static DateTime? Moment(this DbDataReader row, int at) => row.Number(at) is { } moment ? Moment(moment) : null;

    /// <summary>A moment in the time of this machine.</summary>
    public static DateTime Moment(long milliseconds) => Epoch.AddMilliseconds(milliseconds).ToLocalTime();

    public static NodeRow Node(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Node = new DicomNode
        {
            Name = row.Text(2),
            AETitle = row.GetString(3),
            HostName = row.GetString(4),
            Port = (int)row.GetInt64(5),
            CallingAETitle = row.GetString(6),
            LocalPort = (int?)row.Number(7),
            From = row.Text(8),
            CharacterSet = row.Text(9),
            Tls = row.GetInt64(10) != 0,
        },
        Throttle = row.GetInt64(11),
        PerHour = row.Number(12),
        BytesPerSecond = row.Number(13),
        Windows = row.Text(14),
        TimeZone = row.Text(15),
        OpenFrom = row.GetInt64(16),
        OpenUntil = row.GetInt64(17),
        Failures = row.GetInt64(18),
        HeldSince = row.Number(19),
        HeldWhy = row.Text(20),
        NextProbe = row.Number(21),
        Now = row.GetInt64(22),
        Taken = row.GetInt64(23),
        RetrieveBy = row.GetString(24),
    };

    public static ItemRow Item(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        StudyUid = row.GetString(1),
        PatientId = row.Text(2),
        PatientName = row.Text(3),
        StudyDate = row.Text(4),
        AccessionNumber = row.Text(5),
        Modalities = row.Text(6),
        Description = row.Text(7),
        ExpectedInstances = row.Number(8),
        SourceInstances = row.Number(9),
        DestinationInstances = row.Number(10),
        Priority = row.GetInt64(11),
        State = row.GetString(12),
        Due = row.Moment(13),
        Attempts = row.GetInt64(14),
        Tries = row.GetInt64(15),
        Worker = row.Number(16),
        Added = Moment(row.GetInt64(17)),
        Started = row.Moment(18),
        Transferred = row.Moment(19),
        Finished = row.Moment(20),
        Bytes = row.Number(21),
        ErrorKind = row.Text(22),
        Error = row.Text(23),
    };

    public static AttemptRow Attempt(DbDataReader row) => new()
    {
        Link = row.GetInt64(0),
        Item = row.GetInt64(1),
        StudyUid = row.GetString(2),
        Number = row.GetInt64(3),
        Phase = row.GetString(4),
        Worker = row.GetInt64(5),
        Started = row.GetInt64(6),
        Finished = row.GetInt64(7),
        State = row.GetString(8),
        Kind = row.Text(9),
        Status = row.Text(10),
        StatusCode = row.Number(11),
        Completed = row.Number(12),
        Failed = row.Number(13),
        Warning = row.Number(14),
        Bytes = row.Number(15),
        SourceInstances = row.Number(16),
        DestinationInstances = row.Number(17),
        Error = row.Text(18),
        Hash = row.GetString(19),
    };

    public static DifferenceRow Difference(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Item = row.Number(1),
        StudyUid = row.GetString(2),
        SeriesUid = row.Text(3),
        InstanceUid = row.Text(4),
        Kind = row.GetString(5),
        Attributes = row.Text(6),
        SourceValue = row.Text(7),
        DestinationValue = row.Text(8),
        Found = Moment(row.GetInt64(9)),
    };
}
