using System.Reflection;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Serialization;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Tests.Index;

/// <summary>
/// An index of version 1, which knew a study, a series and an instance by its UID alone, is brought up to date where it is.
/// </summary>
public sealed class UpgradeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    private string IndexPath => Path.Combine(_folder.Path, "index.sqlite");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_an_old_index_knows_is_known_afterwards_and_it_is_upgraded_once()
    {
        MakeOld(100);
        await using (var index = await ArchiveIndex.OpenAsync(IndexPath, cancellationToken: Cancellation))
        {
            Assert.True(index.IsUpgraded);
            Assert.Equal(new IndexCounts(10, 10, 10, 100, 100 * 500), await index.CountAsync(Cancellation));
            var query = new IndexQuery
            {
                Level = QueryLevel.Image,
                Identifier = Make.Dataset((Tags.PatientName, "OLD*"), (Tags.StudyInstanceUID, "1.3"), (Tags.SOPInstanceUID, ""))
            };
            var found = new List<string>();
            await foreach (var match in index.FindAsync(query, Cancellation))
                found.Add(match.File!);
            Assert.Equal(10, found.Count);
        }

        await using var again = await ArchiveIndex.OpenAsync(IndexPath, cancellationToken: Cancellation);
        Assert.False(again.IsUpgraded);
        Assert.Equal(100, (await again.CountAsync(Cancellation)).Instances);
        Assert.Equal(100, await again.DeleteAsync(QueryLevel.Study, "1.3", Cancellation)
            + (await again.CountAsync(Cancellation)).Instances);
    }

    [Fact]
    public async Task What_another_study_had_taken_over_is_put_right_from_the_files_and_studies_without_instances_go()
    {
        MakeOld(0);
        var anna = await SaveAsync("1.1/9/1.dcm", "ANNA", "1.1");
        await SaveAsync("1.2/9/2.dcm", "BERT", "1.2", "2");
        // Both instances stood in the one row of the series, which was the second study's then; the first study was left empty.
        Execute($"""
            INSERT INTO patients (id, PatientID, FirstSeen, LastSeen, Odd)
            VALUES (1, 'ANNA', '2024-01-01', '2024-01-01', 0), (2, 'BERT', '2024-01-01', '2024-01-01', 0);
            INSERT INTO studies (id, patient, StudyInstanceUID, PatientID, FirstSeen, LastSeen, Odd) VALUES
                (1, 1, '1.1', 'ANNA', '2024-01-01', '2024-01-01', 0), (2, 2, '1.2', 'BERT', '2024-01-01', '2024-01-01', 0),
                (3, 2, '1.3', 'BERT', '2024-01-01', '2024-01-01', 0);
            INSERT INTO series (id, study, SeriesInstanceUID, FirstSeen, LastSeen, Odd) VALUES (1, 2, '9', '2024-01-01', '2024-01-01', 0);
            INSERT INTO instances (series, SOPInstanceUID, Path, FileSize, FileTime, FirstSeen, LastSeen, Odd) VALUES
                (1, '1', '1.1/9/1.dcm', {new FileInfo(anna).Length}, {new FileInfo(anna).LastWriteTimeUtc.Ticks},
                    '2024-01-01', '2024-01-01', 0),
                (1, '2', '1.2/9/2.dcm', 1, 1, '2024-01-01', '2024-01-01', 0);
            """);
        await using var archive = await Archive.OpenAsync(new ArchiveOptions { Folder = _folder.Path }, Cancellation);
        var answers = new List<string>();
        var keys = Make.Dataset((Tags.PatientID, ""), (Tags.StudyInstanceUID, ""), (Tags.SOPInstanceUID, ""));
        await foreach (var match in archive.Index.FindAsync(new IndexQuery { Level = QueryLevel.Image, Identifier = keys }, Cancellation))
            answers.Add($"{match.Answer.GetString(Tags.PatientID)} {match.Answer.GetString(Tags.StudyInstanceUID)} {match.File}");
        Assert.Equal(["ANNA 1.1 1.1/9/1.dcm", "BERT 1.2 1.2/9/2.dcm"], answers.Order(StringComparer.Ordinal));
        Assert.Equal(2, (await archive.Index.CountAsync(Cancellation)).Studies);
    }

    [Fact]
    public async Task Two_rows_of_one_file_become_the_one_that_knows_it()
    {
        MakeOld(2);
        Execute("UPDATE instances SET Path = (SELECT Path FROM instances WHERE id = 1)");
        await using var index = await ArchiveIndex.OpenAsync(IndexPath, cancellationToken: Cancellation);
        Assert.Equal(1, (await index.CountAsync(Cancellation)).Instances);
    }

    [Fact]
    public async Task An_index_of_a_newer_version_is_refused_and_a_repair_does_not_make_it_anew()
    {
        await using (await Archive.OpenAsync(new ArchiveOptions { Folder = _folder.Path }, Cancellation))
            Assert.True(File.Exists(IndexPath));
        Execute("PRAGMA user_version = 99; CREATE TABLE future (a)");
        var before = await File.ReadAllBytesAsync(IndexPath, Cancellation);
        foreach (var open in new Func<ArchiveOptions, CancellationToken, Task<Archive>>[] { Archive.OpenAsync, Archive.RepairAsync })
        {
            var problem = await Assert.ThrowsAsync<DicomException>(() => open(new ArchiveOptions { Folder = _folder.Path }, Cancellation));
            Assert.Contains("newer version of DicomPS", problem.Message, StringComparison.Ordinal);
            Assert.Equal(before, await File.ReadAllBytesAsync(IndexPath, Cancellation));
        }
    }

    private static string OldSchema()
    {
        using var reader = new StreamReader(typeof(UpgradeTests).GetTypeInfo().Assembly.GetManifestResourceStream("Schema.v1.sql")!);
        return reader.ReadToEnd();
    }

    /// <summary>As version 1 left it: ten instances to a study, each with a file.</summary>
    private void MakeOld(int instances)
    {
        NativeSqlite.EnsureLoaded();
        Execute("PRAGMA journal_mode = WAL;");
        Execute($"BEGIN; {OldSchema()} PRAGMA user_version = 1; PRAGMA application_id = {0x44636D50}; COMMIT;");
        Execute($"""
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {(instances / 10) - 1})
            INSERT INTO patients (id, PatientID, PatientName, PatientNameKey, FirstSeen, LastSeen, Odd)
            SELECT i + 1, 'P' || i, 'Old^' || i, 'OLD^' || i, '2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z', 0
            FROM n WHERE {instances} > 0;
            INSERT INTO studies (id, patient, StudyInstanceUID, PatientID, PatientName, PatientNameKey, FirstSeen, LastSeen, Odd)
            SELECT id, id, '1.' || id, PatientID, PatientName, PatientNameKey, FirstSeen, LastSeen, 0 FROM patients;
            INSERT INTO series (id, study, SeriesInstanceUID, Modality, FirstSeen, LastSeen, Odd)
            SELECT id, id, '1.' || id || '.1', 'CT', FirstSeen, LastSeen, 0 FROM studies;
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {instances - 1})
            INSERT INTO instances (series, SOPInstanceUID, SOPClassUID, InstanceNumber, Path, FileSize, FileTime, FirstSeen, LastSeen, Odd)
            SELECT i / 10 + 1, '1.' || i, '1.2.840.10008.5.1.4.1.1.2', i, '1.' || (i / 10 + 1) || '/1/' || i || '.dcm', 500, 1,
                '2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z', 0 FROM n WHERE {instances} > 0;
            """);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={IndexPath};Pooling=False");
        connection.Open();
        IndexDatabase.Execute(connection, sql);
    }

    private async Task<string> SaveAsync(string path, string patient, string study, string number = "1")
    {
        var full = Path.Combine(_folder.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var dataset = Make.Dataset((Tags.PatientID, patient), (Tags.StudyInstanceUID, study), (Tags.SeriesInstanceUID, "9"),
            (Tags.SOPInstanceUID, number), (Tags.SOPClassUID, Uids.CTImageStorage));
        await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(full, Cancellation);
        return full;
    }
}
