using DicomPS.Archiving.Tests.Support;
using DicomPS.Dictionary;
using DicomPS.Matching;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Tests.Index;

/// <summary>
/// Patient, study and series of an instance are not written again when they were a moment ago; whatever happened in that moment must
/// show all the same.
/// </summary>
public abstract class RepeatedWritingTests(IndexFixture fixture)
{
    [Fact]
    public async Task A_series_that_comes_again_under_another_study_is_another_series()
    {
        await using var index = await fixture.CreateAsync(Make.Instance("1"), Make.Instance("2", series: "9"));
        var other = Make.Instance("1", number: 2);
        other.Set(Tags.StudyInstanceUID, "2");
        other.Set(Tags.PatientID, "P2");
        await index.AddAsync(other);
        Assert.Equal(["1.1", "2.9"], await index.UidsAsync(QueryLevel.Series, Make.Dataset((Tags.StudyInstanceUID, "2"))));
        Assert.Equal(["1.1"], await index.UidsAsync(QueryLevel.Series, Make.Dataset((Tags.StudyInstanceUID, "1"))));
    }

    [Fact]
    public async Task What_another_process_deleted_is_written_again()
    {
        await using var index = await fixture.CreateAsync(Make.Instance());
        await using (var other = await index.AgainAsync())
            await other.DeleteAsync(QueryLevel.Patient, "P1", TestIndex.Cancellation);
        await index.AddAsync(Make.Instance(number: 2));
        Assert.Equal(new IndexCounts(1, 1, 1, 1, 0), await index.Index.CountAsync(TestIndex.Cancellation));
    }

    [Fact]
    public async Task What_was_deleted_here_is_written_again()
    {
        await using var index = await fixture.CreateAsync(Make.Instance());
        await index.Index.DeleteAsync(QueryLevel.Image, "1.1.1", TestIndex.Cancellation);
        await index.AddAsync(Make.Instance(number: 2));
        Assert.Equal(new IndexCounts(1, 1, 1, 1, 0), await index.Index.CountAsync(TestIndex.Cancellation));
    }

    [Fact]
    public async Task What_another_process_changed_is_changed_back_by_who_says_otherwise()
    {
        await using var index = await fixture.CreateAsync(Make.Instance(elements: (Tags.StudyDescription, "first")));
        await using (var other = await index.AgainAsync())
            await other.WriteAsync([IndexEntry.ForInstance(Make.Instance(elements: (Tags.StudyDescription, "second")))],
                TestIndex.Cancellation);
        await index.AddAsync(Make.Instance(number: 2, elements: (Tags.StudyDescription, "first")));
        Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDescription, "first"))));
    }

    [Fact]
    public async Task The_spelling_of_a_patient_that_came_last_holds_whoever_issued_the_ID()
    {
        await using var index = await fixture.CreateAsync(Patient(1, "Doe^John", "NORTH"), Patient(2, "Doe^Jon", ""),
            Patient(3, "Doe^John", "NORTH"));
        Assert.Equal("Doe^John", Assert.Single(await index.FindAsync(QueryLevel.Patient, Make.Dataset((Tags.PatientName, ""))))
            .GetString(Tags.PatientName));

        static DicomPS.Data.DicomDataset Patient(int number, string name, string issuer) =>
            Make.Instance(number: number, elements: [(Tags.PatientName, name), (Tags.IssuerOfPatientID, issuer)]);
    }
}

/// <summary>An index in a file.</summary>
public sealed class SqliteRepeatedWritingTests(SqliteIndexFixture fixture)
    : RepeatedWritingTests(fixture), IClassFixture<SqliteIndexFixture>
{
    [Fact]
    public async Task A_write_that_failed_leaves_nothing_that_the_next_one_builds_on()
    {
        await using var index = await TestIndex.CreateAsync();
        using (var connection = new SqliteConnection($"Data Source={index.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText =
                "CREATE TRIGGER refuse BEFORE INSERT ON instances WHEN NEW.SOPInstanceUID = '1.1.1' BEGIN SELECT RAISE(ABORT, 'refused'); "
                + "END";
            command.ExecuteNonQuery();
        }

        await Assert.ThrowsAsync<DicomException>(() => index.AddAsync(Make.Instance()));
        await index.AddAsync(Make.Instance(number: 2));
        Assert.Equal(new IndexCounts(1, 1, 1, 1, 0), await index.Index.CountAsync(TestIndex.Cancellation));
        Assert.Equal(["1.1.2"], await index.UidsAsync(QueryLevel.Image, Make.Dataset((Tags.StudyInstanceUID, "1"))));
    }
}

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresRepeatedWritingTests(PostgresIndexFixture fixture)
    : RepeatedWritingTests(fixture), IClassFixture<PostgresIndexFixture>;
