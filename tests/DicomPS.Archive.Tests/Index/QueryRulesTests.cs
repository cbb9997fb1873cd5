using DicomPS.Archiving.Tests.Support;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Index;

/// <summary>Keys that can match nothing are refused, and not answered as if there were nothing.</summary>
public class QueryRulesTests
{
    [Theory]
    [InlineData("StudyDate", "2025*", "StudyDate (0008,0020) is no DA and no range")]
    [InlineData("StudyDate", "202503??", "StudyDate (0008,0020) is no DA and no range")]
    [InlineData("StudyDate", "yesterday", "StudyDate (0008,0020) is no DA and no range")]
    [InlineData("StudyDate", "20250301\\2025*", "StudyDate (0008,0020) is no DA and no range")]
    [InlineData("StudyTime", "10*", "StudyTime (0008,0030) is no TM and no range")]
    [InlineData("AcquisitionDateTime", "2025*", "AcquisitionDateTime (0008,002A) is no DT and no range")]
    [InlineData("StudyInstanceUID", "1.2.*", "StudyInstanceUID (0020,000D) has a wildcard, and UI knows none")]
    [InlineData("SeriesNumber", "1?", "SeriesNumber (0020,0011) has a wildcard, and IS knows none")]
    [InlineData("StudyDate", "20250301", null)]
    [InlineData("StudyDate", "20250301-", null)]
    [InlineData("StudyDate", "2025.03.01", null)]
    [InlineData("StudyDate", "*", null)]
    [InlineData("StudyDate", "", null)]
    [InlineData("StudyDate", "\"\"", null)]
    [InlineData("StudyTime", "1000-1100", null)]
    [InlineData("StudyInstanceUID", "*", null)]
    [InlineData("StudyInstanceUID", "1.2.3\\1.2.4", null)]
    [InlineData("PatientName", "DOE*", null)]
    [InlineData("PatientID", "4?", null)]
    public void A_key_whose_value_is_none_of_its_VR_is_named(string keyword, string value, string? why)
    {
        var keys = Make.Dataset((DicomPS.Dictionary.DicomDictionary.Find(keyword)!.Tag, value),
            (DicomPS.Dictionary.Tags.QueryRetrieveLevel, "STUDY"));
        Assert.Equal(why, QueryRules.Unusable(keys));
        Assert.Equal(why, QueryRules.Refusal(keys, InformationModel.StudyRoot, isRelational: true));
        var outer = Make.Dataset();
        outer.SetSequence(DicomPS.Dictionary.Tags.RequestAttributesSequence, keys);
        Assert.Equal(why, QueryRules.Unusable(outer));
    }
}
