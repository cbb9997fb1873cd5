using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Matching;

/// <summary>The table of what an answer says about a key: it fits, it does not, or that is not known.</summary>
public class AnswerJudgeTests
{
    private const string Fits = "fits", Not = "not", Unknown = "unknown";

    [Theory]
    // UIDs have one spelling; several are any of them, on both sides.
    [InlineData("StudyInstanceUID", "1.2.3", "1.2.3", Fits)]
    [InlineData("StudyInstanceUID", "1.2.3", "1.2.3\0", Fits)]
    [InlineData("StudyInstanceUID", "1.2.3", "1.2.4", Not)]
    [InlineData("StudyInstanceUID", "1.2.3", "1.2.30", Not)]
    [InlineData("StudyInstanceUID", "1.2.3\\1.2.4", "1.2.4", Fits)]
    [InlineData("StudyInstanceUID", "1.2.3\\1.2.4", "1.2.5", Not)]
    [InlineData("StudyInstanceUID", "1.2.3", null, Unknown)]
    [InlineData("StudyInstanceUID", "1.2.3", "", Unknown)]
    [InlineData("StudyInstanceUID", "*", "1.2.3", Fits)]
    [InlineData("StudyInstanceUID", "1.2.*", "1.2.3", Fits)]
    [InlineData("StudyInstanceUID", "1.2.*", "1.3.3", Unknown)]
    [InlineData("SOPClassesInStudy", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4\\1.2.840.10008.5.1.4.1.1.2", Fits)]
    [InlineData("SOPClassesInStudy", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", Not)]
    // Modalities.
    [InlineData("ModalitiesInStudy", "MR", "CT", Not)]
    [InlineData("ModalitiesInStudy", "MR", "CT\\MR", Fits)]
    [InlineData("ModalitiesInStudy", "MR", "mr ", Fits)]
    [InlineData("ModalitiesInStudy", "MR\\US", "US\\SR", Fits)]
    [InlineData("ModalitiesInStudy", "MR\\US", "CT\\SR", Not)]
    [InlineData("ModalitiesInStudy", "MR", null, Unknown)]
    [InlineData("ModalitiesInStudy", "MR", "", Unknown)]
    [InlineData("ModalitiesInStudy", "M*", "MG", Fits)]
    [InlineData("ModalitiesInStudy", "M*", "CT", Not)]
    [InlineData("Modality", "CT", "CT", Fits)]
    [InlineData("Modality", "CT", "PT", Not)]
    // Dates, by meaning.
    [InlineData("StudyDate", "20250301", "20250301", Fits)]
    [InlineData("StudyDate", "20250301", "2025.03.01", Fits)]
    [InlineData("StudyDate", "20250301", "20250302", Not)]
    [InlineData("StudyDate", "20250301-20250331", "20250331", Fits)]
    [InlineData("StudyDate", "20250301-20250331", "20250401", Not)]
    [InlineData("StudyDate", "20250301-", "20250228", Not)]
    [InlineData("StudyDate", "-20250301", "19990101", Fits)]
    [InlineData("StudyDate", "20250301", "", Unknown)]
    [InlineData("StudyDate", "20250301", null, Unknown)]
    [InlineData("StudyDate", "20250301", "00000000", Unknown)]
    [InlineData("StudyDate", "20250301", "March 2025", Unknown)]
    [InlineData("StudyDate", "2025*", "20240301", Unknown)]
    [InlineData("StudyDate", "20250331-20250301", "20250315", Unknown)]
    [InlineData("PatientBirthDate", "19700101", "19700102", Not)]
    // Times: what the answer leaves open neither fits nor contradicts.
    [InlineData("StudyTime", "1000-1100", "103000", Fits)]
    [InlineData("StudyTime", "1000-1100", "1100", Fits)]
    [InlineData("StudyTime", "1000-1100", "120000", Not)]
    [InlineData("StudyTime", "1030-1100", "10", Unknown)]
    [InlineData("StudyTime", "1030-1100", "09", Not)]
    [InlineData("StudyTime", "101530", "101530.250000", Fits)]
    [InlineData("StudyTime", "1000", "2400", Unknown)]
    [InlineData("StudyTime", "1000", "9:00", Unknown)]
    [InlineData("AcquisitionDateTime", "20250301-20250302", "20250301120000", Fits)]
    [InlineData("AcquisitionDateTime", "20250301-20250302", "20250303000000", Not)]
    [InlineData("AcquisitionDateTime", "20250301-20250302", "20250303003000+0200", Unknown)]
    [InlineData("AcquisitionDateTime", "20250301", "2025", Unknown)]
    // Names, IDs and other text: what is spelt otherwise may still be meant.
    [InlineData("PatientName", "DOE*", "Doe^John", Fits)]
    [InlineData("PatientName", "DOE", "SMITH", Unknown)]
    [InlineData("PatientName", "MULLER", "Müller", Unknown)]
    [InlineData("PatientID", "42", "42", Fits)]
    [InlineData("PatientID", "42", "0042", Unknown)]
    [InlineData("PatientID", "42", "43", Unknown)]
    [InlineData("PatientID", "42", null, Unknown)]
    [InlineData("AccessionNumber", "a1", "A1", Unknown)]
    [InlineData("AccessionNumber", "A*", "A1", Fits)]
    [InlineData("StudyDescription", "HEAD*", "CHEST", Unknown)]
    [InlineData("InstitutionName", "NOBODY", "", Unknown)]
    [InlineData("SeriesNumber", "3", "003", Fits)]
    [InlineData("SeriesNumber", "3", "4", Unknown)]
    [InlineData("PatientSex", "F", "M", Unknown)]
    // What is about the query is no key, and what has no value matches everything.
    [InlineData("QueryRetrieveLevel", "STUDY", "SERIES", Fits)]
    [InlineData("RetrieveAETitle", "A", "B", Fits)]
    [InlineData("StudyDate", "", "20250301", Fits)]
    public void The_verdict_on_a_key_and_a_value(string keyword, string key, string? value, string verdict) =>
        Assert.Equal(verdict, Word(new AnswerJudge(With(keyword, key)).Judge(With(keyword, value))));

    [Fact]
    public void One_key_that_is_contradicted_decides_over_one_that_is_not_known()
    {
        var keys = With("ModalitiesInStudy", "MR");
        keys.Set(Tags.PatientID, "42");
        var answer = With("ModalitiesInStudy", "CT");
        Assert.Equal(Not, Word(new AnswerJudge(keys).Judge(answer)));
        answer.Set(Tags.ModalitiesInStudy, "MR");
        Assert.Equal(Unknown, Word(new AnswerJudge(keys).Judge(answer)));
        answer.Set(Tags.PatientID, "42");
        Assert.Equal(Fits, Word(new AnswerJudge(keys).Judge(answer)));
    }

    [Theory]
    [InlineData("CT", "CT", Fits)]
    [InlineData("CT", "MR", Not)]
    [InlineData("CT", null, Unknown)]
    public void A_sequence_fits_when_one_of_its_items_does(string key, string? value, string verdict)
    {
        var keys = new DicomDataset();
        keys.SetSequence(Tags.ScheduledProcedureStepSequence, With("Modality", key));
        var answer = new DicomDataset();
        answer.SetSequence(Tags.ScheduledProcedureStepSequence, With("Modality", "US"), With("Modality", value));
        Assert.Equal(verdict, Word(new AnswerJudge(keys).Judge(answer)));
        Assert.Equal(Unknown, Word(new AnswerJudge(keys).Judge([])));
    }

    [Theory]
    [InlineData("20250301", "230000", Fits)]
    [InlineData("20250302", null, Fits)]
    [InlineData("20250301", "210000", Not)]
    [InlineData("20250303", "070000", Not)]
    [InlineData("20250303", "050000", Fits)]
    [InlineData("20250303", null, Unknown)]
    [InlineData("20250304", null, Not)]
    [InlineData(null, "230000", Unknown)]
    public void A_range_of_dates_and_of_times_is_one_stretch_where_that_was_agreed(string? date, string? time, string verdict)
    {
        var keys = With("StudyDate", "20250301-20250303");
        keys.Set(Tags.StudyTime, "2200-0600");
        var answer = With("StudyDate", date);
        if (time is not null)
            answer.Set(Tags.StudyTime, time);
        Assert.Equal(verdict, Word(new AnswerJudge(keys, new MatchOptions { CombinedDateTimes = true }).Judge(answer)));
    }

    [Theory]
    [InlineData("+0100", "+0100", Not)]
    [InlineData("+0100", "-0500", Unknown)]
    [InlineData("+0100", null, Unknown)]
    [InlineData(null, "-0500", Not)]
    public void A_day_of_another_time_zone_contradicts_nothing(string? asked, string? answered, string verdict)
    {
        var keys = With("StudyDate", "20250301");
        var answer = With("StudyDate", "20250302");
        if (asked is not null)
            keys.Set(Tags.TimezoneOffsetFromUTC, asked);
        if (answered is not null)
            answer.Set(Tags.TimezoneOffsetFromUTC, answered);
        Assert.Equal(verdict, Word(new AnswerJudge(keys).Judge(answer)));
    }

    private static string Word(bool? verdict) => verdict switch { true => Fits, false => Not, null => Unknown };

    private static DicomDataset With(string keyword, string? value)
    {
        var dataset = new DicomDataset();
        var tag = DicomDictionary.Find(keyword)!.Tag;
        dataset.SetCharacterSet("ISO_IR 192");
        if (value is not null)
            dataset.Set(tag, DicomDictionary.VrOf(tag), value.Split('\\'));
        return dataset;
    }
}
