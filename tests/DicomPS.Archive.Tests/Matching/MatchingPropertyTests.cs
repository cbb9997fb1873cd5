using System.Globalization;
using System.Text;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Matching;

/// <summary>Random instances and random identifiers: the index answers what the matcher in memory says.</summary>
public abstract class MatchingPropertyTests(IndexFixture fixture)
{
    private const int Instances = 200, Queries = 600;

    private static readonly DicomTag[] Texts =
        [Tags.AccessionNumber, Tags.StudyDescription, Tags.PatientID, Tags.StudyID, Tags.PatientComments, Tags.OtherPatientIDs,
            Tags.Modality, Tags.SeriesDescription, Tags.ImageType];

    private static readonly DicomTag[] Names = [Tags.PatientName, Tags.ReferringPhysicianName, Tags.OperatorsName, Tags.OtherPatientNames];
    private static readonly DicomTag[] Dates = [Tags.StudyDate, Tags.PatientBirthDate, Tags.ContentDate];
    private static readonly DicomTag[] Times = [Tags.StudyTime, Tags.ContentTime];
    private static readonly DicomTag[] Numbers = [Tags.SeriesNumber, Tags.InstanceNumber, Tags.PatientWeight];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_index_answers_what_the_matcher_says(int seed)
    {
        var random = new Random(seed);
        // A study and a series for each, so that no row is shared and every level says what the instance says.
        var instances = Enumerable.Range(1, Instances).ToDictionary(n => $"{n}.1.1", n => Instance(random, n));
        await using var index = await fixture.CreateAsync([.. instances.Values]);
        var found = 0;
        for (var i = 0; i < Queries; i++)
        {
            var identifier = Identifier(random);
            var options = new MatchOptions
            {
                FuzzyNames = random.Next(4) == 0,
                CombinedDateTimes = random.Next(3) == 0,
                EmptyValues = random.Next(4) == 0,
            };
            var matcher = new DatasetMatcher(identifier, options);
            var expected = instances.Where(x => matcher.Matches(x.Value)).Select(x => x.Key).Order(StringComparer.Ordinal).ToArray();
            var actual = await index.UidsAsync(QueryLevel.Image, identifier, options);
            Assert.True(expected.SequenceEqual(actual),
                $"{Print(identifier)} {options}\nmatcher: {string.Join(' ', expected)}\nindex:   {string.Join(' ', actual)}");
            found += expected.Length;
        }

        // Otherwise the test would say nothing.
        Assert.InRange(found, Queries, (long)Queries * Instances / 2);
    }

    [Fact]
    public async Task Keys_of_levels_below_match_when_one_thing_below_matches_them_all()
    {
        var random = new Random(7);
        var all = new List<DicomDataset>();
        for (var study = 1; study <= 40; study++)
        {
            for (var series = 1; series <= 3; series++)
            {
                var modality = Pick(random, ["CT", "MR", "US", "CT\\MR"]);
                for (var number = 1; number <= 2; number++)
                    all.Add(Make.Instance($"{study}", $"{series}", number, (Tags.Modality, modality),
                        (Tags.InstanceNumber, $"{random.Next(1, 4)}"), (Tags.StudyID, $"{study % 5}")));
            }
        }

        await using var index = await fixture.CreateAsync([.. all]);
        for (var i = 0; i < 200; i++)
        {
            var identifier = Make.Dataset((Tags.Modality, Pick(random, ["CT", "M*", "US\\MR", ""])),
                (Tags.InstanceNumber, Pick(random, ["1", "2\\3", ""])), (Tags.StudyID, Pick(random, ["1", "?", ""])));
            var matcher = new DatasetMatcher(identifier);
            var matching = all.Where(matcher.Matches).ToList();
            Assert.Equal(matching.Select(d => d.GetString(Tags.StudyInstanceUID)!).Distinct().Order(StringComparer.Ordinal),
                await index.UidsAsync(QueryLevel.Study, identifier, relational: true));
            Assert.Equal(matching.Select(d => d.GetString(Tags.SeriesInstanceUID)!).Distinct().Order(StringComparer.Ordinal),
                await index.UidsAsync(QueryLevel.Series, identifier, relational: true));
            Assert.Equal(matching.Select(d => d.GetString(Tags.PatientID)!).Distinct().Order(StringComparer.Ordinal),
                await index.UidsAsync(QueryLevel.Patient, identifier, relational: true));
        }
    }

    private static DicomDataset Instance(Random random, int number)
    {
        var instance = Make.Instance($"{number}");
        foreach (var tag in Texts.Where(_ => random.Next(4) > 0))
            Set(instance, tag, Some(random, () => Text(random, isKey: false), several: 6));
        foreach (var tag in Names.Where(_ => random.Next(4) > 0))
            Set(instance, tag, Some(random, () => Name(random, isKey: false), several: 6));
        foreach (var tag in Dates.Where(_ => random.Next(4) > 0))
            Set(instance, tag, Some(random, () => Pick(random, [Date(random), Date(random), "2024.01.05", "garbage", "20249999"]),
                several: 20));
        foreach (var tag in Times.Where(_ => random.Next(4) > 0))
            Set(instance, tag, Some(random, () => Pick(random, [Time(random), Time(random), "10:30:00", "99"]), several: 20));
        foreach (var tag in Numbers.Where(_ => random.Next(4) > 0))
            Set(instance, tag, Some(random, () => Pick(random, ["1", "01", "2", "2.0", "-3", "x"]), several: 10));
        return instance;
    }

    private static DicomDataset Identifier(Random random)
    {
        var identifier = Make.Dataset();
        for (var keys = random.Next(1, 4); keys > 0; keys--)
        {
            switch (random.Next(5))
            {
                case 0:
                    Set(identifier, Pick(random, Texts), Some(random,
                        () => Pick(random, [Text(random, isKey: true), Text(random, isKey: true), "\"\""]), several: 5));
                    break;
                case 1:
                    Set(identifier, Pick(random, Names), Some(random, () => Name(random, isKey: true), several: 5));
                    break;
                case 2:
                    Set(identifier, Pick(random, Dates), Some(random,
                        () => Pick(random, [Date(random), Date(random) + "-", "-" + Date(random), "20240105-20240115", "garbage"]),
                        several: 5));
                    Set(identifier, Pick(random, Times), random.Next(2) == 0 ? "0830-1600" : "");
                    break;
                case 3:
                    Set(identifier, Pick(random, Times), Some(random,
                        () => Pick(random, [Time(random), Time(random) + "-", "-" + Time(random), "10-12"]), several: 5));
                    break;
                default:
                    Set(identifier, Pick(random, Numbers), Some(random, () => Pick(random, ["1", "2", "+2", "-3.0", "x", "1*"]),
                        several: 3));
                    break;
            }
        }

        return identifier;
    }

    private static void Set(DicomDataset dataset, DicomTag tag, string value) =>
        dataset.Set(tag, value.Length == 0 ? [] : DicomDictionary.VrOf(tag).IsMultiValued() ? value.Split('\\') : [value]);

    // Few characters, so that things meet; among them all that mean something to somebody.
    private static string Text(Random random, bool isKey)
    {
        string[] letters = ["A", "B", "a", "%", "_", "[", "]", "^", "'", "\"", "é", "e\u0301", "\u0301", "\U0001F600", " "];
        var text = new StringBuilder();
        for (var length = random.Next(1, 4); length > 0; length--)
            text.Append(isKey && random.Next(3) == 0 ? Pick(random, ["*", "?", "*?"]) : Pick(random, letters));
        return text.ToString();
    }

    private static string Name(Random random, bool isKey)
    {
        string Group() => string.Join("^", Enumerable.Range(0, random.Next(1, 4)).Select(_ => isKey && random.Next(3) == 0
            ? Pick(random, ["*", "S*", "?oe", "*n"])
            : Pick(random, ["Doe", "DOE", "Smith", "smyth", "John", "Jon", "山田", "Müller", "Mu\u0308ller", "MÜLLER", ""])));
        return string.Join("=", Enumerable.Range(0, random.Next(4) == 0 ? random.Next(1, 4) : 1).Select(_ => Group()));
    }

    private static string Date(Random random) =>
        new DateTime(2024, 1, 1).AddDays(random.Next(20)).ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Time(Random random) =>
        Pick(random, [$"{random.Next(8, 18):00}", $"{random.Next(8, 18):00}30", $"{random.Next(8, 18):00}3015",
            $"{random.Next(8, 18):00}3015.25"]);

    private static string Some(Random random, Func<string> value, int several) =>
        random.Next(several) == 0 ? value() + "\\" + value() : value();

    private static T Pick<T>(Random random, T[] choices) => choices[random.Next(choices.Length)];

    private static string Print(DicomDataset identifier) =>
        string.Join(", ", identifier.Select(e => $"{DicomDictionary.KeywordOf(e.Tag)}='{identifier.GetText(e.Tag)}'"));
}

/// <summary>An index in a file.</summary>
public sealed class SqliteMatchingPropertyTests(SqliteIndexFixture fixture)
    : MatchingPropertyTests(fixture), IClassFixture<SqliteIndexFixture>;

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresMatchingPropertyTests(PostgresIndexFixture fixture)
    : MatchingPropertyTests(fixture), IClassFixture<PostgresIndexFixture>;
