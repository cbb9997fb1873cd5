using System.Data.Common;
using System.Globalization;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>
/// Takes rows out of an index, with what is below them and what is left empty above, inside the transaction of its caller.
/// </summary>
internal sealed class IndexEraser(IndexDatabase database, DbConnection connection)
{
    private static readonly string[] Tables = ["patients", "studies", "series", "instances"],
        Parents = ["NULL", "patient", "study", "series"];
    private static readonly string[] Uids = ["PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"];

    private static readonly string[] Instances =
    [
        "series IN (SELECT series.id FROM series JOIN studies ON studies.id = study WHERE patient = $key)",
        "series IN (SELECT id FROM series WHERE study = $key)",
        "series = $key",
        "id = $key",
    ];

    /// <summary>Everything of a level that has a UID, or a Patient ID; how many instances that were.</summary>
    public long Delete(QueryLevel level, string uid)
    {
        long count = 0;
        while (Scalar($"SELECT id FROM {Tables[(int)level]} WHERE {Uids[(int)level]} = $key LIMIT 1", uid) is long id)
            count += Delete(level, id);
        return count;
    }

    /// <summary>The instance whose file has a path, if there is one.</summary>
    public long DeletePath(string path) =>
        Scalar("SELECT id FROM instances WHERE Path = $key", path) is long id ? Delete(QueryLevel.Image, id) : 0;

    /// <summary>One row.</summary>
    public long Delete(QueryLevel level, long row)
    {
        var count = (long)Scalar($"SELECT count(*) FROM instances WHERE {Instances[(int)level]}", row)!;
        var parent = Scalar($"SELECT {Parents[(int)level]} FROM {Tables[(int)level]} WHERE id = $key", row);
        Scalar($"DELETE FROM {Tables[(int)level]} WHERE id = $key", row);
        for (var at = (int)level; parent is long id && at > 0; at--)
        {
            if (Scalar($"SELECT 1 FROM {Tables[at]} WHERE {Parents[at]} = $key LIMIT 1", id) is { })
                break;
            parent = Scalar($"SELECT {Parents[at - 1]} FROM {Tables[at - 1]} WHERE id = $key", id);
            Scalar($"DELETE FROM {Tables[at - 1]} WHERE id = $key", id);
        }

        return count;
    }

    /// <summary>
    /// Series, studies and patients without an instance. Only an archive has none of them; an index of answers is made of them.
    /// </summary>
    public long DeleteEmpty()
    {
        var before = (long)Scalar("SELECT total_changes()", 0)!;
        Scalar("DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM instances WHERE series = series.id)", 0);
        Scalar("DELETE FROM studies WHERE NOT EXISTS (SELECT 1 FROM series WHERE study = studies.id)", 0);
        Scalar("DELETE FROM patients WHERE NOT EXISTS (SELECT 1 FROM studies WHERE patient = patients.id)", 0);
        return (long)Scalar("SELECT total_changes()", 0)! - before;
    }

    private object? Scalar(string sql, object key)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        database.Ready(command);
        command.Bind("key", key);
        return command.ExecuteScalar() is { } found and not DBNull ? found : null;
    }
}
