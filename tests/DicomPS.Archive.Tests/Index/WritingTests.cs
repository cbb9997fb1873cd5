using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Index;

public abstract class WritingTests(IndexFixture fixture)
{
    [Fact]
    public async Task What_is_seen_again_is_updated_and_not_doubled()
    {
        await using var index = await fixture.CreateAsync(Make.Instance(elements: (Tags.StudyDescription, "first")));
        await index.AddAsync(Make.Instance(elements: (Tags.StudyDescription, "second")));
        Assert.Equal(new IndexCounts(1, 1, 1, 1, 0), await index.Index.CountAsync(TestIndex.Cancellation));
        Assert.Equal("second", (await OneStudyAsync(index, Tags.StudyDescription)).GetString(Tags.StudyDescription));
    }

    [Fact]
    public async Task What_is_not_said_erases_nothing()
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance(elements: [(Tags.StudyDescription, "HEAD"), (Tags.StudyDate, "20240101"), (Tags.PatientName, "Doe^John")]));
        await index.AddAsync(Make.Instance(number: 2, elements: (Tags.StudyDescription, "")));
        var study = await OneStudyAsync(index, Tags.StudyDescription, Tags.StudyDate, Tags.PatientName);
        Assert.Equal(("HEAD", "20240101", "Doe^John"),
            (study.GetString(Tags.StudyDescription), study.GetString(Tags.StudyDate), study.GetString(Tags.PatientName)));
        Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDate, "20240101"), (Tags.PatientName, "doe*"))));
    }

    [Fact]
    public async Task A_date_that_cannot_be_understood_replaces_one_that_could()
    {
        await using var index = await fixture.CreateAsync(Make.Instance(elements: (Tags.StudyDate, "20240101")));
        await index.AddAsync(Make.Instance(elements: (Tags.StudyDate, "unknown")));
        Assert.Empty(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDate, "20240101"))));
        Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDate, "unknown"))));
    }

    [Fact]
    public async Task Patients_without_an_ID_are_not_taken_for_one()
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance("1", elements: [(Tags.PatientID, ""), (Tags.PatientName, "Doe^John")]),
            Make.Instance("2", elements: [(Tags.PatientID, ""), (Tags.PatientName, "Doe^Jane")]),
            Make.Instance("2", number: 2, elements: [(Tags.PatientID, ""), (Tags.PatientName, "Doe^Jane")]));
        var names =
            (await index.FindAsync(QueryLevel.Patient, Make.Dataset((Tags.PatientName, "")))).Select(p => p.GetString(Tags.PatientName))
                .Order();
        Assert.Equal(["Doe^Jane", "Doe^John"], names);
    }

    [Fact]
    public async Task One_ID_of_two_issuers_is_two_patients()
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance("1", elements: [(Tags.PatientID, "7"), (Tags.IssuerOfPatientID, "NORTH")]),
            Make.Instance("2", elements: [(Tags.PatientID, "7"), (Tags.IssuerOfPatientID, "SOUTH")]));
        Assert.Equal(2, (await index.FindAsync(QueryLevel.Patient, Make.Dataset((Tags.PatientID, "7")))).Count);
        // Who does not name the issuer means somebody who is known.
        await index.AddAsync(Make.Instance("3", elements: (Tags.PatientID, "7")));
        Assert.Equal(2, (await index.FindAsync(QueryLevel.Patient, Make.Dataset((Tags.PatientID, "7")))).Count);
    }

    [Fact]
    public async Task A_name_that_differs_from_study_to_study_stays_with_its_study()
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance("1", elements: [(Tags.PatientID, "ANON"), (Tags.PatientName, "A")]),
            Make.Instance("2", elements: [(Tags.PatientID, "ANON"), (Tags.PatientName, "B")]));
        Assert.Equal(["1"], await index.UidsAsync(QueryLevel.Study, Make.Dataset((Tags.PatientName, "A"))));
        Assert.Single(await index.FindAsync(QueryLevel.Patient, Make.Dataset((Tags.PatientID, "ANON"))));
    }

    [Fact]
    public async Task What_a_peer_tells_is_kept_beside_what_is_counted()
    {
        await using var index = await fixture.CreateAsync();
        await index.AddAnswerAsync(QueryLevel.Study,
            Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.PatientID, "P1"), (Tags.ModalitiesInStudy, "CT\\SR"),
            (Tags.NumberOfStudyRelatedInstances, "200"), (Tags.RetrieveAETitle, "PACS"), (Tags.InstanceAvailability, "NEARLINE")), "PACS");
        await index.AddAsync(Make.Instance(elements: (Tags.Modality, "MR")));
        var study = await OneStudyAsync(index, Tags.ModalitiesInStudy, Tags.NumberOfStudyRelatedInstances, Tags.NumberOfStudyRelatedSeries,
            Tags.RetrieveAETitle, Tags.InstanceAvailability);
        Assert.Equal(["CT", "MR", "SR"], study.GetStrings(Tags.ModalitiesInStudy));
        Assert.Equal((200, 1), (study.GetInt32(Tags.NumberOfStudyRelatedInstances), study.GetInt32(Tags.NumberOfStudyRelatedSeries)));
        Assert.Equal(("PACS", "NEARLINE"), (study.GetString(Tags.RetrieveAETitle), study.GetString(Tags.InstanceAvailability)));
        foreach (var modality in new[] { "SR", "MR", "M?" })
            Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.ModalitiesInStudy, modality))));
        Assert.Empty(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.ModalitiesInStudy, "US"))));
    }

    [Fact]
    public async Task Answers_of_every_level_find_their_place()
    {
        await using var index = await fixture.CreateAsync();
        await index.AddAnswerAsync(QueryLevel.Image,
            Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.SeriesInstanceUID, "1.1"), (Tags.SOPInstanceUID, "1.1.1")));
        await index.AddAnswerAsync(QueryLevel.Series,
            Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.SeriesInstanceUID, "1.1"), (Tags.Modality, "CT")));
        await index.AddAnswerAsync(QueryLevel.Study,
            Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.PatientID, "P1"), (Tags.StudyDate, "20240101")));
        await index.AddAnswerAsync(QueryLevel.Patient, Make.Dataset((Tags.PatientID, "P1"), (Tags.PatientName, "Doe^John")));
        Assert.Equal(new IndexCounts(1, 1, 1, 1, 0), await index.Index.CountAsync(TestIndex.Cancellation));
        Assert.Equal(["1.1.1"], await index.UidsAsync(QueryLevel.Image,
            Make.Dataset((Tags.StudyDate, "20240101"), (Tags.Modality, "CT"), (Tags.PatientID, "P1"))));
    }

    [Theory]
    [InlineData("StudyInstanceUID")]
    [InlineData("SeriesInstanceUID")]
    [InlineData("SOPInstanceUID")]
    public void What_lacks_a_UID_is_refused_by_its_name(string keyword)
    {
        var instance = Make.Instance();
        instance.Remove(DicomDictionary.Find(keyword)!.Tag);
        Assert.Contains(keyword, Assert.Throws<DicomException>(() => IndexEntry.ForInstance(instance)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_takes_what_is_below_and_what_is_left_empty_above()
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance("1", "1", 1), Make.Instance("1", "1", 2), Make.Instance("1", "2", 1), Make.Instance("2", "1", 1));
        Assert.Equal(1, await index.Index.DeleteAsync(QueryLevel.Image, "1.1.2", TestIndex.Cancellation));
        Assert.Equal(new IndexCounts(2, 2, 3, 3, 0), await index.Index.CountAsync(TestIndex.Cancellation));
        Assert.Equal(1, await index.Index.DeleteAsync(QueryLevel.Image, "1.2.1", TestIndex.Cancellation));
        Assert.Equal(new IndexCounts(2, 2, 2, 2, 0), await index.Index.CountAsync(TestIndex.Cancellation));
        Assert.Equal(1, await index.Index.DeleteAsync(QueryLevel.Series, "1.1", TestIndex.Cancellation));
        Assert.Equal(new IndexCounts(1, 1, 1, 1, 0), await index.Index.CountAsync(TestIndex.Cancellation));
        Assert.Equal(0, await index.Index.DeleteAsync(QueryLevel.Study, "9", TestIndex.Cancellation));
        Assert.Equal(1, await index.Index.DeleteAsync(QueryLevel.Patient, "P2", TestIndex.Cancellation));
        Assert.Equal(new IndexCounts(0, 0, 0, 0, 0), await index.Index.CountAsync(TestIndex.Cancellation));
    }

    [Fact]
    public async Task Files_are_kept_with_their_instances()
    {
        await using var index = await fixture.CreateAsync();
        var when = new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        var file = new IndexedFile("1/1/1.dcm", 1234, when, Uids.ExplicitVRLittleEndian);
        await index.Index.WriteAsync([IndexEntry.ForInstance(Make.Instance(), file, "MODALITY")], TestIndex.Cancellation);
        await foreach (var found in index.Index.FilesAsync(QueryLevel.Study, "1", TestIndex.Cancellation))
            Assert.Equal(file, found);
        Assert.Equal(1234, (await index.Index.CountAsync(TestIndex.Cancellation)).Bytes);
        var answer = Assert.Single(await index.FindAsync(QueryLevel.Image,
            Make.Dataset((Tags.AvailableTransferSyntaxUID, Uids.ExplicitVRLittleEndian))));
        Assert.Equal(Uids.ExplicitVRLittleEndian, answer.GetString(Tags.AvailableTransferSyntaxUID));
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing()
    {
        await using var index = await fixture.CreateAsync();
        await Task.WhenAll(Enumerable.Range(1, 500).Select(n => Task.Run(() => index.AddAsync(Make.Instance($"{n % 20}", $"{n % 3}", n)))));
        Assert.Equal(500, (await index.Index.CountAsync(TestIndex.Cancellation)).Instances);
    }

    [Fact]
    public async Task Two_processes_may_write_to_one_index()
    {
        await using var index = await fixture.CreateAsync();
        await using var other = await index.AgainAsync();
        await Task.WhenAll(Enumerable.Range(1, 100).Select(n => n % 2 == 0
            ? index.AddAsync(Make.Instance($"{n}"))
            : other.WriteAsync([IndexEntry.ForInstance(Make.Instance($"{n}"))], TestIndex.Cancellation)));
        Assert.Equal(100, (await other.CountAsync(TestIndex.Cancellation)).Studies);
    }

    private static async Task<DicomDataset> OneStudyAsync(TestIndex index, params DicomTag[] tags) =>
        Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset([.. tags.Select(tag => (tag, ""))])));
}

/// <summary>An index in a file.</summary>
public sealed class SqliteWritingTests(SqliteIndexFixture fixture) : WritingTests(fixture), IClassFixture<SqliteIndexFixture>
{
    [Fact]
    public async Task What_was_written_is_there_after_closing_and_no_file_is_left_beside_it()
    {
        await using var index = await TestIndex.CreateAsync(Make.Instance());
        await index.Index.DisposeAsync();
        Assert.Equal(["index.sqlite"], Directory.GetFiles(Path.GetDirectoryName(index.Path)!).Select(Path.GetFileName));
        await index.ReopenAsync();
        Assert.Equal(1, (await index.Index.CountAsync(TestIndex.Cancellation)).Instances);
    }
}

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresWritingTests(PostgresIndexFixture fixture) : WritingTests(fixture), IClassFixture<PostgresIndexFixture>;
