// Reads the tables beside this project and writes the generated half of src/DicomPS.Engine/Dictionary.
// Usage: dotnet run --project src/DictionaryGenerator [-- TABLES OUTPUT]
using DictionaryGenerator;

var root = FindRoot(Environment.CurrentDirectory) ?? FindRoot(AppContext.BaseDirectory)
    ?? throw new DirectoryNotFoundException("Run this inside the repository.");
var tables = args.Length > 0 ? args[0] : Path.Combine(root, "src", "DictionaryGenerator", "tables");
var output = args.Length > 1 ? args[1] : Path.Combine(root, "src", "DicomPS.Engine", "Dictionary");
foreach (var (name, text) in Generator.Generate(tables))
{
    File.WriteAllText(Path.Combine(output, name), text);
    Console.WriteLine($"{name}: {text.Length:N0} characters");
}

static string? FindRoot(string start)
{
    for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "DicomPS.sln")))
            return folder.FullName;
    }

    return null;
}
