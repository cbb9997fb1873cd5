namespace HelpGenerator;

/// <summary>The two things that the program does. Messages have the form that a build shows with file and line.</summary>
public static class Runs
{
    /// <summary>Writes the help file. A parameter without text makes no error here: a test says so, and the module builds meanwhile.</summary>
    public static int WriteMaml(string pages, string assembly, string online, string output)
    {
        List<(CmdletFacts, HelpPage)> read = [];
        var failed = 0;
        foreach (var cmdlet in ModuleReader.Read(assembly))
        {
            var path = PathOf(pages, cmdlet);
            if (!File.Exists(path))
                continue;
            try
            {
                read.Add((cmdlet, PageReader.Read(File.ReadAllText(path))));
            }
            catch (Exception e) when (e is FormatException or NotSupportedException or ArgumentException)
            {
                Console.Error.WriteLine($"{path}: error HELP1: {e.Message}");
                failed++;
            }
        }

        if (failed > 0)
            return 1;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        new MamlWriter(online).Write(output, read);
        return 0;
    }

    /// <summary>Brings the pages up to date.</summary>
    public static int UpdatePages(string pages, string assembly)
    {
        var isWhole = true;
        foreach (var cmdlet in ModuleReader.Read(assembly))
        {
            var path = PathOf(pages, cmdlet);
            var before = File.Exists(path) ? File.ReadAllText(path) : null;
            var after = PageUpdater.Update(cmdlet, before ?? PageUpdater.NewPage(cmdlet));
            if (after != before)
            {
                File.WriteAllText(path, after);
                Console.WriteLine($"{path}: {(before is null ? "new" : "brought up to date")}");
            }

            foreach (var problem in PageChecks.Of(cmdlet, PageReader.Read(after)))
            {
                isWhole = false;
                Console.Error.WriteLine($"{path}: {problem}");
            }
        }

        return isWhole ? 0 : 1;
    }

    /// <summary>The page of a cmdlet.</summary>
    public static string PathOf(string pages, CmdletFacts cmdlet) => Path.Combine(pages, $"{cmdlet.Name}.md");
}
