using System.Globalization;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// A kind of query over the studies of <see cref="FilledArchives"/>. All kinds but the last ask for what the first 500 studies
/// hold, so that an archive with no more gives the same answers.
/// </summary>
/// <param name="Name">What it is called.</param>
/// <param name="Title">What it asks.</param>
/// <param name="Queries">How many make one run.</param>
/// <param name="AnswersEach">How many answers each query has.</param>
/// <param name="Identifier">The identifier of a query, by its number.</param>
internal sealed record QueryKind(string Name, string Title, int Queries, int AnswersEach, Func<int, DicomDataset> Identifier)
{
    private static readonly DicomTag[] StudyKeys =
    [
        Tags.StudyDate, Tags.StudyTime, Tags.AccessionNumber, Tags.PatientName, Tags.PatientID, Tags.PatientBirthDate, Tags.PatientSex,
        Tags.StudyInstanceUID, Tags.StudyID, Tags.StudyDescription,
    ];

    private static readonly DicomTag[] SeriesKeys = [Tags.StudyInstanceUID, Tags.SeriesInstanceUID, Tags.Modality, Tags.SeriesNumber,
        Tags.SeriesDescription];

    private static readonly DicomTag[] ImageKeys = [Tags.StudyInstanceUID, Tags.SeriesInstanceUID, Tags.SOPInstanceUID, Tags.SOPClassUID,
        Tags.InstanceNumber];

    /// <summary>All kinds.</summary>
    public static QueryKind[] All { get; } =
    [
        new("patient-id", "studies of a PatientID", 100, 2, n => Keys("STUDY", StudyKeys, (Tags.PatientID, $"PID{n % 250:00000}"))),
        new("date", "studies of a range of 10 days", 20, 20,
            n => Keys("STUDY", StudyKeys, (Tags.StudyDate, $"{Day(n % 20 * 10)}-{Day(n % 20 * 10 + 9)}"))),
        new("name", "studies of PatientName NAME012^*", 20, 20, n => Keys("STUDY", StudyKeys, (Tags.PatientName, $"NAME{n % 25:000}^*"))),
        new("series", "series of a study", 100, 2, n => Keys("SERIES", SeriesKeys, (Tags.StudyInstanceUID, Tiny.Study(n)))),
        new("image", "instances of a series", 100, 10,
            n => Keys("IMAGE", ImageKeys, (Tags.StudyInstanceUID, Tiny.Study(n)), (Tags.SeriesInstanceUID, Tiny.Series(n, 1)))),
        new("modality", "studies with the modality MR", 2, Tiny.Studies / 4, _ => Keys("STUDY", StudyKeys, (Tags.ModalitiesInStudy, "MR"))),
    ];

    private static string Day(int number) => Tiny.Date(number * 2);

    private static DicomDataset Keys(string level, DicomTag[] returned, params (DicomTag Tag, string Value)[] keys)
    {
        var identifier = new DicomDataset();
        identifier.Set(Tags.QueryRetrieveLevel, level);
        foreach (var tag in returned)
            identifier.Set(tag);
        foreach (var (tag, value) in keys)
            identifier.Set(tag, value);
        return identifier;
    }
}

/// <summary>100,000 instances without pixels: 5,000 studies of two series of ten.</summary>
internal static class Tiny
{
    public const int Studies = 5000, SeriesEach = 2, InstancesEach = 10, InstancesOfStudy = SeriesEach * InstancesEach;

    private static readonly string[] Modalities = ["CT", "MR", "US", "CR"];

    public static string Study(int number) => string.Create(CultureInfo.InvariantCulture, $"2.25.161803398874.{number + 1}");

    public static string Series(int study, int number) => string.Create(CultureInfo.InvariantCulture, $"{Study(study)}.{number}");

    /// <summary>Two studies a day.</summary>
    public static string Date(int study) => new DateTime(2010, 1, 1).AddDays(study / 2).ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Writes an instance.</summary>
    /// <param name="path">Where.</param>
    /// <param name="study">Its study, from 0.</param>
    /// <param name="place">Its place in the study, from 0.</param>
    public static void Write(string path, int study, int place)
    {
        const string ctImageStorage = "1.2.840.10008.5.1.4.1.1.2";
        var series = place / InstancesEach + 1;
        var (instance, number) = (string.Create(CultureInfo.InvariantCulture, $"{Series(study, series)}.{place + 1}"),
            $"{place % InstancesEach + 1}");
        File.WriteAllBytes(path, Part10Writer.Head(ctImageStorage, instance, Dataset, pixelBytes: 0));

        void Dataset(Part10Writer file)
        {
            file.Text(0x0008, 0x0016, "UI", ctImageStorage);
            file.Text(0x0008, 0x0018, "UI", instance);
            file.Text(0x0008, 0x0020, "DA", Date(study));
            file.Text(0x0008, 0x0030, "TM", string.Create(CultureInfo.InvariantCulture, $"{8 + study % 10:00}{study % 60:00}00"));
            file.Text(0x0008, 0x0050, "SH", $"ACC{study}");
            file.Text(0x0008, 0x0060, "CS", Modalities[study % Modalities.Length]);
            file.Text(0x0008, 0x1030, "LO", "Head without contrast");
            file.Text(0x0008, 0x103E, "LO", $"Series {series}");
            file.Text(0x0010, 0x0010, "PN", string.Create(CultureInfo.InvariantCulture, $"NAME{study / 20:000}^GIVEN{study / 2}"));
            file.Text(0x0010, 0x0020, "LO", string.Create(CultureInfo.InvariantCulture, $"PID{study / 2:00000}"));
            file.Text(0x0010, 0x0030, "DA", "19700101");
            file.Text(0x0010, 0x0040, "CS", "O");
            file.Text(0x0020, 0x000D, "UI", Study(study));
            file.Text(0x0020, 0x000E, "UI", Series(study, series));
            file.Text(0x0020, 0x0010, "SH", "1");
            file.Text(0x0020, 0x0011, "IS", $"{series}");
            file.Text(0x0020, 0x0013, "IS", number);
        }
    }
}
