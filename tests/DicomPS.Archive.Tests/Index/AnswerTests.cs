using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Text;

namespace DicomPS.Archiving.Tests.Index;

public abstract class AnswerTests(IndexFixture fixture)
{
    [Fact]
    public async Task Every_key_is_returned_and_empty_where_nothing_is_known()
    {
        await using var index = await fixture.CreateAsync(Make.Instance(elements: (Tags.AccessionNumber, "A1")));
        var answer = Assert.Single(await index.FindAsync(QueryLevel.Study,
            Make.Dataset((Tags.AccessionNumber, ""), (Tags.StudyDescription, ""), (Tags.KVP, ""), (Tags.ProcedureCodeSequence, ""))));
        Assert.Equal("STUDY", answer.GetString(Tags.QueryRetrieveLevel));
        Assert.Equal("A1", answer.GetString(Tags.AccessionNumber));
        foreach (var tag in new[] { Tags.StudyDescription, Tags.KVP, Tags.ProcedureCodeSequence })
            Assert.True(answer.Contains(tag) && answer.GetString(tag) is null, tag.ToString());
        Assert.Equal(5, answer.Count);
    }

    [Fact]
    public async Task Numbers_modalities_and_SOP_classes_are_counted()
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance("1", "1", 1, (Tags.Modality, "CT"), (Tags.PatientID, "P")),
            Make.Instance("1", "1", 2, (Tags.Modality, "CT"), (Tags.PatientID, "P")),
            Make.Instance("1", "2", 1, (Tags.Modality, "SR"), (Tags.PatientID, "P"), (Tags.SOPClassUID, Uids.BasicTextSRStorage)),
            Make.Instance("2", "1", 1, (Tags.Modality, "MR"), (Tags.PatientID, "P"), (Tags.SOPClassUID, Uids.MRImageStorage)));
        DicomTag[] ofPatient = [Tags.NumberOfPatientRelatedStudies, Tags.NumberOfPatientRelatedSeries,
            Tags.NumberOfPatientRelatedInstances];
        foreach (var level in new[] { QueryLevel.Patient, QueryLevel.Study, QueryLevel.Series, QueryLevel.Image })
        {
            var answers = await index.FindAsync(level, Make.Dataset([.. ofPatient.Select(tag => (tag, ""))]));
            Assert.All(answers, a => Assert.Equal([2, 3, 4], ofPatient.Select(tag => a.GetInt32(tag))));
        }

        var study =
            Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyInstanceUID, "1"), (Tags.ModalitiesInStudy, ""),
            (Tags.SOPClassesInStudy, ""), (Tags.NumberOfStudyRelatedSeries, ""), (Tags.NumberOfStudyRelatedInstances, ""))));
        Assert.Equal(["CT", "SR"], study.GetStrings(Tags.ModalitiesInStudy));
        Assert.Equal(new[] { Uids.CTImageStorage, Uids.BasicTextSRStorage }.Order(StringComparer.Ordinal),
            study.GetStrings(Tags.SOPClassesInStudy));
        Assert.Equal((2, 3), (study.GetInt32(Tags.NumberOfStudyRelatedSeries), study.GetInt32(Tags.NumberOfStudyRelatedInstances)));
        var series = await index.FindAsync(QueryLevel.Series,
            Make.Dataset((Tags.SeriesInstanceUID, "1.1"), (Tags.NumberOfSeriesRelatedInstances, "")));
        Assert.Equal(2, Assert.Single(series).GetInt32(Tags.NumberOfSeriesRelatedInstances));
    }

    [Theory]
    [InlineData("ModalitiesInStudy", "SR", 1)]
    [InlineData("ModalitiesInStudy", "SR\\MR", 2)]
    [InlineData("ModalitiesInStudy", "US", 0)]
    [InlineData("SOPClassesInStudy", Uids.MRImageStorage, 1)]
    [InlineData("NumberOfStudyRelatedSeries", "2", 1)]
    [InlineData("NumberOfStudyRelatedSeries", "3", 0)]
    public async Task What_is_counted_can_be_asked_for(string keyword, string key, int expected)
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance("1", "1", 1, (Tags.Modality, "CT")), Make.Instance("1", "2", 1, (Tags.Modality, "SR")),
            Make.Instance("2", "1", 1, (Tags.Modality, "MR"), (Tags.SOPClassUID, Uids.MRImageStorage)));
        Assert.Equal(expected, (await index.FindAsync(QueryLevel.Study, Make.Dataset((DicomDictionary.Find(keyword)!.Tag, key)))).Count);
    }

    [Theory]
    [InlineData("ISO_IR 100", "Müller", "ISO_IR 100")]
    [InlineData("ISO_IR 100", "Иванов", "ISO_IR 192")]
    [InlineData("ISO_IR 144", "Иванов", "ISO_IR 144")]
    [InlineData(null, "Müller", "ISO_IR 192")]
    [InlineData("ISO_IR 100", "Miller", null)]
    public async Task The_character_set_is_the_askers_where_it_can_hold_the_answer(string? asked, string name, string? declared)
    {
        await using var index = await fixture.CreateAsync(Make.Instance(elements: (Tags.PatientName, name)));
        var identifier = new DicomDataset();
        if (asked is { })
            identifier.SetCharacterSet(asked);
        identifier.Set(Tags.PatientName);
        var answer = Assert.Single(await index.FindAsync(QueryLevel.Study, identifier));
        Assert.Equal((name, declared), (answer.GetString(Tags.PatientName), answer.GetString(Tags.SpecificCharacterSet)));
        Assert.NotEmpty(Serialization.DatasetWriter.ToArray(answer, Serialization.TransferSyntax.ImplicitVRLittleEndian));
    }

    [Fact]
    public async Task Of_a_sequence_comes_what_was_asked_for()
    {
        var instance = Make.Instance();
        instance.SetSequence(Tags.RequestAttributesSequence,
            Make.Dataset((Tags.RequestedProcedureID, "RP1"), (Tags.ScheduledProcedureStepID, "SPS1"),
                (Tags.RequestedProcedureDescription, "Schädel")));
        await using var index = await fixture.CreateAsync(instance);
        var identifier = new DicomDataset();
        identifier.SetSequence(Tags.RequestAttributesSequence,
            Make.Dataset((Tags.RequestedProcedureID, ""), (Tags.RequestedProcedureDescription, ""),
                (Tags.ReasonForTheRequestedProcedure, "")));
        var answer = Assert.Single(await index.FindAsync(QueryLevel.Series, identifier));
        var item = Assert.Single(answer.GetItems(Tags.RequestAttributesSequence));
        Assert.Equal(["RP1", "Schädel", null],
            new[] { Tags.RequestedProcedureID, Tags.RequestedProcedureDescription, Tags.ReasonForTheRequestedProcedure }.Select(
                item.GetString));
        Assert.False(item.Contains(Tags.ScheduledProcedureStepID));
        Assert.Equal("ISO_IR 192", answer.GetString(Tags.SpecificCharacterSet));
    }

    [Fact]
    public async Task What_the_index_lacks_is_read_from_a_file_and_matched_there()
    {
        await using var index = await fixture.CreateAsync();
        for (var n = 1; n <= 2; n++)
            await index.Index.WriteAsync([IndexEntry.ForInstance(Make.Instance($"{n}"),
                new IndexedFile($"{n}.dcm", 1, DateTime.UtcNow, null))], TestIndex.Cancellation);
        var read = new List<string>();
        var query = new IndexQuery
        {
            Level = QueryLevel.Study,
            Identifier = Make.Dataset((Tags.StudyInstanceUID, ""), (Tags.KVP, "120"), (Tags.ImageComments, "")),
            ReadMissing = (path, tags, _) =>
            {
                read.Add(path);
                Assert.Equal([Tags.KVP, Tags.ImageComments], tags.Order());
                return Task.FromResult<DicomDataset?>(Make.Dataset((Tags.KVP, path == "1.dcm" ? "120" : "80"),
                    (Tags.ImageComments, "größer")));
            },
        };
        var answer = Assert.Single(await index.FindAsync(query));
        Assert.Equal(("1", "120", "größer"), (answer.GetString(Tags.StudyInstanceUID), answer.GetString(Tags.KVP),
            answer.GetString(Tags.ImageComments)));
        Assert.Equal(["1.dcm", "2.dcm"], read.Order());
    }

    [Fact]
    public async Task A_number_that_is_none_is_returned_empty_where_the_VR_cannot_hold_it()
    {
        await using var index = await fixture.CreateAsync();
        var instance = Make.Instance();
        instance.Set(Tags.Rows, Vr.LO, "many");
        await index.AddAsync(instance);
        var answer = Assert.Single(await index.FindAsync(QueryLevel.Image, Make.Dataset((Tags.Rows, ""))));
        Assert.True(answer.Contains(Tags.Rows) && answer.GetInt32(Tags.Rows) is null);
    }

    [Fact]
    public async Task Keys_below_the_level_count_only_in_relational_queries()
    {
        await using var index = await fixture.CreateAsync(Make.Instance("1", elements: (Tags.Modality, "CT")),
            Make.Instance("2", elements: (Tags.Modality, "MR")));
        var identifier = Make.Dataset((Tags.Modality, "MR"));
        Assert.Equal(["1", "2"], await index.UidsAsync(QueryLevel.Study, identifier));
        Assert.Equal(["2"], await index.UidsAsync(QueryLevel.Study, identifier, relational: true));
    }

    [Fact]
    public async Task Keys_above_the_level_count()
    {
        await using var index = await fixture.CreateAsync(Make.Instance("1", elements: (Tags.PatientName, "Doe^John")),
            Make.Instance("2", elements: (Tags.PatientName, "Roe^Jane")));
        Assert.Equal(["2.1.1"], await index.UidsAsync(QueryLevel.Image, Make.Dataset((Tags.PatientName, "roe*"))));
        Assert.Equal(["1.1"], await index.UidsAsync(QueryLevel.Series, Make.Dataset((Tags.StudyInstanceUID, "1"))));
    }

    [Theory]
    [InlineData("PATIENT", InformationModel.PatientRoot, "", true)]
    [InlineData("PATIENT", InformationModel.StudyRoot, "", false)]
    [InlineData("STUDY", InformationModel.StudyRoot, "", true)]
    [InlineData("STUDY", InformationModel.PatientRoot, "", false)]
    [InlineData("STUDY", InformationModel.PatientRoot, "PatientID=P", true)]
    [InlineData("STUDY", InformationModel.PatientRoot, "PatientID=P*", false)]
    [InlineData("STUDY", InformationModel.PatientStudyOnly, "PatientID=P", true)]
    [InlineData("SERIES", InformationModel.PatientStudyOnly, "PatientID=P;StudyInstanceUID=1", false)]
    [InlineData("SERIES", InformationModel.StudyRoot, "StudyInstanceUID=1", true)]
    [InlineData("SERIES", InformationModel.StudyRoot, "", false)]
    [InlineData("SERIES", InformationModel.PatientRoot, "StudyInstanceUID=1", false)]
    [InlineData("IMAGE", InformationModel.StudyRoot, "StudyInstanceUID=1", false)]
    [InlineData("IMAGE", InformationModel.StudyRoot, "StudyInstanceUID=1;SeriesInstanceUID=1.1", true)]
    [InlineData("IMAGE", InformationModel.StudyRoot, "StudyInstanceUID=1\\2;SeriesInstanceUID=1.1", false)]
    [InlineData("EXAM", InformationModel.StudyRoot, "", false)]
    [InlineData("", InformationModel.StudyRoot, "", false)]
    public void A_hierarchical_query_names_each_level_above_by_one_unique_key(string level, InformationModel model, string keys, bool fits)
    {
        var identifier = Make.Dataset([(Tags.QueryRetrieveLevel, level), .. keys.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(k => (DicomDictionary.Find(k.Split('=')[0])!.Tag, k.Split('=')[1]))]);
        Assert.Equal(fits, QueryRules.Refusal(identifier, model, isRelational: false) is null);
    }
}

/// <summary>An index in a file.</summary>
public sealed class SqliteAnswerTests(SqliteIndexFixture fixture) : AnswerTests(fixture), IClassFixture<SqliteIndexFixture>;

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresAnswerTests(PostgresIndexFixture fixture) : AnswerTests(fixture), IClassFixture<PostgresIndexFixture>;
