namespace HelpGenerator;

/// <summary>
/// The folder of the pages. What many cmdlets have in common stands once, in the page of shared parameters; a page that
/// describes such a parameter itself goes before it.
/// </summary>
public sealed class PageFolder
{
    /// <summary>The name of the page of shared parameters.</summary>
    public const string SharedName = "shared_parameters.md";

    private readonly string _path;

    /// <summary>Reads the shared page; the others are read when they are asked for.</summary>
    public PageFolder(string path)
    {
        _path = path;
        SharedPath = Path.Combine(path, SharedName);
        Shared = File.Exists(SharedPath) ? PageReader.ReadShared(File.ReadAllText(SharedPath)) : new Dictionary<string, ParameterText>();
    }

    /// <summary>The path of the shared page.</summary>
    public string SharedPath { get; }

    /// <summary>The texts of the shared page.</summary>
    public IReadOnlyDictionary<string, ParameterText> Shared { get; }

    /// <summary>The path of the page of a cmdlet.</summary>
    public string PathOf(CmdletFacts cmdlet) => Path.Combine(_path, $"{cmdlet.Name}.md");

    /// <summary>The page of a cmdlet, with what it shares.</summary>
    public HelpPage Read(CmdletFacts cmdlet) => Merge(cmdlet, PageReader.Read(File.ReadAllText(PathOf(cmdlet))), Shared);

    /// <summary>A page with the texts of shared parameters that it does not describe itself.</summary>
    public static HelpPage Merge(CmdletFacts cmdlet, HelpPage page, IReadOnlyDictionary<string, ParameterText> shared)
    {
        var parameters = new Dictionary<string, ParameterText>(page.Parameters, StringComparer.OrdinalIgnoreCase);
        foreach (var name in cmdlet.Parameters.Select(parameter => parameter.Name).Where(shared.ContainsKey))
            parameters.TryAdd(name, shared[name]);
        return page with { Parameters = parameters };
    }
}
