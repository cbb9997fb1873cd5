using System.Diagnostics;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Matching;

public abstract class HostileValueTests(IndexFixture fixture)
{
    public static TheoryData<string, string> Values => new()
    {
        { "a quote", "O'Brien" },
        { "a statement", "'; DROP TABLE studies; --" },
        { "a double quote", "\"quoted\"" },
        { "an identifier in quotes", "\"] [PatientID\"" },
        { "per cent", "100%" },
        { "underscore", "a_b" },
        { "an open bracket", "[a-z" },
        { "brackets", "[a-z][^b]" },
        { "a parameter", "$p0 @p ?1 :x" },
        { "a function", "dicom_match(1,2)" },
        { "JSON", "[\"a\",{\"b\":1}]" },
        { "a comment", "/* */ -- \n" },
        { "line breaks", "a\r\nb\tc\n" },
        { "beyond the basic plane", "\U0001F600\U0010FFFF" },
        { "combining marks", "e\u0301\u0327" },
        { "a megabyte", new string('x', 1 << 20) },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_hostile_value_is_a_value_like_any_other(string what, string value)
    {
        await using var index = await fixture.CreateAsync(Make.Instance("1", elements: (Tags.StudyDescription, value)),
            Make.Instance("2", elements: (Tags.StudyDescription, "harmless")));
        var answers = await index.FindAsync(QueryLevel.Study,
            Make.Dataset((Tags.StudyDescription, value.Replace('*', '?')), (Tags.StudyInstanceUID, "")));
        var answer = Assert.Single(answers);
        Assert.True(value == answer.GetText(Tags.StudyDescription), what);
        // A letter and its marks are one character, however they are written.
        var plain = Composition.Compose(value);
        var first = plain.Substring(0, char.IsHighSurrogate(plain[0]) ? 2 : 1).Replace('*', '?');
        Assert.Equal(["1"], await index.UidsAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDescription, first + "*"))));
        Assert.Equal(["1", "2"], await index.UidsAsync(QueryLevel.Study, new DicomDataset()));
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_hostile_value_matches_nothing_else(string what, string value)
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance(elements: [(Tags.StudyDescription, "harmless"), (Tags.PatientName, "Harmless^Harry")]));
        Assert.True(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDescription, value))) is [], what);
        Assert.True(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.PatientName, value + "*"))) is [], what);
        Assert.True(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.PatientName, value)),
            new MatchOptions { FuzzyNames = true }) is [], what);
        Assert.True(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.ModalitiesInStudy, value))) is [], what);
        Assert.True(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyInstanceUID, value))) is [], what);
    }

    [Fact]
    public async Task NUL_inside_a_value_does_not_cut_it()
    {
        var instance = Make.Instance();
        instance.Set(Tags.StudyDescription, Vr.LO, "before\0after"u8.ToArray());
        await using var index = await fixture.CreateAsync(instance);
        var answer = Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDescription, "before\0aft*"))));
        Assert.Equal("beforeafter", answer.GetString(Tags.StudyDescription));
    }

    [Fact]
    public async Task A_star_is_found_by_a_question_mark()
    {
        await using var index = await fixture.CreateAsync(Make.Instance(elements: (Tags.StudyDescription, "a*b?c")));
        Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDescription, "a?b?c"))));
    }

    [Fact]
    public async Task A_list_of_100_000_UIDs_is_one_query()
    {
        await using var index = await fixture.CreateAsync(Make.Instance("1"), Make.Instance("2"));
        var identifier = new DicomDataset();
        identifier.Set(Tags.StudyInstanceUID, [.. Enumerable.Range(2, 100_000).Select(n => $"{n}")]);
        Assert.Equal(["2"], await index.UidsAsync(QueryLevel.Study, identifier));
    }

    [Fact]
    public async Task A_pattern_made_to_be_slow_is_not()
    {
        await using var index = await fixture.CreateAsync(
            Make.Instance(elements: [(Tags.StudyDescription, new string('a', 2000)), (Tags.PatientName, new string('A', 2000))]));
        var pattern = string.Concat(Enumerable.Repeat("a*", 100)) + "b";
        var clock = Stopwatch.StartNew();
        Assert.Empty(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.StudyDescription, pattern))));
        Assert.Empty(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.PatientName, pattern))));
        // A second is thousands of times what it takes, and nothing of what GLOB would take.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }
}

/// <summary>An index in a file.</summary>
public sealed class SqliteHostileValueTests(SqliteIndexFixture fixture) : HostileValueTests(fixture), IClassFixture<SqliteIndexFixture>;

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresHostileValueTests(PostgresIndexFixture fixture)
    : HostileValueTests(fixture), IClassFixture<PostgresIndexFixture>;
