using System.Data.Common;
using System.Globalization;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>Something that came with a UID of something else: of another patient, study or series. Both are kept.</summary>
public sealed record IndexConflict
{
    /// <summary>When it came, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>
    /// Whose UID it is: INSTANCE when the SOP Instance UID is that of another, SERIES, or STUDY when only that of the study is.
    /// </summary>
    public required string Level { get; init; }

    /// <summary>Who sent it, or null.</summary>
    public string? Source { get; init; }

    /// <summary>Its file, as it stands in the index.</summary>
    public string? Path { get; init; }

    /// <summary>Its Patient ID (0010,0020), or null.</summary>
    public string? PatientId { get; init; }

    /// <summary>Issuer of Patient ID (0010,0021), or null.</summary>
    public string? Issuer { get; init; }

    /// <summary>Its study.</summary>
    public required string StudyInstanceUid { get; init; }

    /// <summary>Its series.</summary>
    public required string SeriesInstanceUid { get; init; }

    /// <summary>The instance.</summary>
    public required string SopInstanceUid { get; init; }

    /// <summary>Who sent the other, or null.</summary>
    public string? OtherSource { get; init; }

    /// <summary>The Patient ID of what was there, or null.</summary>
    public string? OtherPatientId { get; init; }

    /// <summary>The issuer of that, or null.</summary>
    public string? OtherIssuer { get; init; }

    /// <summary>The study of what was there.</summary>
    public required string OtherStudyInstanceUid { get; init; }

    /// <summary>The series of what was there; null when only the study is the same.</summary>
    public string? OtherSeriesInstanceUid { get; init; }

    /// <summary>The statement that reads them, in the order in which they came.</summary>
    internal const string Select = """
        SELECT At, Level, Source, Path, PatientID, IssuerOfPatientID, StudyInstanceUID,
            SeriesInstanceUID, SOPInstanceUID,
        OtherSource, OtherPatientID, OtherIssuerOfPatientID, OtherStudyInstanceUID, OtherSeriesInstanceUID FROM conflicts ORDER BY id
        """;

    /// <summary>Who sent what, and what it met.</summary>
    public override string ToString() => SafeText.Clean(
        $"{Source ?? "An import"} brought {SopInstanceUid} of patient {PatientId ?? "without ID"}, study {StudyInstanceUid}; its "
        + $"{Level} UID is in the archive for patient {OtherPatientId ?? "without ID"}, study {OtherStudyInstanceUid}"
        + $"{(OtherSeriesInstanceUid is null ? "" : $", series {OtherSeriesInstanceUid}")}. Both are kept.");

    internal static IndexConflict Of(QueryLevel level, IndexEntry entry, RowOwner other, DateTime at) => new()
    {
        At = at,
        Level = level == QueryLevel.Image ? "INSTANCE" : QueryLevels.TextOf(level),
        Source = entry.Source,
        Path = entry.File?.Path,
        PatientId = entry.Rows[0]?.PatientID,
        Issuer = entry.Rows[0]?.Issuer,
        StudyInstanceUid = entry.Rows[1]!.Uid!,
        SeriesInstanceUid = entry.Rows[2]!.Uid!,
        SopInstanceUid = entry.Rows[3]!.Uid!,
        OtherSource = other.Source,
        OtherPatientId = other.PatientId,
        OtherIssuer = other.Issuer,
        OtherStudyInstanceUid = other.StudyUid,
        OtherSeriesInstanceUid = other.SeriesUid,
    };

    internal static IndexConflict Read(DbDataReader row)
    {
        return new IndexConflict
        {
            At = DateTime.Parse(row.GetString(0), CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
            Level = row.GetString(1),
            Source = Text(2),
            Path = Text(3),
            PatientId = Text(4),
            Issuer = Text(5),
            StudyInstanceUid = row.GetString(6),
            SeriesInstanceUid = row.GetString(7),
            SopInstanceUid = row.GetString(8),
            OtherSource = Text(9),
            OtherPatientId = Text(10),
            OtherIssuer = Text(11),
            OtherStudyInstanceUid = row.GetString(12),
            OtherSeriesInstanceUid = Text(13),
        };

        string? Text(int at) => row.IsDBNull(at) ? null : row.GetString(at);
    }

    internal static void Restore(IndexDatabase database, DbConnection connection, IReadOnlyList<IndexConflict> conflicts)
    {
        IndexDatabase.Execute(connection, "CREATE TEMP TABLE found AS SELECT * FROM conflicts; DELETE FROM conflicts;");
        foreach (var conflict in conflicts)
            conflict.Write(database, connection);
        // Which of the two came first, and who sent it, only the old index knew.
        IndexDatabase.Execute(connection, """
            INSERT INTO conflicts (At, Level, Source, Path, PatientID, IssuerOfPatientID, StudyInstanceUID,
            SeriesInstanceUID, SOPInstanceUID,
            OtherSource, OtherPatientID, OtherIssuerOfPatientID, OtherStudyInstanceUID, OtherSeriesInstanceUID)
            SELECT At, Level, Source, Path, PatientID, IssuerOfPatientID, StudyInstanceUID,
            SeriesInstanceUID, SOPInstanceUID,
            OtherSource, OtherPatientID, OtherIssuerOfPatientID, OtherStudyInstanceUID, OtherSeriesInstanceUID FROM found
            WHERE NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.SOPInstanceUID = found.SOPInstanceUID
            OR (c.Level = found.Level AND found.Level = 'SERIES' AND c.SeriesInstanceUID = found.SeriesInstanceUID)
            OR (c.Level = found.Level AND found.Level = 'STUDY' AND c.StudyInstanceUID = found.StudyInstanceUID));
            DROP TABLE found;
            """);
    }

    internal void Write(IndexDatabase database, DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO conflicts (At, Level, Source, Path, PatientID, IssuerOfPatientID, StudyInstanceUID,
            SeriesInstanceUID, SOPInstanceUID,
            OtherSource, OtherPatientID, OtherIssuerOfPatientID, OtherStudyInstanceUID, OtherSeriesInstanceUID)
            VALUES ($c0, $c1, $c2, $c3, $c4, $c5, $c6, $c7, $c8, $c9, $c10, $c11, $c12, $c13)
            """;
        database.Ready(command);
        object?[] values =
        [
            At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), Level, Source, Path, PatientId, Issuer,
            StudyInstanceUid,
            SeriesInstanceUid, SopInstanceUid, OtherSource, OtherPatientId, OtherIssuer, OtherStudyInstanceUid, OtherSeriesInstanceUid,
        ];
        for (var i = 0; i < values.Length; i++)
            command.Bind("c" + i.ToString(CultureInfo.InvariantCulture), values[i]);
        command.ExecuteNonQuery();
    }
}
