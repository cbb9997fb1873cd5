using DicomPS.Engine.Tests.Support;
using DictionaryGenerator;

namespace DicomPS.Engine.Tests.Dictionary;

public class GeneratedFilesTests
{
    [Fact]
    public void The_generated_files_are_what_the_tables_give()
    {
        var folder = Path.Combine(Repository.Root(), "src", "DicomPS.Engine", "Dictionary");
        var generated = Generator.Generate(Path.Combine(Repository.Root(), "src", "DictionaryGenerator", "tables")).ToList();
        Assert.Equal(5, generated.Count);
        Assert.All(generated, file => Assert.True(
            File.ReadAllText(Path.Combine(folder, file.Name)) == file.Text,
            $"{file.Name} is out of date: dotnet run --project src/DictionaryGenerator"));
    }
}
