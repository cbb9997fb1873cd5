using System.Data.Common;

namespace DicomPS.Archiving.Index;

/// <summary>What an identity says above the row itself.</summary>
/// <param name="PatientId">Patient ID of the patient's row; null for none.</param>
/// <param name="Issuer">Issuer of Patient ID; null for none.</param>
/// <param name="StudyUid">The study.</param>
/// <param name="SeriesUid">The series, of a series or an instance.</param>
/// <param name="Source">Who sent it last.</param>
internal sealed record RowOwner(string? PatientId, string? Issuer, string StudyUid, string? SeriesUid, string? Source);

/// <summary>A study's row.</summary>
internal sealed record StudyOfUid(long Id, long? Patient, bool HasFiles, RowOwner Owner);

/// <summary>A row of a series.</summary>
internal sealed record SeriesOfUid(long Id, long Study, RowOwner Owner);

/// <summary>A row of an instance.</summary>
internal sealed record InstanceOfUid(long Id, long Series, long Study, IndexedFile? File, RowOwner Owner);

/// <summary>The rows that have a UID. A UID alone says nothing: several patients, studies and series may have it.</summary>
internal sealed class IdentityRows(IndexDatabase database, DbConnection connection) : IDisposable
{
    private const string Patient = "LEFT JOIN patients p ON p.id = t.patient";

    private readonly IndexStatement _studies = database.Statement(connection, $"""
        SELECT t.id, t.patient, CASE WHEN EXISTS (
            SELECT 1 FROM series r JOIN instances i ON i.series = r.id WHERE r.study = t.id AND i.Path IS NOT NULL) THEN 1 ELSE 0 END,
        p.PatientID, p.IssuerOfPatientID, t.StudyInstanceUID, NULL, t.Source
        FROM studies t {Patient} WHERE t.StudyInstanceUID = $uid ORDER BY t.id
        """);

    private readonly IndexStatement _series = database.Statement(connection, $"""
        SELECT r.id, r.study, p.PatientID, p.IssuerOfPatientID, t.StudyInstanceUID, r.SeriesInstanceUID, r.Source
        FROM series r JOIN studies t ON t.id = r.study {Patient} WHERE r.SeriesInstanceUID = $uid ORDER BY r.id
        """);

    private readonly IndexStatement _instances =
        database.Statement(connection, $"{OfInstances} WHERE i.SOPInstanceUID = $uid ORDER BY i.id");

    private readonly IndexStatement _atPath = database.Statement(connection, $"{OfInstances} WHERE i.Path = $path");

    private const string OfInstances = $"""
        SELECT i.id, i.series, r.study, i.Path, i.FileSize, i.FileTime, i.TransferSyntaxUID,
        p.PatientID, p.IssuerOfPatientID, t.StudyInstanceUID, r.SeriesInstanceUID, i.Source
        FROM instances i JOIN series r ON r.id = i.series JOIN studies t ON t.id = r.study {Patient}
        """;

    public List<StudyOfUid> Studies(string uid)
    {
        _studies.Bind("$uid", uid);
        return _studies.Read(
            row => new StudyOfUid(row.Number(0), row.NumberOrNull(1), row.Number(2) != 0, Owner(row, 3)));
    }

    public List<SeriesOfUid> Series(string uid)
    {
        _series.Bind("$uid", uid);
        return _series.Read(row => new SeriesOfUid(row.Number(0), row.Number(1), Owner(row, 2)));
    }

    public List<InstanceOfUid> Instances(string uid)
    {
        _instances.Bind("$uid", uid);
        return _instances.Read(Instance);
    }

    /// <summary>The instance whose file has a path; null for none.</summary>
    public InstanceOfUid? AtPath(string path)
    {
        _atPath.Bind("$path", path);
        return _atPath.Read(Instance).FirstOrDefault();
    }

    /// <summary>
    /// Which of the studies with one UID is meant. A patient is an ID and its issuer, where an issuer that is not said is any. Who
    /// names no ID is the study's own patient. What is known by answers alone is the study of whoever comes first.
    /// </summary>
    public static StudyOfUid? Choose(List<StudyOfUid> studies, IndexRow? patient, bool isAnswer)
    {
        var nameless = studies.Find(study => study.Owner.PatientId is null);
        if (patient?.PatientID is not { } id)
            return nameless ?? (isAnswer ? studies.FirstOrDefault() : null);
        return studies.Find(study => study.Owner.PatientId == id && study.Owner.Issuer == patient.Issuer)
            ?? studies.Find(study => study.Owner.PatientId == id && (patient.Issuer is null || study.Owner.Issuer is null))
            ?? (nameless is { HasFiles: false } ? nameless : null);
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _studies, _series, _instances, _atPath })
            statement.Dispose();
    }

    private static InstanceOfUid Instance(IndexStatement row) => new(row.Number(0), row.Number(1), row.Number(2),
        row.TextOrNull(3) is { } path
            ? new IndexedFile(path, row.NumberOrNull(4) ?? 0, new DateTime(row.NumberOrNull(5) ?? 0, DateTimeKind.Utc), row.TextOrNull(6))
            : null,
        Owner(row, 7));

    private static RowOwner Owner(IndexStatement row, int at) =>
        new(row.TextOrNull(at), row.TextOrNull(at + 1), row.Text(at + 2), row.TextOrNull(at + 3), row.TextOrNull(at + 4));
}
