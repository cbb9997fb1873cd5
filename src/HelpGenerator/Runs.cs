namespace HelpGenerator;

/// <summary>The two things that the program does. Messages have the form that a build shows with its file.</summary>
public static class Runs
{
    /// <summary>
    /// Writes the help file. A parameter without text makes no error here: a test says so, and the module builds meanwhile.
    /// </summary>
    public static int WriteMaml(string pages, string assembly, string online, string output)
    {
        List<(CmdletFacts, HelpPage)> read = [];
        var folder = new PageFolder(pages);
        var isWhole = true;
        foreach (var cmdlet in ModuleReader.Read(assembly).Where(cmdlet => File.Exists(folder.PathOf(cmdlet))))
            isWhole &= Tell(folder.PathOf(cmdlet), () => read.Add((cmdlet, folder.Read(cmdlet))));
        if (!isWhole)
            return 1;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        new MamlWriter(online).Write(output, read);
        return 0;
    }

    /// <summary>Brings the pages up to date.</summary>
    public static int UpdatePages(string pages, string assembly)
    {
        var folder = new PageFolder(pages);
        var cmdlets = ModuleReader.Read(assembly);
        if (File.Exists(folder.SharedPath))
            Write(folder.SharedPath, PageUpdater.UpdateShared(cmdlets, File.ReadAllText(folder.SharedPath)));
        folder = new PageFolder(pages);
        var isWhole = true;
        foreach (var cmdlet in cmdlets)
        {
            var path = folder.PathOf(cmdlet);
            isWhole &= Tell(path, () =>
            {
                var before = File.Exists(path) ? File.ReadAllText(path) : PageUpdater.NewPage(cmdlet);
                Write(path, PageUpdater.Update(cmdlet, before, folder.Shared));
                var problems = PageChecks.Of(cmdlet, folder.Read(cmdlet)).ToList();
                if (problems.Count > 0)
                    throw new FormatException(string.Join($"\n{path}: ", problems));
            });
        }

        return isWhole ? 0 : 1;
    }

    // A page that cannot be read, or is not whole, does not keep the others from being told of.
    private static bool Tell(string path, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception e) when (e is FormatException or NotSupportedException or ArgumentException)
        {
            Console.Error.WriteLine($"{path}: {e.Message}");
            return false;
        }
    }

    private static void Write(string path, string text)
    {
        var before = File.Exists(path) ? File.ReadAllText(path) : null;
        if (text == before)
            return;
        File.WriteAllText(path, text);
        Console.WriteLine($"{path}: {(before is null ? "new" : "brought up to date")}");
    }
}
