using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Retrieving;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Retrieving;

public class RetrieveTargetTests
{
    private const string Patient = "P1", Study = "1.2.3", Series = "1.2.3.4", Instance = "1.2.3.4.5";

    // The table of the issue, row by row: what is there decides, and exactly the row's keys are sent.
    [Theory]
    [InlineData("P", InformationModel.PatientRoot, QueryLevel.Patient, null)]
    [InlineData("PS", InformationModel.PatientRoot, QueryLevel.Study, null)]
    [InlineData("PSE", InformationModel.PatientRoot, QueryLevel.Series, null)]
    [InlineData("PSEI", InformationModel.PatientRoot, QueryLevel.Image, null)]
    [InlineData("S", InformationModel.StudyRoot, QueryLevel.Study, null)]
    [InlineData("SE", InformationModel.StudyRoot, QueryLevel.Series, null)]
    [InlineData("SEI", InformationModel.StudyRoot, QueryLevel.Image, null)]
    [InlineData("PS", InformationModel.PatientStudyOnly, QueryLevel.Study, InformationModel.PatientStudyOnly)]
    [InlineData("I", InformationModel.CompositeInstanceRoot, QueryLevel.Image, InformationModel.CompositeInstanceRoot)]
    [InlineData("I", InformationModel.WithoutBulkData, QueryLevel.Image, InformationModel.WithoutBulkData)]
    public void Keys_give_model_and_level(string keys, InformationModel model, QueryLevel level, InformationModel? given)
    {
        var target = RetrieveTarget.For(Keys(keys) with { Model = given });
        Assert.Equal((model, level), (target.Model, target.Level));
        AssertSent(target, keys);
    }

    [Theory]
    [InlineData("PS", InformationModel.StudyRoot, "S")]
    [InlineData("PSE", InformationModel.StudyRoot, "SE")]
    [InlineData("PSEI", InformationModel.StudyRoot, "SEI")]
    [InlineData("PSEI", InformationModel.CompositeInstanceRoot, "I")]
    [InlineData("PSEI", InformationModel.WithoutBulkData, "I")]
    public void Keys_that_the_chosen_model_does_not_have_are_not_sent(string keys, InformationModel model, string sent) =>
        AssertSent(RetrieveTarget.For(Keys(keys) with { Model = model }), sent);

    [Theory]
    [InlineData(QueryLevel.Patient, "P")]
    [InlineData(QueryLevel.Study, "PS")]
    [InlineData(QueryLevel.Series, "PSE")]
    public void A_level_of_ones_own_leaves_out_the_keys_below_it(QueryLevel level, string sent)
    {
        var target = RetrieveTarget.For(Keys("PSEI") with { Level = level });
        Assert.Equal(level, target.Level);
        AssertSent(target, sent);
    }

    [Theory]
    [InlineData("E", null, null, "StudyInstanceUID")]
    [InlineData("I", null, null, "StudyInstanceUID")]
    [InlineData("SI", null, null, "SeriesInstanceUID")]
    [InlineData("PE", null, null, "StudyInstanceUID")]
    [InlineData("PSI", null, null, "SeriesInstanceUID")]
    [InlineData("S", InformationModel.PatientRoot, null, "PatientID")]
    [InlineData("S", InformationModel.PatientStudyOnly, null, "PatientID")]
    [InlineData("S", null, QueryLevel.Series, "SeriesInstanceUID")]
    [InlineData("SE", null, QueryLevel.Image, "SOPInstanceUID")]
    [InlineData("S", InformationModel.CompositeInstanceRoot, null, "SOPInstanceUID")]
    [InlineData("S", InformationModel.WithoutBulkData, null, "SOPInstanceUID")]
    public void A_missing_key_is_named(string keys, InformationModel? model, QueryLevel? level, string missing)
    {
        var problem = Assert.Throws<ArgumentException>(() => RetrieveTarget.For(Keys(keys) with { Model = model, Level = level }));
        Assert.Contains($"needs {missing}, which is missing", problem.Message);
    }

    [Theory]
    [InlineData(InformationModel.StudyRoot, QueryLevel.Patient, "it has STUDY, SERIES, IMAGE")]
    [InlineData(InformationModel.PatientStudyOnly, QueryLevel.Series, "it has PATIENT, STUDY")]
    [InlineData(InformationModel.CompositeInstanceRoot, QueryLevel.Study, "it has IMAGE")]
    public void A_level_that_the_model_does_not_have_is_refused(InformationModel model, QueryLevel level, string has) =>
        Assert.Contains(has,
            Assert.Throws<ArgumentException>(() => RetrieveTarget.For(Keys("PSEI") with { Model = model, Level = level })).Message);

    [Fact]
    public void Nothing_to_go_by_is_refused() =>
        Assert.Contains("nothing to retrieve",
            Assert.Throws<ArgumentException>(
                () => RetrieveTarget.For(new RetrieveKeys { PatientID = " ", StudyInstanceUID = [""] })).Message);

    [Theory]
    [InlineData("1.2.*")]
    [InlineData("?")]
    [InlineData("1.2.3 4")]
    public void What_is_no_uid_is_refused(string uid) =>
        Assert.Contains("is no UID",
            Assert.Throws<ArgumentException>(() => RetrieveTarget.For(new RetrieveKeys { StudyInstanceUID = [uid] })).Message);

    [Fact]
    public void Several_uids_go_as_a_list_at_the_level_itself()
    {
        var target = RetrieveTarget.For(new RetrieveKeys { StudyInstanceUID = ["1.2", " 1.3 ", "1.2"] });
        Assert.Equal(["1.2", "1.3"], target.ToIdentifier().GetStrings(Tags.StudyInstanceUID));
        // As an earlier result has them, in one text.
        Assert.Equal(["1.2", "1.3"], RetrieveTarget.For(new RetrieveKeys { StudyInstanceUID = ["1.2\\1.3"] }).Studies);
    }

    [Fact]
    public void Each_study_and_each_series_is_a_request_and_instances_go_in_lists()
    {
        var patient = new RetrieveKeys { PatientID = Patient };
        Assert.Equal(patient, Assert.Single(RetrieveTarget.Split(patient)));
        Assert.Equal([["1.2"], ["1.3"]], RetrieveTarget.Split(new RetrieveKeys { StudyInstanceUID = ["1.2\\1.3", "1.2"] })
            .Select(k => k.StudyInstanceUID.ToArray()));
        Assert.Equal([["1.2"], ["1.3"]], RetrieveTarget.Split(Keys("PS") with { SeriesInstanceUID = ["1.2", "1.3"] })
            .Select(k => k.SeriesInstanceUID.ToArray()));
        var instances = Enumerable.Range(0, 250).Select(i => $"1.2.{i}").ToArray();
        var lists = RetrieveTarget.Split(Keys("SE") with { SOPInstanceUID = instances }).Select(k => k.SOPInstanceUID).ToList();
        Assert.Equal([100, 100, 50], lists.Select(l => l.Count));
        Assert.Equal(instances, lists.SelectMany(l => l));
    }

    [Fact]
    public void Several_uids_above_the_level_are_refused() =>
        Assert.Contains("exactly one StudyInstanceUID; there are 2", Assert.Throws<ArgumentException>(() =>
            RetrieveTarget.For(new RetrieveKeys { StudyInstanceUID = ["1.2", "1.3"], SeriesInstanceUID = ["1.4"] })).Message);

    [Theory]
    [InlineData("PS", null, "StudyRoot PatientStudyOnly")]
    [InlineData("PSEI", null, "StudyRoot")]
    [InlineData("P", null, "PatientStudyOnly")]
    [InlineData("S", null, "")]
    [InlineData("PS", InformationModel.PatientRoot, "")]
    public void Other_models_stand_in_unless_one_was_named(string keys, InformationModel? model, string others)
    {
        var asked = Keys(keys) with { Model = model };
        Assert.Equal(others, string.Join(' ', RetrieveTarget.For(asked).Alternatives(asked).Select(t => t.Model)));
    }

    [Fact]
    public void A_patient_id_beyond_ascii_declares_its_character_set()
    {
        var identifier = RetrieveTarget.For(new RetrieveKeys { PatientID = "山田" }).ToIdentifier();
        Assert.Equal("ISO_IR 192", identifier.GetString(Tags.SpecificCharacterSet));
        Assert.False(RetrieveTarget.For(Keys("P")).ToIdentifier().Contains(Tags.SpecificCharacterSet));
    }

    [Fact]
    public void Without_bulk_data_there_is_no_move() =>
        Assert.Throws<ArgumentException>(
            () => RetrieveTarget.For(Keys("I") with { Model = InformationModel.WithoutBulkData }).SopClassUid(RetrieveMethod.Move));

    [Theory]
    [InlineData(InformationModel.PatientRoot, "1.2.840.10008.5.1.4.1.2.1.2", "1.2.840.10008.5.1.4.1.2.1.3")]
    [InlineData(InformationModel.StudyRoot, "1.2.840.10008.5.1.4.1.2.2.2", "1.2.840.10008.5.1.4.1.2.2.3")]
    [InlineData(InformationModel.PatientStudyOnly, "1.2.840.10008.5.1.4.1.2.3.2", "1.2.840.10008.5.1.4.1.2.3.3")]
    [InlineData(InformationModel.CompositeInstanceRoot, "1.2.840.10008.5.1.4.1.2.4.2", "1.2.840.10008.5.1.4.1.2.4.3")]
    [InlineData(InformationModel.WithoutBulkData, null, "1.2.840.10008.5.1.4.1.2.5.3")]
    public void Each_model_has_its_sop_classes(InformationModel model, string? move, string get)
    {
        var target = RetrieveTarget.For(Keys(model == InformationModel.PatientStudyOnly ? "PS" : "PSEI") with { Model = model });
        if (move is { })
            Assert.Equal(move, target.SopClassUid(RetrieveMethod.Move));
        Assert.Equal(get, target.SopClassUid(RetrieveMethod.Get));
    }

    private static RetrieveKeys Keys(string which) => new()
    {
        PatientID = which.Contains('P') ? Patient : null,
        StudyInstanceUID = which.Contains('S') ? [Study] : [],
        SeriesInstanceUID = which.Contains('E') ? [Series] : [],
        SOPInstanceUID = which.Contains('I') ? [Instance] : [],
    };

    private static void AssertSent(RetrieveTarget target, string keys)
    {
        var identifier = target.ToIdentifier();
        Assert.Equal(target.Level.ToString().ToUpperInvariant(), identifier.GetString(Tags.QueryRetrieveLevel));
        Assert.Equal(keys.Contains('P') ? Patient : null, identifier.GetString(Tags.PatientID));
        Assert.Equal(keys.Contains('S') ? Study : null, identifier.GetString(Tags.StudyInstanceUID));
        Assert.Equal(keys.Contains('E') ? Series : null, identifier.GetString(Tags.SeriesInstanceUID));
        Assert.Equal(keys.Contains('I') ? Instance : null, identifier.GetString(Tags.SOPInstanceUID));
        Assert.Equal(keys.Length + 1, identifier.Count);
    }
}
