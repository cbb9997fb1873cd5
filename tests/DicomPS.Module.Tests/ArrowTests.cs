using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace DicomPS.Module.Tests;

/// <summary>The arrows between the folders of the engine, as docs/architecture.md has them. A namespace is a folder.</summary>
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
        ["Scp"] = [.. NetworkSpine, "Tracing", "Scu"],
        ["Jobs"] = ["Pdus", "Associations", "Dimse", "Scu"],
        ["Sending"] = [.. NetworkSpine, "Scu", "Jobs"],
        ["Querying"] = [.. NetworkSpine, "Matching", "Scu", "Jobs"],
        ["Commitment"] = [.. NetworkSpine, "Scu", "Scp", "Jobs"],
        ["Serving"] = [.. NetworkSpine, "Scu", "Scp", "Commitment", "Querying"],
        ["Retrieving"] = [.. NetworkSpine, "Scu", "Scp", "Jobs", "Serving"],
    };

    private static Architecture? _built;

    public static TheoryData<string> Folders => [.. Engine.Keys];

    private Architecture Built => _built ??= new ArchLoader()
        .LoadFilteredDirectory(Path.GetDirectoryName(module.Core.Location)!, "DicomPS*.dll", SearchOption.AllDirectories)
        .Build();

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_of_the_engine_uses_only_what_its_arrows_allow(string folder) => Rule(folder, Engine[folder]).Check(Built);

    [Theory]
    [InlineData("Scu", "Dimse")]
    [InlineData("Jobs", "Scu")]
    [InlineData("Serving", "Scp")]
    [InlineData("Sending", "Jobs")]
    public void An_arrow_that_is_taken_away_is_missed(string folder, string used) =>
        Assert.Throws<FailedArchRuleException>(() => Rule(folder, Engine[folder].Except([used])).Check(Built));

    [Fact]
    public void Each_namespace_of_the_engine_has_its_arrows()
    {
        var folders = module.CoreAssembly("DicomPS.Engine").GetTypes()
            .Where(type => type.Namespace is { } name && name.StartsWith("DicomPS.", StringComparison.Ordinal))
            .Select(type => type.Namespace!["DicomPS.".Length..]).Where(folder => folder != "Compatibility").ToHashSet();
        Assert.Equal(folders.Order(StringComparer.Ordinal), Engine.Keys.Order(StringComparer.Ordinal));
    }

    private static IArchRule Rule(string folder, IEnumerable<string> allowed)
    {
        var others = Engine.Keys.Except([folder, .. allowed]);
        return Types().That().ResideInNamespaceMatching($@"^DicomPS\.{folder}$")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^DicomPS\.({string.Join('|', others)})$"));
    }
}
