using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace DicomPS.Module.Tests;

/// <summary>
/// The arrows between the folders of the engine, of the archive and of the module, as docs/architecture.md has them. A namespace is a
/// folder.
/// </summary>
public sealed class ArrowTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    private static readonly string[] DataSpine = ["Data", "Dictionary", "Text", "Serialization"];
    private static readonly string[] NetworkSpine = [.. DataSpine, "Part10", "Pdus", "Associations", "Dimse"];

    /// <summary>What each folder of the engine may use beside itself.</summary>
    private static readonly Dictionary<string, string[]> Engine = new(StringComparer.Ordinal)
    {
        ["Data"] = [],
        ["Dictionary"] = ["Data"],
        ["Text"] = ["Data", "Dictionary"],
        ["Serialization"] = ["Data", "Dictionary", "Text"],
        ["Part10"] = DataSpine,
        ["Json"] = DataSpine,
        ["Matching"] = DataSpine,
        ["Pdus"] = [],
        ["Associations"] = ["Pdus"],
        ["Dimse"] = [.. DataSpine, "Part10", "Pdus", "Associations"],
        ["Tracing"] = [.. DataSpine, "Pdus", "Associations", "Dimse"],
        ["Scu"] = NetworkSpine,
        ["Auditing"] = [],
        ["Scp"] = [.. NetworkSpine, "Tracing", "Auditing", "Scu"],
        ["Jobs"] = ["Pdus", "Associations", "Dimse", "Scu"],
        ["Sending"] = [.. NetworkSpine, "Scu", "Jobs"],
        ["Querying"] = [.. NetworkSpine, "Matching", "Scu", "Jobs"],
        ["Comparing"] = [.. NetworkSpine, "Matching", "Jobs", "Querying"],
        ["Commitment"] = [.. NetworkSpine, "Scu", "Scp", "Jobs"],
        ["Serving"] = [.. NetworkSpine, "Scu", "Scp", "Commitment", "Querying"],
        ["Retrieving"] = [.. NetworkSpine, "Scu", "Scp", "Jobs", "Serving", "Matching"],
    };

    private static readonly string[] BelowArchive = [.. DataSpine, "Part10", "Matching"];

    /// <summary>What each folder of the archive may use beside itself, of the engine too: only its server knows a network.</summary>
    private static readonly Dictionary<string, string[]> Archive = new(StringComparer.Ordinal)
    {
        ["Archiving.Databases"] = [],
        ["Archiving.Index"] = [.. BelowArchive, "Archiving.Databases"],
        ["Archiving.Storage"] = [.. BelowArchive, "Archiving.Index"],
        ["Archiving.Serving"] = [.. NetworkSpine, "Json", "Matching", "Tracing", "Scu", "Scp", "Querying", "Commitment", "Serving",
            "Archiving.Index", "Archiving.Storage"],
    };

    private static readonly Dictionary<string, string[]> EngineAndArchive =
        Engine.Concat(Archive).ToDictionary(folder => folder.Key, folder => folder.Value, StringComparer.Ordinal);

    private static readonly string[] ModuleFloors =
        ["Compatibility", "Errors", "Dates", "Arguments", "Pipeline", "Queries", "Archives", "Scripts"];

    /// <summary>What each folder of DicomPS.dll uses beside itself: no less, too.</summary>
    private static readonly Dictionary<string, string[]> Module = new(StringComparer.Ordinal)
    {
        ["Compatibility"] = [],
        ["Errors"] = ["Compatibility"],
        ["Dates"] = [],
        ["Pipeline"] = [],
        ["Views"] = ["Pipeline"],
        ["Arguments"] = ["Errors", "Dates"],
        ["Queries"] = ["Errors", "Dates"],
        ["Files"] = ["Errors", "Queries"],
        ["Indexes"] = ["Errors", "Arguments"],
        ["NodeLists"] = ["Errors", "Arguments"],
        ["Archives"] = ["Errors", "Arguments", "Queries"],
        ["Scripts"] = ["Errors", "Arguments", "Queries"],
        ["Servers"] = ["Errors", "Archives", "Scripts"],
        ["Services"] = ["Compatibility", "Errors", "Arguments", "Archives", "Scripts"],
        ["Transfers"] = ["Errors"],
        ["Cmdlets"] = [.. ModuleFloors, "Files", "Indexes", "Servers", "Services", "Transfers"],
        ["Commands"] = [.. ModuleFloors, "Files", "Indexes", "NodeLists", "Servers", "Services", "Transfers", "Cmdlets"],
        ["Lifetime"] = ["Compatibility", "Arguments", "Archives"],
    };

    private static Architecture? _built;
    private static Architecture? _builtModule;

    public static TheoryData<string> Folders => [.. Engine.Keys];

    public static TheoryData<string> ModuleFolders => [.. Module.Keys];

    public static TheoryData<string, string> ModuleArrows =>
        new(Module.SelectMany(folder => folder.Value.Select(used => (folder.Key, used))));

    private Architecture Built => _built ??= new ArchLoader()
        .LoadFilteredDirectory(Path.GetDirectoryName(module.Core.Location)!, "DicomPS*.dll", SearchOption.AllDirectories)
        .Build();

    // Alone, since the engine has a folder Compatibility too.
    private Architecture BuiltAlone => _builtModule ??= new ArchLoader()
        .LoadFilteredDirectory(Path.GetDirectoryName(module.Core.Location)!, "DicomPS.dll", SearchOption.TopDirectoryOnly)
        .Build();

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_of_the_engine_uses_only_what_its_arrows_allow(string folder) => Rule(Engine, folder, Engine[folder]).Check(Built);

    [Theory]
    [InlineData("Scu", "Dimse")]
    [InlineData("Jobs", "Scu")]
    [InlineData("Serving", "Scp")]
    [InlineData("Sending", "Jobs")]
    public void An_arrow_that_is_taken_away_is_missed(string folder, string used) =>
        Assert.Throws<FailedArchRuleException>(() => Rule(Engine, folder, Engine[folder].Except([used])).Check(Built));

    [Theory]
    [InlineData("Archiving.Databases")]
    [InlineData("Archiving.Index")]
    [InlineData("Archiving.Storage")]
    [InlineData("Archiving.Serving")]
    public void A_folder_of_the_archive_uses_only_what_its_arrows_allow(string folder) =>
        Rule(EngineAndArchive, folder, Archive[folder]).Check(Built);

    [Theory]
    [InlineData("Archiving.Index", "Archiving.Databases")]
    [InlineData("Archiving.Index", "Matching")]
    [InlineData("Archiving.Storage", "Archiving.Index")]
    [InlineData("Archiving.Serving", "Archiving.Index")]
    [InlineData("Archiving.Serving", "Archiving.Storage")]
    [InlineData("Archiving.Serving", "Scp")]
    public void An_arrow_of_the_archive_that_is_taken_away_is_missed(string folder, string used) =>
        Assert.Throws<FailedArchRuleException>(() => Rule(EngineAndArchive, folder, Archive[folder].Except([used])).Check(Built));

    [Fact]
    public void Each_file_of_the_archive_has_the_namespace_of_its_folder() => Assert.All(Archive.Keys, space => Assert.All(
        Directory.GetFiles(Path.Combine(module.Root, "src", "DicomPS.Archive", space["Archiving.".Length..]), "*.cs"),
        file => Assert.Contains($"namespace DicomPS.{space};", File.ReadAllText(file), StringComparison.Ordinal)));

    [Fact]
    public void Each_namespace_of_the_engine_has_its_arrows()
    {
        var folders = module.CoreAssembly("DicomPS.Engine").GetTypes()
            .Where(type => type.Namespace is { } name && name.StartsWith("DicomPS.", StringComparison.Ordinal))
            .Select(type => type.Namespace!["DicomPS.".Length..]).Where(folder => folder != "Compatibility").ToHashSet();
        Assert.Equal(folders.Order(StringComparer.Ordinal), Engine.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ModuleFolders))]
    public void A_folder_of_the_module_uses_only_what_its_arrows_allow(string folder) =>
        Rule(Module, folder, Module[folder]).Check(BuiltAlone);

    [Theory]
    [MemberData(nameof(ModuleArrows))]
    public void Each_arrow_of_the_module_is_used_and_missed_when_it_is_taken_away(string folder, string used) =>
        Assert.Throws<FailedArchRuleException>(() => Rule(Module, folder, Module[folder].Except([used])).Check(BuiltAlone));

    [Fact]
    public void Folders_of_the_module_make_no_circle() =>
        SliceRuleDefinition.Slices().Matching("DicomPS.(*)").Should().BeFreeOfCycles().Check(BuiltAlone);

    [Fact]
    public void A_circle_is_seen_where_there_is_one() => Assert.Throws<FailedArchRuleException>(() =>
        SliceRuleDefinition.Slices().Matching("ArchUnitNET.(*)").Should().BeFreeOfCycles()
            .Check(new ArchLoader().LoadAssembly(typeof(ArchLoader).Assembly).Build()));

    [Fact]
    public void Each_file_of_the_module_lies_in_a_folder_that_has_its_arrows_and_its_namespace()
    {
        var source = Path.Combine(module.Root, "src", "DicomPS");
        Assert.Empty(Directory.GetFiles(source, "*.cs"));
        Assert.All(Module.Keys, folder => Assert.All(
            Directory.GetFiles(Path.Combine(source, folder), "*.cs", SearchOption.AllDirectories),
            file => Assert.Contains($"namespace DicomPS.{folder};", File.ReadAllText(file), StringComparison.Ordinal)));
        var folders = Directory.GetDirectories(source).Select(folder => Path.GetFileName(folder)!).Except(["bin", "obj"]);
        Assert.Equal(folders.Order(StringComparer.Ordinal), Module.Keys.Order(StringComparer.Ordinal));
    }

    private static IArchRule Rule(Dictionary<string, string[]> arrows, string folder, IEnumerable<string> allowed)
    {
        var others = arrows.Keys.Except([folder, .. allowed]);
        return Types().That().ResideInNamespaceMatching($@"^DicomPS\.{folder}$")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^DicomPS\.({string.Join('|', others)})$"));
    }
}
