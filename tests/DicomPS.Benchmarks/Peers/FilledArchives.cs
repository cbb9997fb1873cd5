using System.Globalization;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// Archives that hold the instances of <see cref="Tiny"/>, kept between runs in the temporary folder, since filling them takes minutes.
/// Whoever deletes the folder has them filled anew.
/// </summary>
internal static class FilledArchives
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>The folder that they lie in.</summary>
    public static string Folder { get; } = Path.Combine(Path.GetTempPath(), "dicomps-peers-filled-1");

    /// <summary>Fills an archive that is not filled yet.</summary>
    /// <param name="name">Whose it is; its folder.</param>
    /// <param name="studies">How many studies.</param>
    /// <param name="open">Opens it over a folder.</param>
    /// <returns>The folder.</returns>
    public static async Task<string> FillAsync(string name, int studies, Func<string, Task<OpenArchive>> open)
    {
        var (folder, marker) = (Path.Combine(Folder, name), Path.Combine(Folder, name + ".filled"));
        if (File.Exists(marker))
            return folder;
        Console.Error.WriteLine($"  filling {name} with {studies * Tiny.InstancesOfStudy:#,0} instances; kept in {Folder}");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var source = Source(studies);
        await using (var archive = await open(folder))
        {
            await using var sender = EngineChild.Start(Patience, "store", source, $"{studies * Tiny.InstancesOfStudy}");
            var seconds = await sender.GoAsync(studies * Tiny.InstancesOfStudy, $"{archive.Port} {archive.AETitle}");
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  filled in {seconds:0} s"));
        }

        await File.WriteAllTextAsync(marker, "");
        return folder;
    }

    /// <summary>The files to send, in order.</summary>
    private static string Source(int studies)
    {
        var source = Directory.CreateDirectory(Path.Combine(Folder, "source")).FullName;
        for (var study = 0; study < studies; study++)
        {
            for (var place = 0; place < Tiny.InstancesOfStudy; place++)
            {
                var path = Path.Combine(source, string.Create(CultureInfo.InvariantCulture, $"{study:00000}-{place:00}.dcm"));
                if (!File.Exists(path))
                    Tiny.Write(path, study, place);
            }
        }

        return source;
    }
}
