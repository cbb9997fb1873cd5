using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Index;

/// <summary>An instance is known by patient, study, series and SOP Instance UID together; what shares a UID is another thing.</summary>
public abstract class IdentityTests(IndexFixture fixture)
{
    [Fact]
    public async Task A_study_UID_of_two_patients_answers_once_for_each()
    {
        await using var index = await fixture.CreateAsync(
            Of("A", "1", "1", 1, (Tags.PatientName, "Right^Name")), Of("A", "1", "1", 2, (Tags.PatientName, "Right^Name")),
            Of("B", "1", "1", 3, (Tags.PatientName, "Wrong^Name")));
        var studies = await index.FindAsync(QueryLevel.Study,
            Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.PatientID, ""), (Tags.PatientName, ""),
                (Tags.NumberOfStudyRelatedInstances, "")));
        Assert.Equal(["A Right^Name 2", "B Wrong^Name 1"],
            studies.Select(
                s => $"{s.GetString(Tags.PatientID)} {s.GetString(Tags.PatientName)} {s.GetInt32(Tags.NumberOfStudyRelatedInstances)}")
                .Order());
        Assert.Equal(["1.1.3"], await index.UidsAsync(QueryLevel.Image, Make.Dataset((Tags.PatientID, "B"), (Tags.StudyInstanceUID, "1"))));
    }

    [Fact]
    public async Task A_series_UID_in_two_studies_stays_apart()
    {
        var (anna, bert) = (Of("ANNA", "1", "9", 1), Of("BERT", "2", "9", 1));
        anna.Set(Tags.SeriesInstanceUID, "9");
        bert.Set(Tags.SeriesInstanceUID, "9");
        await using var index = await fixture.CreateAsync(anna, bert);
        Assert.Equal(["1.9.1"], await index.UidsAsync(QueryLevel.Image,
            Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.SeriesInstanceUID, "9"))));
        Assert.Equal(["2.9.1"], await index.UidsAsync(QueryLevel.Image,
            Make.Dataset((Tags.StudyInstanceUID, "2"), (Tags.SeriesInstanceUID, "9"))));
        Assert.Equal(new IndexCounts(2, 2, 2, 2, 0), await index.Index.CountAsync(TestIndex.Cancellation));
    }

    [Fact]
    public async Task One_SOP_Instance_UID_in_two_studies_is_two_instances_and_coming_again_is_not_a_third()
    {
        var other = Of("P1", "2", "1", 1);
        other.Set(Tags.SOPInstanceUID, "1.1.1");
        await using var index = await fixture.CreateAsync(Of("P1", "1", "1", 1), other, Of("P1", "1", "1", 1), other);
        Assert.Equal(new IndexCounts(1, 2, 2, 2, 0), await index.Index.CountAsync(TestIndex.Cancellation));
    }

    [Theory]
    [InlineData("7", "NORTH", "7", "SOUTH", 2)]
    [InlineData("7", "NORTH", "7", "", 1)]
    [InlineData("7", "", "7", "SOUTH", 1)]
    [InlineData("7", "", "8", "", 2)]
    [InlineData("7", "", "", "", 2)]
    [InlineData("", "", "7", "", 2)]
    [InlineData("", "", "", "", 1)]
    public async Task A_patient_is_an_ID_and_its_issuer_and_who_names_none_is_the_studys_own(string id, string issuer, string otherId,
        string otherIssuer, int studies)
    {
        await using var index = await fixture.CreateAsync();
        await StoreAsync(index, "a", Of(id, "1", "1", 1, (Tags.IssuerOfPatientID, issuer)));
        await StoreAsync(index, "b", Of(otherId, "1", "1", 1, (Tags.IssuerOfPatientID, otherIssuer)));
        var counts = await index.Index.CountAsync(TestIndex.Cancellation);
        Assert.Equal((studies, studies, studies - 1), (counts.Studies, counts.Instances, counts.Conflicts));
    }

    [Fact]
    public async Task A_study_of_answers_becomes_the_patients_who_names_an_ID()
    {
        await using var index = await fixture.CreateAsync();
        await index.AddAnswerAsync(QueryLevel.Study, Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.PatientName, "Doe^John")));
        await index.AddAnswerAsync(QueryLevel.Study, Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.PatientID, "P1")));
        await index.AddAnswerAsync(QueryLevel.Series, Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.SeriesInstanceUID, "1.1")));
        Assert.Equal(new IndexCounts(1, 1, 1, 0, 0), await index.Index.CountAsync(TestIndex.Cancellation));
    }

    [Theory]
    [InlineData("B", "1", "1.1", "1.1.1", "INSTANCE")]
    [InlineData("A", "2", "1.1", "1.1.1", "INSTANCE")]
    [InlineData("A", "1", "1.2", "1.1.1", "INSTANCE")]
    [InlineData("A", "2", "1.1", "9", "SERIES")]
    [InlineData("B", "1", "9", "9", "STUDY")]
    [InlineData("A", "1", "1.2", "9", null)]
    public async Task What_has_a_UID_of_something_else_is_listed_with_who_sent_it(string patient, string study, string series,
        string instance, string? level)
    {
        await using var index = await fixture.CreateAsync();
        await StoreAsync(index, "a", Of("A", "1", "1", 1));
        var other = Of(patient, study, "1", 1);
        other.Set(Tags.SeriesInstanceUID, series);
        other.Set(Tags.SOPInstanceUID, instance);
        var before = DateTime.UtcNow;
        // What comes again conflicts with nothing new.
        await StoreAsync(index, "b", other);
        await StoreAsync(index, "b", other);
        var conflicts = new List<IndexConflict>();
        await foreach (var conflict in index.Index.ConflictsAsync(TestIndex.Cancellation))
            conflicts.Add(conflict);
        Assert.Equal(level is null ? [] : [level], conflicts.Select(conflict => conflict.Level));
        if (level is null)
            return;
        var met = conflicts[0];
        Assert.Equal(("FROM-b", "b", patient, study, series, instance),
            (met.Source, met.Path, met.PatientId, met.StudyInstanceUid, met.SeriesInstanceUid, met.SopInstanceUid));
        Assert.Equal(("FROM-a", "A", "1", level == "STUDY" ? null : "1.1"),
            (met.OtherSource, met.OtherPatientId, met.OtherStudyInstanceUid, met.OtherSeriesInstanceUid));
        Assert.InRange(met.At, before.AddSeconds(-1), DateTime.UtcNow.AddSeconds(1));
    }

    [Fact]
    public async Task A_file_that_has_become_another_instance_is_no_longer_what_it_was()
    {
        await using var index = await fixture.CreateAsync();
        await StoreAsync(index, "a", Of("A", "1", "1", 1));
        await StoreAsync(index, "a", Of("B", "2", "1", 1));
        Assert.Equal((1, 1, 1, 1), await index.Index.CountAsync(TestIndex.Cancellation) is var c
            ? (c.Patients, c.Studies, c.Series, c.Instances) : default);
        Assert.Equal(["2"], await index.UidsAsync(QueryLevel.Study, []));
    }

    private static Task StoreAsync(TestIndex index, string path, DicomDataset instance) => index.Index.WriteAsync(
        [IndexEntry.ForInstance(instance, new IndexedFile(path, 1, DateTime.UtcNow, Uids.ExplicitVRLittleEndian), "FROM-" + path)],
        TestIndex.Cancellation);

    private static DicomDataset Of(string patient, string study, string series, int number,
        params (DicomTag Tag, string Value)[] elements) =>
        Make.Instance(study, series, number, [(Tags.PatientID, patient), .. elements]);
}

/// <summary>An index in a file.</summary>
public sealed class SqliteIdentityTests(SqliteIndexFixture fixture) : IdentityTests(fixture), IClassFixture<SqliteIndexFixture>;

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresIdentityTests(PostgresIndexFixture fixture) : IdentityTests(fixture), IClassFixture<PostgresIndexFixture>;
