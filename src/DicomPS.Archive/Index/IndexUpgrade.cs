using System.Data.Common;

namespace DicomPS.Archiving.Index;

/// <summary>Brings the tables of earlier versions up to date, inside the transaction of its caller.</summary>
internal static class IndexUpgrade
{
    private static readonly string[] Tables = ["patients", "studies", "series", "instances"];

    /// <summary>
    /// Version 1 knew a study, a series and an instance by its UID alone, so that another patient's took its place. The rows go over
    /// as they are. Files that their rows may not describe any more are marked as changed, so that an archive reads them again.
    /// </summary>
    public static void FromOne(DbConnection connection, string schema)
    {
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
            var indexes = new List<string>();
            using (var rows = command.ExecuteReader())
            {
                while (rows.Read())
                    indexes.Add(rows.GetString(0));
            }

            indexes.ForEach(index => IndexDatabase.Execute(connection, $"DROP INDEX \"{index}\";"));
        }

        foreach (var table in Tables)
            IndexDatabase.Execute(connection, $"ALTER TABLE {table} RENAME TO old_{table};");
        IndexDatabase.Execute(connection, schema);
        // Two rows of one file: it has become another instance, and the later row is the one that knows.
        const string doubled = """
            SELECT o.id FROM old_instances o JOIN (SELECT Path, max(id) AS kept FROM old_instances WHERE Path IS NOT NULL
            GROUP BY Path HAVING count(*) > 1) d ON d.Path = o.Path AND d.kept <> o.id
            """;
        foreach (var table in Tables)
        {
            var columns = string.Join(", ", ColumnsOf(connection, "old_" + table));
            IndexDatabase.Execute(connection, $"""
                INSERT INTO {table} ({columns}) SELECT {columns}
                FROM old_{table}{(table == "instances" ? $" WHERE id NOT IN ({doubled})" : "")} ORDER BY id;
                """);
        }

        foreach (var table in Enumerable.Reverse(Tables))
            IndexDatabase.Execute(connection, $"DROP TABLE old_{table};");
        // A file in the folder of another study than its row says was taken over by that study.
        IndexDatabase.Execute(connection, """
            UPDATE instances SET FileTime = 0 WHERE id IN (
                SELECT i.id FROM instances i JOIN series r ON r.id = i.series JOIN studies t ON t.id = r.study
                WHERE instr(i.Path, '/') > 1 AND substr(i.Path, 1, instr(i.Path, '/') - 1) <> t.StudyInstanceUID
                AND EXISTS (SELECT 1 FROM studies o WHERE o.StudyInstanceUID = substr(i.Path, 1, instr(i.Path, '/') - 1)));
            """);
    }

    private static List<string> ColumnsOf(DbConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM pragma_table_info('{table}')";
        using var rows = command.ExecuteReader();
        var columns = new List<string>();
        while (rows.Read())
            columns.Add(rows.GetString(0));
        return columns;
    }
}
