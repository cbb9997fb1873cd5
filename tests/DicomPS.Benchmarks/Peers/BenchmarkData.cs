using System.Globalization;

namespace DicomPS.Benchmarks.Peers;

/// <summary>A folder of generated files.</summary>
internal sealed record DataSet(string Name, string Folder, IReadOnlyList<string> Files, long Bytes)
{
    /// <summary>The same with its first files only.</summary>
    public DataSet Take(int count) => new(Name, Folder, [.. Files.Take(count)], Files.Take(count).Sum(file => new FileInfo(file).Length));
}

/// <summary>The files that the benchmark sends, made when first asked for and removed with their folder.</summary>
internal sealed class BenchmarkData(string folder)
{
    private const string CtImageStorage = "1.2.840.10008.5.1.4.1.1.2";
    private const string MultiFrameGrayscaleWordSecondaryCaptureImageStorage = "1.2.840.10008.5.1.4.1.1.7.3";
    private readonly Dictionary<string, DataSet> _made = [];

    /// <summary>CT slices of 512 by 512: half a megabyte each.</summary>
    public DataSet Ct(int count) => Make("ct", count, CtImageStorage, rows: 512, columns: 512, frames: 0);

    /// <summary>CT slices of 5 KB.</summary>
    public DataSet Small(int count) => Make("small", count, CtImageStorage, rows: 48, columns: 44, frames: 0);

    /// <summary>CT slices of 5 KB in so many studies, one after the other.</summary>
    public DataSet Studies(int count, int studies) =>
        Make("studies", count, CtImageStorage, rows: 48, columns: 44, frames: 0, perStudy: count / studies);

    /// <summary>CT slices of half a megabyte in so many studies, one after the other.</summary>
    public DataSet CtStudies(int count, int studies) =>
        Make("ct-studies", count, CtImageStorage, rows: 512, columns: 512, frames: 0, perStudy: count / studies);

    /// <summary>Multi-frame files of 300 MiB.</summary>
    public DataSet Large(int count) => Make("large", count, MultiFrameGrayscaleWordSecondaryCaptureImageStorage, rows: 512, columns: 512,
        frames: 600);

    /// <summary>The Study Instance UID that all files of a set have; with several studies each has it with .1, .2... behind it.</summary>
    public static string StudyOf(DataSet set) => string.Create(CultureInfo.InvariantCulture, $"2.25.271828182845904.{NumberOf(set.Name)}");

    private static int NumberOf(string name) => name switch { "ct" => 1, "small" => 2, "studies" => 4, "ct-studies" => 5, _ => 3 };

    private DataSet Make(string name, int count, string sopClassUid, int rows, int columns, int frames, int perStudy = 0)
    {
        if (_made.TryGetValue(name, out var existing) && existing.Files.Count >= count)
            return existing.Files.Count == count ? existing : existing.Take(count);

        var target = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var pixelBytes = 2L * rows * columns * Math.Max(frames, 1);
        var noise = new byte[1 << 20];
        new Random(1).NextBytes(noise);
        var files = new List<string>(count);
        var bytes = 0L;
        for (var number = 1; number <= count; number++)
        {
            var path = Path.Combine(target, string.Create(CultureInfo.InvariantCulture, $"{number:00000}.dcm"));
            using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
            stream.Write(Head(name, number, sopClassUid, rows, columns, frames, pixelBytes, perStudy));
            for (var left = pixelBytes; left > 0;)
            {
                var piece = (int)Math.Min(left, noise.Length);
                stream.Write(noise, 0, piece);
                left -= piece;
            }

            files.Add(path);
            bytes += stream.Length;
        }

        return _made[name] = new DataSet(name, target, files, bytes);
    }

    private static byte[] Head(string name, int number, string sopClassUid, int rows, int columns, int frames, long pixelBytes,
        int perStudy)
    {
        var study = NumberOf(name);
        var root = string.Create(CultureInfo.InvariantCulture, $"2.25.271828182845904.{study}");
        if (perStudy > 0)
            root = string.Create(CultureInfo.InvariantCulture, $"{root}.{1 + (number - 1) / perStudy}");
        var series = string.Create(CultureInfo.InvariantCulture, $"{root}.{1 + (number - 1) / 250}");
        var instance = string.Create(CultureInfo.InvariantCulture, $"{series}.{number}");
        var text = number.ToString(CultureInfo.InvariantCulture);
        return Part10Writer.Head(sopClassUid, instance, Dataset, pixelBytes);

        void Dataset(Part10Writer file)
        {
            file.Text(0x0008, 0x0005, "CS", "ISO_IR 100");
            file.Text(0x0008, 0x0008, "CS", @"ORIGINAL\PRIMARY\AXIAL");
            file.Text(0x0008, 0x0016, "UI", sopClassUid);
            file.Text(0x0008, 0x0018, "UI", instance);
            file.Text(0x0008, 0x0020, "DA", "20240102");
            file.Text(0x0008, 0x0030, "TM", "101112");
            file.Text(0x0008, 0x0050, "SH", "A" + study);
            file.Text(0x0008, 0x0060, "CS", frames > 0 ? "OT" : "CT");
            file.Text(0x0008, 0x0070, "LO", "Benchmark");
            file.Text(0x0010, 0x0010, "PN", "Benchmark^Patient");
            file.Text(0x0010, 0x0020, "LO", "BENCH" + study);
            file.Text(0x0010, 0x0030, "DA", "19700101");
            file.Text(0x0010, 0x0040, "CS", "O");
            file.Text(0x0020, 0x000D, "UI", root);
            file.Text(0x0020, 0x000E, "UI", series);
            file.Text(0x0020, 0x0010, "SH", "1");
            file.Text(0x0020, 0x0011, "IS", "1");
            file.Text(0x0020, 0x0013, "IS", text);
            file.Text(0x0020, 0x0032, "DS", @"-250.0\-250.0\" + text);
            file.Number(0x0028, 0x0002, "US", 1);
            file.Text(0x0028, 0x0004, "CS", "MONOCHROME2");
            if (frames > 0)
                file.Text(0x0028, 0x0008, "IS", frames.ToString(CultureInfo.InvariantCulture));
            file.Number(0x0028, 0x0010, "US", rows);
            file.Number(0x0028, 0x0011, "US", columns);
            file.Number(0x0028, 0x0100, "US", 16);
            file.Number(0x0028, 0x0101, "US", 16);
            file.Number(0x0028, 0x0102, "US", 15);
            file.Number(0x0028, 0x0103, "US", 0);
            file.Text(0x0028, 0x1050, "DS", "40");
            file.Text(0x0028, 0x1051, "DS", "400");
        }
    }
}
