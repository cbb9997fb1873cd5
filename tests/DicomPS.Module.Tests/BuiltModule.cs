using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace DicomPS.Module.Tests;

/// <summary>out/DicomPS as dotnet build left it, read by metadata alone: no PowerShell is needed.</summary>
public sealed class BuiltModule : IDisposable
{
    private readonly List<MetadataLoadContext> _contexts = [];

    public BuiltModule()
    {
        Root = FindRoot();
        Folder = Path.Combine(Root, "out", "DicomPS");
        Core = Load("net8.0");
        Desktop = Load("netstandard2.0");
        Manifest = File.ReadAllText(Path.Combine(Folder, "DicomPS.psd1"));
        Types = File.ReadAllText(Path.Combine(Folder, "DicomPS.Types.ps1xml"));
        Views = File.ReadAllText(Path.Combine(Folder, "DicomPS.Format.ps1xml"));
    }

    public string Root { get; }

    public string Folder { get; }

    public Assembly Core { get; }

    public Assembly Desktop { get; }

    /// <summary>Everything that Windows PowerShell loads: the module, the engine, and what they bring.</summary>
    public IEnumerable<Assembly> DesktopAssemblies =>
        Directory.GetFiles(Path.GetDirectoryName(Desktop.Location)!, "*.dll").Select(_contexts[1].LoadFromAssemblyPath);

    /// <summary>One of the assemblies that PowerShell 7 loads.</summary>
    public Assembly CoreAssembly(string name) => CoreAssemblies.Single(assembly => assembly.GetName().Name == name);

    /// <summary>Everything that PowerShell 7 loads.</summary>
    public IEnumerable<Assembly> CoreAssemblies =>
        Directory.GetFiles(Path.GetDirectoryName(Core.Location)!, "*.dll").Select(_contexts[0].LoadFromAssemblyPath)
            .Concat(CoreDependencies);

    /// <summary>What of it is loaded into a context of its own.</summary>
    public IEnumerable<Assembly> CoreDependencies =>
        Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Core.Location)!, "dependencies"), "*.dll")
            .Select(_contexts[0].LoadFromAssemblyPath);

    public string Manifest { get; }

    public string Types { get; }

    public string Views { get; }

    public IReadOnlyList<CmdletInfo> Cmdlets => [.. CmdletsOf(Core)];

    public IReadOnlyList<string> Exports =>
        Strings(Regex.Match(Manifest, @"CmdletsToExport\s*=\s*@\((.*?)\)", RegexOptions.Singleline).Groups[1].Value);

    public static IEnumerable<CmdletInfo> CmdletsOf(Assembly assembly) =>
        from type in assembly.GetExportedTypes()
        let cmdlet = Find(type.GetCustomAttributesData(), "CmdletAttribute")
        where cmdlet is not null && !type.IsAbstract
        select new CmdletInfo(type, cmdlet);

    public static CustomAttributeData? Find(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name);

    public static IReadOnlyList<string> Strings(string text) =>
        [.. Regex.Matches(text, "'([^']*)'").Select(match => match.Groups[1].Value)];

    public void Dispose() => _contexts.ForEach(context => context.Dispose());

    private Assembly Load(string framework)
    {
        var folder = Path.Combine(Folder, framework);
        Assert.True(File.Exists(Path.Combine(folder, "DicomPS.dll")), $"dotnet build left no DicomPS.dll in {folder}.");
        string[] files =
        [
            .. Directory.GetFiles(folder, "*.dll"),
            .. framework == "net8.0" ? Directory.GetFiles(Path.Combine(folder, "dependencies"), "*.dll") : [],
            Path.Combine(AppContext.BaseDirectory, "reference", "System.Management.Automation.dll"),
            .. Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll"),
        ];
        var context = new MetadataLoadContext(new PathAssemblyResolver(files.DistinctBy(Path.GetFileName)));
        _contexts.Add(context);
        return context.LoadFromAssemblyPath(Path.Combine(folder, "DicomPS.dll"));
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DicomPS.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("DicomPS.sln is in no folder above the tests.");
    }
}

/// <summary>One cmdlet class.</summary>
public sealed record CmdletInfo(Type Type, CustomAttributeData Attribute)
{
    public string Verb => (string)Attribute.ConstructorArguments[0].Value!;

    public string Noun => (string)Attribute.ConstructorArguments[1].Value!;

    public string Name => $"{Verb}-{Noun}";

    public bool SupportsShouldProcess =>
        Attribute.NamedArguments.Any(argument => argument.MemberName == "SupportsShouldProcess" && argument.TypedValue.Value is true);

    public IEnumerable<PropertyInfo> Parameters => Type.GetProperties()
        .Where(property => BuiltModule.Find(property.GetCustomAttributesData(), "ParameterAttribute") is not null);

    public IEnumerable<Type> OutputTypes => Type.GetCustomAttributesData()
        .Where(attribute => attribute.AttributeType.Name == "OutputTypeAttribute")
        .SelectMany(attribute => (IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)
        .Select(argument => (Type)argument.Value!);

    public IEnumerable<string> AliasesOf(PropertyInfo parameter) => parameter.GetCustomAttributesData()
        .Where(attribute => attribute.AttributeType.Name == "AliasAttribute")
        .SelectMany(attribute => (IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)
        .Select(argument => (string)argument.Value!);

    public override string ToString() => Name;
}
