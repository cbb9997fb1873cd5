using System.Data.Common;
using System.Globalization;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>
/// The marks of what was retrieved: a table of its own, by UIDs, so that a mark outlives the rows that are written anew, and stands where
/// a study is not known yet. Earlier versions of the module pass over it, and an index that has none gets it when it is opened.
/// </summary>
internal static class IndexMarks
{
    /// <summary>How many columns <see cref="Columns"/> has.</summary>
    public const int ColumnCount = 4;

    /// <summary>The table.</summary>
    public const string Table = """
        CREATE TABLE IF NOT EXISTS retrieved (
            StudyInstanceUID TEXT NOT NULL,
            SeriesInstanceUID TEXT NOT NULL,
            Retrieved TEXT NOT NULL,
            Instances INTEGER,
            OfInstances INTEGER,
            IsWhole INTEGER NOT NULL,
            PRIMARY KEY (StudyInstanceUID, SeriesInstanceUID)
        ) WITHOUT ROWID;
        """;

    /// <summary>Makes the table where there is none.</summary>
    public static void Prepare(DbConnection connection)
    {
        if (IndexDatabase.Number(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'retrieved'") == 0)
            IndexDatabase.Execute(connection, Table);
    }

    /// <summary>Writes a mark. What was whole stays marked as whole when a later try brings less.</summary>
    public static void Write(IndexDatabase database, DbConnection connection, RetrieveMark mark)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO retrieved (StudyInstanceUID, SeriesInstanceUID, Retrieved, Instances, OfInstances, IsWhole)
            VALUES ($study, $series, $at, $instances, $of, $whole)
            ON CONFLICT (StudyInstanceUID, SeriesInstanceUID) DO UPDATE SET Retrieved = excluded.Retrieved,
                Instances = excluded.Instances, OfInstances = excluded.OfInstances, IsWhole = excluded.IsWhole
            WHERE excluded.IsWhole >= retrieved.IsWhole
            """;
        database.Ready(command);
        command.Bind("study", mark.StudyInstanceUid);
        command.Bind("series", mark.SeriesInstanceUid ?? "");
        command.Bind("at", mark.At.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        command.Bind("instances", mark.Instances);
        command.Bind("of", mark.Of);
        command.Bind("whole", mark.IsWhole ? 1 : 0);
        command.ExecuteNonQuery();
    }

    /// <summary>The studies that an index knows of a patient.</summary>
    public static List<string> StudiesOf(IndexDatabase database, DbConnection connection, string patientId)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT StudyInstanceUID FROM studies WHERE PatientID = $id";
        database.Ready(command);
        command.Bind("id", patientId);
        using var rows = command.ExecuteReader();
        var studies = new List<string>();
        while (rows.Read())
            studies.Add(rows.GetString(0));
        return studies;
    }

    /// <summary>
    /// The columns of a query for the mark: when, how many, of how many, and whether that is all. A study that has grown since is whole no
    /// more; it is marked by its own retrieve or by those of its series, a series by its own or by that of its whole study.
    /// </summary>
    /// <param name="level">The level of the query.</param>
    public static IEnumerable<string> Columns(QueryLevel level)
    {
        if (level is not (QueryLevel.Study or QueryLevel.Series))
            return ["NULL", "NULL", "NULL", "0"];
        var known = ComputedAttributes.Expression(level == QueryLevel.Study
            ? Dictionary.Tags.NumberOfStudyRelatedInstances : Dictionary.Tags.NumberOfSeriesRelatedInstances, level)!;
        var (retrieved, mine, of, isWhole) = level == QueryLevel.Study ? OfStudy() : OfSeries();
        var came = $"coalesce({mine}, CASE WHEN {retrieved} IS NULL THEN NULL ELSE {known} END)";
        var all = $"CASE WHEN {retrieved} IS NULL THEN NULL ELSE "
            + $"nullif({{max}}(coalesce({of}, 0), coalesce({known}, 0), coalesce({mine}, 0)), 0) END";
        return [retrieved, came, all, $"CASE WHEN {isWhole} = 1 AND coalesce({came}, 0) >= coalesce({all}, 0) THEN 1 ELSE 0 END"];
    }

    private static (string Retrieved, string Mine, string Of, string IsWhole) OfSeries()
    {
        string One(string column, string elsewhere) => $"coalesce({Of("r.SeriesInstanceUID", column)}, {elsewhere})";
        string OfItsStudy(string column) => Of("''", column, " AND m.IsWhole = 1");
        var unknown = "CAST(NULL AS INTEGER)";
        return (One("Retrieved", OfItsStudy("Retrieved")), One("Instances", unknown), One("OfInstances", unknown),
            $"coalesce({One("IsWhole", OfItsStudy("IsWhole"))}, 0)");
    }

    // A study that came series by series is whole when each that is known is, and no more were told of.
    private static (string Retrieved, string Mine, string Of, string IsWhole) OfStudy()
    {
        const string series = "FROM series s JOIN retrieved m ON m.StudyInstanceUID = t.StudyInstanceUID "
            + "AND m.SeriesInstanceUID = s.SeriesInstanceUID WHERE s.study = t.id";
        const string inSeries = "nullif({max}(coalesce({number:s.NumberOfSeriesRelatedInstances}, 0), "
            + "(SELECT count(*) FROM instances z WHERE z.series = s.id)), 0)";
        var whole = $"(SELECT count(*) {series} AND m.IsWhole = 1)";
        var told = ComputedAttributes.Expression(Dictionary.Tags.NumberOfStudyRelatedSeries, QueryLevel.Study)!;
        return ($"coalesce({Of("''", "Retrieved")}, (SELECT max(m.Retrieved) {series}))",
            $"nullif({{max}}(coalesce({Of("''", "Instances")}, 0), "
            + $"coalesce((SELECT sum(coalesce(m.Instances, CASE WHEN m.IsWhole = 1 THEN {inSeries} END)) {series}), 0)), 0)",
            Of("''", "OfInstances"),
            $"CASE WHEN coalesce({Of("''", "IsWhole")}, 0) = 1 OR {whole} >= coalesce({told}, 1) THEN 1 ELSE 0 END");
    }

    private static string Of(string series, string column, string more = "") =>
        $"(SELECT m.{column} FROM retrieved m WHERE m.StudyInstanceUID = t.StudyInstanceUID AND m.SeriesInstanceUID = {series}{more})";
}
