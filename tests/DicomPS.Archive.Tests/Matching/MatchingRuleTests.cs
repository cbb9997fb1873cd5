using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Matching;

/// <summary>Each rule of PS3.4 C.2.2.2, held against the matcher in memory and against the index.</summary>
public abstract class MatchingRuleTests(IndexFixture fixture)
{
    public static TheoryData<string, string, string, string, bool> Rules => new()
    {
        { "single value: equal", "AccessionNumber", "A1", "A1", true },
        { "single value: not a part", "AccessionNumber", "A1", "A12", false },
        { "single value: case counts", "AccessionNumber", "a1", "A1", false },
        { "single value: padding does not count", "AccessionNumber", " A1 ", "A1 ", true },
        { "universal: an empty key", "AccessionNumber", "", "A1", true },
        { "universal: an empty key, nothing known", "AccessionNumber", "", "", true },
        { "universal: a star alone, nothing known", "AccessionNumber", "*", "", true },
        { "universal: a star alone in a date", "StudyDate", "*", "20240101", true },
        { "universal: a star alone in a UID", "SOPClassUID", "*", "1.2.840.10008.5.1.4.1.1.2", true },
        { "nothing known matches no value", "AccessionNumber", "A1", "", false },
        { "nothing known matches no pattern", "AccessionNumber", "A*", "", false },
        { "composed and decomposed: a text", "StudyDescription", "Sch\u00E4del", "Scha\u0308del", true },
        { "composed and decomposed: the other way", "StudyDescription", "Scha\u0308del", "Sch\u00E4del", true },
        { "composed and decomposed: a mark is not left out", "StudyDescription", "Schadel", "Scha\u0308del", false },
        { "composed and decomposed: two marks in any order", "StudyDescription", "a\u0323\u0302", "a\u0302\u0323", true },
        { "composed and decomposed: a pattern", "StudyDescription", "Sch\u00E4*", "Scha\u0308del", true },
        { "composed and decomposed: one character", "StudyDescription", "Sch?del", "Scha\u0308del", true },
        { "composed and decomposed: several values", "OtherPatientIDs", "\u00E9", "x\\e\u0301", true },
        { "composed and decomposed: a name", "PatientName", "m\u00DCller", "Mu\u0308ller^Jo", false },
        { "composed and decomposed: a name by pattern", "PatientName", "m\u00DCl*", "Mu\u0308ller^Jo", true },
        { "a name of separators alone fits no pattern", "PatientName", "*^*", "^^^^", false },
        { "a name of separators alone fits no pattern of letters", "PatientName", "A*", "^", false },
        { "composed and decomposed: Hangul", "PatientName", "\uAE40*", "\u1100\u1175\u11B7^X", true },
        { "composed and decomposed: kana", "PatientName", "\u30AC*", "\u30AB\u3099\u30E9", true },
        { "wildcard: star at the end", "StudyDescription", "HEAD*", "HEAD CT", true },
        { "wildcard: star for nothing", "StudyDescription", "HEAD*", "HEAD", true },
        { "wildcard: star at the start", "StudyDescription", "*CT", "HEAD CT", true },
        { "wildcard: star in the middle", "StudyDescription", "H*T", "HEAD CT", true },
        { "wildcard: several stars", "StudyDescription", "*E*C*", "HEAD CT", true },
        { "wildcard: more stars than a database likes", "StudyDescription", "*H*E*A*D*C*T*", "HEAD CT", true },
        { "wildcard: case counts", "StudyDescription", "head*", "HEAD CT", false },
        { "wildcard: one character", "StudyDescription", "H?AD CT", "HEAD CT", true },
        { "wildcard: one character, not none", "StudyDescription", "HEAD CT?", "HEAD CT", false },
        { "wildcard: one character beyond the basic plane", "StudyDescription", "a?b", "a\U0001F600b", true },
        { "wildcard: not in a UID", "SOPClassUID", "1.2.840.*", "1.2.840.10008.5.1.4.1.1.2", false },
        { "wildcard: not in a number", "SeriesNumber", "1*", "12", false },
        { "wildcard: brackets are characters", "StudyDescription", "[A-Z]*", "HEAD", false },
        { "wildcard: brackets are characters, found", "StudyDescription", "[A-Z]*", "[A-Z] HEAD", true },
        { "wildcard: a per cent sign is a character", "StudyDescription", "%EAD*", "HEAD", false },
        { "wildcard: an underscore is a character", "StudyDescription", "_EAD*", "HEAD", false },
        { "list of UIDs: one of them", "SOPClassUID", "1.2.3\\1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2", true },
        { "list of UIDs: none of them", "SOPClassUID", "1.2.3\\1.2.4", "1.2.840.10008.5.1.4.1.1.2", false },
        { "list of values: one of them", "Modality", "MR\\CT", "CT", true },
        { "list of values: one is a pattern", "BodyPartExamined", "FOOT\\HE*", "HEAD", true },
        { "several values: any of them", "ImageType", "PRIMARY", "ORIGINAL\\PRIMARY\\AXIAL", true },
        { "several values: a pattern does not span them", "ImageType", "ORIG*AXIAL", "ORIGINAL\\PRIMARY\\AXIAL", false },
        { "several values where one belongs: any of them", "AccessionNumber", "B", "A\\B", true },
        { "several values where one belongs: no pattern spans them", "AccessionNumber", "A*B", "A\\B", false },
        { "a backslash in a text is a character", "PatientComments", "A\\B*", "A\\B and more", true },
        { "number: by value", "SeriesNumber", "7", "007", true },
        { "number: with a sign and a fraction", "PatientWeight", "70", "+70.00", true },
        { "number: binary", "Rows", "512", "512", true },
        { "number: another one", "SeriesNumber", "7", "70", false },
        { "name: case does not count", "PatientName", "doe^john", "DOE^JOHN", true },
        { "name: case does not count in Cyrillic", "PatientName", "люксембург^*", "ЛЮКСЕМБУРГ^РОЗА", true },
        { "name: wildcard without case", "PatientName", "doe*", "Doe^John", true },
        { "name: not a part", "PatientName", "Doe", "Doe^John", false },
        { "name: empty components at the end do not count", "PatientName", "Doe^John^^^", "Doe^John", true },
        { "name: components that are left out match a star", "PatientName", "Doe^*", "Doe", true },
        { "name: components that are left out match several stars", "PatientName", "Doe^*^*", "Doe", true },
        { "name: spaces around components do not count", "PatientName", "Doe^John", "Doe ^ John", true },
        { "name: ideographic group", "PatientName", "山田*", "Yamada^Tarou=山田^太郎=やまだ^たろう", true },
        { "name: phonetic group", "PatientName", "やまだ^たろう", "Yamada^Tarou=山田^太郎=やまだ^たろう", true },
        { "name: alphabetic group of several", "PatientName", "YAMADA^*", "Yamada^Tarou=山田^太郎=やまだ^たろう", true },
        { "name: several groups in the key", "PatientName", "yamada*=山田*", "Yamada^Tarou=山田^太郎", true },
        { "name: several groups in the key, one differs", "PatientName", "yamada*=鈴木*", "Yamada^Tarou=山田^太郎", false },
        { "name: a group in its own place only", "PatientName", "=山田*", "Yamada^Tarou=鈴木^太郎=山田", false },
        { "name: a group that the key leaves open", "PatientName", "=山田*", "Yamada^Tarou=山田^太郎", true },
        { "name: another name", "PatientName", "Smith*", "Yamada^Tarou=山田^太郎", false },
        { "name: several persons, any of them", "OperatorsName", "roe^*", "Doe^John\\Roe^Jane", true },
        { "name: a physician's too", "ReferringPhysicianName", "roe*", "ROE^JANE", true },
        { "date: single", "StudyDate", "20240131", "20240131", true },
        { "date: by meaning", "StudyDate", "20240131", "2024.01.31", true },
        { "date: range", "StudyDate", "20240101-20240131", "20240131", true },
        { "date: after the range", "StudyDate", "20240101-20240131", "20240201", false },
        { "date: open end", "StudyDate", "20240101-", "20991231", true },
        { "date: open start", "StudyDate", "-20240101", "20240101", true },
        { "date: several ranges", "StudyDate", "20230101-20230131\\20240101-", "20240201", true },
        { "date: nothing known matches no range", "StudyDate", "-20240101", "", false },
        { "date: what is no date matches no range", "StudyDate", "20240101-", "yesterday", false },
        { "date: what is no date matches itself", "StudyDate", "yesterday", "yesterday", true },
        { "date: of eight digits and no day matches no range", "StudyDate", "20240101-", "20249999", false },
        { "time: single, by meaning", "StudyTime", "1030", "10:30:00", true },
        { "time: an hour is all of it", "StudyTime", "10", "103045.5", true },
        { "time: range", "StudyTime", "1030-1100", "104500", true },
        { "time: range, the last minute is all of it", "StudyTime", "1030-1100", "110059.999", true },
        { "time: after the range", "StudyTime", "1030-1100", "110100", false },
        { "time: open start", "StudyTime", "-0600", "055959", true },
        { "date and time: range", "AcquisitionDateTime", "20240101-20240131", "20240131235959.99", true },
        { "date and time: after the range", "AcquisitionDateTime", "20240101-20240131", "20240201000000", false },
        { "date and time: with an offset", "AcquisitionDateTime", "202401011200-0500-", "20240101120000-0500", true },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_rule_holds_in_memory_and_in_the_index(string rule, string keyword, string key, string value, bool expected)
    {
        var tag = DicomDictionary.Find(keyword)!.Tag;
        var instance = Make.Instance(elements: (tag, value));
        var identifier = Make.Dataset((tag, key));
        await HoldAsync(rule, identifier, instance, expected);
    }

    [Theory]
    [InlineData("a sequence's item", "RP1", "SPS1", true)]
    [InlineData("both keys in one item", "RP1", "SPS2", false)]
    [InlineData("a pattern in an item", "RP*", "SPS2", true)]
    [InlineData("an item without values", "", "", true)]
    public async Task A_sequence_matches_when_one_item_matches_all_its_keys(string rule, string procedure, string step, bool expected)
    {
        var instance = Make.Instance();
        instance.SetSequence(Tags.RequestAttributesSequence,
            Make.Dataset((Tags.RequestedProcedureID, "RP1"), (Tags.ScheduledProcedureStepID, "SPS1")),
            Make.Dataset((Tags.RequestedProcedureID, "RP2"), (Tags.ScheduledProcedureStepID, "SPS2")));
        var identifier = new DicomDataset();
        identifier.SetSequence(Tags.RequestAttributesSequence,
            Make.Dataset((Tags.RequestedProcedureID, procedure), (Tags.ScheduledProcedureStepID, step)));
        await HoldAsync(rule, identifier, instance, expected);
    }

    [Theory]
    [InlineData("an empty sequence", false, true)]
    [InlineData("a value in its item", true, false)]
    public async Task A_sequence_that_is_not_there_matches_only_what_asks_for_nothing(string rule, bool hasValue, bool expected)
    {
        var identifier = new DicomDataset();
        identifier.SetSequence(Tags.RequestAttributesSequence, hasValue ? [Make.Dataset((Tags.RequestedProcedureID, "RP1"))] : []);
        await HoldAsync(rule, identifier, Make.Instance(), expected);
    }

    [Theory]
    [InlineData("the evening before", "20240101", "230000", true)]
    [InlineData("the morning after", "20240102", "060000", true)]
    [InlineData("noon between, outside both times", "20240102", "120000", false)]
    [InlineData("too early", "20240101", "215959", false)]
    [InlineData("no time counts as midnight", "20240102", "", true)]
    [InlineData("no date", "", "230000", false)]
    public async Task Date_and_time_are_one_range_when_that_was_agreed_on(string rule, string date, string time, bool expected)
    {
        var instance = Make.Instance(elements: [(Tags.StudyDate, date), (Tags.StudyTime, time)]);
        var identifier = Make.Dataset((Tags.StudyDate, "20240101-20240102"), (Tags.StudyTime, "2200-0800"));
        await HoldAsync(rule, identifier, instance, expected, new MatchOptions { CombinedDateTimes = true });
    }

    [Fact]
    public async Task A_single_time_beside_a_range_of_dates_is_the_time_of_each_day()
    {
        var identifier = Make.Dataset((Tags.StudyDate, "20240101-20240103"), (Tags.StudyTime, "0815"));
        var options = new MatchOptions { CombinedDateTimes = true };
        await HoldAsync("that time of a day between", identifier,
            Make.Instance(elements: [(Tags.StudyDate, "20240102"), (Tags.StudyTime, "081530")]), true, options);
        await HoldAsync("another time of a day between", identifier,
            Make.Instance(elements: [(Tags.StudyDate, "20240102"), (Tags.StudyTime, "1000")]), false, options);
    }

    [Fact]
    public async Task Date_and_time_are_two_ranges_otherwise()
    {
        var identifier = Make.Dataset((Tags.StudyDate, "20240101-20240102"), (Tags.StudyTime, "2200-2300"));
        await HoldAsync("inside both", identifier, Make.Instance(elements: [(Tags.StudyDate, "20240102"), (Tags.StudyTime, "2230")]), true);
        await HoldAsync("outside the times", identifier,
            Make.Instance(elements: [(Tags.StudyDate, "20240101"), (Tags.StudyTime, "2330")]), false);
    }

    [Theory]
    [InlineData("Smith^John", "Smyth^Jon", true)]
    [InlineData("John Smith", "SMYTH^JON", true)]
    [InlineData("smyth", "Smith^John^Paul", true)]
    [InlineData("Muller", "Müller^Änne", true)]
    [InlineData("Smith^Jane", "Brown^Jane", false)]
    [InlineData("山田", "Yamada^Tarou=山田^太郎", true)]
    [InlineData("鈴木", "Yamada^Tarou=山田^太郎", false)]
    public async Task Names_match_by_sound_in_any_order_when_that_was_agreed_on(string key, string name, bool expected)
    {
        foreach (var tag in new[] { Tags.PatientName, Tags.ReferringPhysicianName })
            await HoldAsync(key, Make.Dataset((tag, key)), Make.Instance(elements: (tag, name)), expected,
                new MatchOptions { FuzzyNames = true });
        if (expected)
            await HoldAsync(key, Make.Dataset((Tags.PatientName, key)), Make.Instance(elements: (Tags.PatientName, name)), false);
    }

    [Fact]
    public async Task Two_quotation_marks_match_what_is_empty_when_that_was_agreed_on()
    {
        var agreed = new MatchOptions { EmptyValues = true };
        foreach (var tag in new[] { Tags.AccessionNumber, Tags.PatientName, Tags.StudyDescription })
        {
            await HoldAsync("empty", Make.Dataset((tag, "\"\"")), Make.Instance(), true, agreed);
            await HoldAsync("not empty", Make.Dataset((tag, "\"\"")), Make.Instance(elements: (tag, "A")), false, agreed);
            await HoldAsync("not agreed", Make.Dataset((tag, "\"\"")), Make.Instance(), false);
        }
    }

    [Fact]
    public async Task A_key_that_the_index_does_not_hold_matches_everything_without_its_files()
    {
        await using var index = await fixture.CreateAsync(Make.Instance());
        Assert.Single(await index.FindAsync(QueryLevel.Image, Make.Dataset((Tags.KVP, "120"))));
    }

    private async Task HoldAsync(string rule, DicomDataset identifier, DicomDataset instance, bool expected,
        MatchOptions? options = null)
    {
        Assert.True(expected == new DatasetMatcher(identifier, options).Matches(instance), $"in memory: {rule}");
        await using var index = await fixture.CreateAsync(instance);
        var answers = await index.FindAsync(QueryLevel.Image, identifier, options);
        Assert.True((expected ? 1 : 0) == answers.Count, $"in the index: {rule}");
    }
}

/// <summary>An index in a file.</summary>
public sealed class SqliteMatchingRuleTests(SqliteIndexFixture fixture) : MatchingRuleTests(fixture), IClassFixture<SqliteIndexFixture>;

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresMatchingRuleTests(PostgresIndexFixture fixture)
    : MatchingRuleTests(fixture), IClassFixture<PostgresIndexFixture>;
