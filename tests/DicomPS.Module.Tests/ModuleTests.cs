using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DicomPS.Module.Tests;

public sealed class ModuleTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    // Get-Verb of PowerShell 7.6; those of 5.1 are among them but for Build and Deploy, which we do not use.
    private static readonly HashSet<string> ApprovedVerbs = [.. """
        Add Approve Assert Backup Block Build Checkpoint Clear Close Compare Complete Compress Confirm Connect Convert ConvertFrom
        ConvertTo Copy Debug Deny Deploy Disable Disconnect Dismount Edit Enable Enter Exit Expand Export Find Format Get Grant Group
        Hide Import Initialize Install Invoke Join Limit Lock Measure Merge Mount Move New Open Optimize Out Ping Pop Protect Publish
        Push Read Receive Redo Register Remove Rename Repair Request Reset Resize Resolve Restart Restore Resume Revoke Save Search
        Select Send Set Show Skip Split Start Step Stop Submit Suspend Switch Sync Test Trace Unblock Undo Uninstall Unlock
        Unprotect Unpublish Unregister Update Use Wait Watch Write
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    private static readonly HashSet<string> ChangingVerbs =
        ["Clear", "Export", "Import", "Move", "New", "Remove", "Repair", "Reset", "Send", "Set", "Start", "Stop", "Update"];

    [Fact]
    public void Manifest_exports_exactly_the_cmdlets_of_both_builds()
    {
        string[] cmdlets = [.. module.Cmdlets.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(cmdlets);
        Assert.Equal(cmdlets, module.Exports.Order(StringComparer.Ordinal));
        Assert.Equal(cmdlets, BuiltModule.CmdletsOf(module.Desktop).Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("FunctionsToExport")]
    [InlineData("VariablesToExport")]
    [InlineData("AliasesToExport")]
    public void Manifest_exports_nothing_else(string key) =>
        Assert.Matches($@"{key}\s*=\s*@\(\s*\)", module.Manifest);

    [Fact]
    public void Manifest_names_editions_licence_project_and_no_wildcard()
    {
        Assert.DoesNotContain("'*'", module.Manifest);
        Assert.Matches(@"CompatiblePSEditions\s*=\s*@\('Core', 'Desktop'\)", module.Manifest);
        Assert.Matches(@"PowerShellVersion\s*=\s*'5\.1'", module.Manifest);
        Assert.Matches(@"LicenseUri\s*=\s*'https://github\.com/dicomps/DicomPS/blob/main/LICENSE'", module.Manifest);
        Assert.Matches(@"ProjectUri\s*=\s*'https://github\.com/dicomps/DicomPS'", module.Manifest);
        var version = Regex.Match(module.Manifest, @"ModuleVersion\s*=\s*'([^']+)'").Groups[1].Value;
        Assert.Equal(Version.Parse(version), module.Core.GetName().Version is { } built
            ? new Version(built.Major, built.Minor, built.Build) : null);
        foreach (Match path in Regex.Matches(module.Manifest, @"'((?:net8\.0|netstandard2\.0)/[^']+|DicomPS\.(?:Format|Types)\.ps1xml)'"))
            Assert.True(File.Exists(Path.Combine(module.Folder, path.Groups[1].Value)), path.Value);
    }

    [Fact]
    public void Desktop_build_finds_every_assembly_that_it_asks_for()
    {
        AssemblyName[] present = [.. Directory.GetFiles(Path.Combine(module.Folder, "netstandard2.0"), "*.dll")
            .Select(AssemblyName.GetAssemblyName)];
        foreach (var wanted in module.DesktopAssemblies.SelectMany(assembly => assembly.GetReferencedAssemblies()))
        {
            if (wanted.Name is "netstandard" or "System.Management.Automation")
                continue;
            Assert.Contains(present, assembly => assembly.Name == wanted.Name && assembly.Version >= wanted.Version);
        }
    }

    [Fact]
    public void Names_are_approved_verbs_and_singular_Dicom_nouns()
    {
        Assert.All(module.Cmdlets, cmdlet =>
        {
            Assert.Contains(cmdlet.Verb, ApprovedVerbs);
            Assert.StartsWith("Dicom", cmdlet.Noun);
            // Series is the one word here that is the same in the singular.
            Assert.False(cmdlet.Noun != "DicomSeries" && cmdlet.Noun.EndsWith('s') && !cmdlet.Noun.EndsWith("ss")
                && !cmdlet.Noun.EndsWith("us"), $"{cmdlet.Noun} is a plural.");
            Assert.Equal($"{cmdlet.Verb}{cmdlet.Noun}Command", cmdlet.Type.Name);
            Assert.Null(BuiltModule.Find(cmdlet.Type.GetCustomAttributesData(), "AliasAttribute"));
        });
    }

    [Fact]
    public void Cmdlets_that_change_something_support_ShouldProcess()
    {
        Assert.All(module.Cmdlets.Where(cmdlet => ChangingVerbs.Contains(cmdlet.Verb)),
            cmdlet => Assert.True(cmdlet.SupportsShouldProcess, cmdlet.Name));
        Assert.All(module.Cmdlets.Where(cmdlet => cmdlet.Verb is "Get" or "Find" or "Test"),
            cmdlet => Assert.False(cmdlet.SupportsShouldProcess, cmdlet.Name));
    }

    [Fact]
    public void Cmdlets_share_one_base_that_stops_and_is_disposed_of()
    {
        Assert.All(module.Cmdlets, cmdlet =>
        {
            Assert.Contains(Bases(cmdlet.Type), type => type.Name == "DicomCmdlet");
            Assert.Contains(cmdlet.Type.GetInterfaces(), type => type.Name == "IDisposable");
            Assert.True(cmdlet.Type.IsSealed, cmdlet.Name);
        });
    }

    [Fact]
    public void Parameters_use_the_words_of_the_ecosystem()
    {
        Assert.All(module.Cmdlets, cmdlet =>
        {
            PropertyInfo[] parameters = [.. cmdlet.Parameters];
            string[] names = [.. parameters.Select(parameter => parameter.Name)];
            Assert.Equal(names.Length, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
            foreach (var host in parameters.Where(parameter => parameter.Name is "HostName"))
                Assert.Contains("ComputerName", cmdlet.AliasesOf(host));
            foreach (var literal in parameters.Where(parameter => parameter.Name is "LiteralPath"))
                Assert.Contains("PSPath", cmdlet.AliasesOf(literal));
            Assert.DoesNotContain(names, name => name is "File" or "Files" or "Host" or "Folder" or "Aet" or "Server" or "Filename");

            // Secrets come as a credential or a certificate, never as text.
            Assert.DoesNotContain(parameters,
                parameter => parameter.PropertyType.Name == "String" && Regex.IsMatch(parameter.Name, "Password|Passcode|Secret"));

            // A number of seconds, or of days where it is an age, is as good as a TimeSpan.
            foreach (var time in parameters.Where(parameter => parameter.PropertyType.Name == "TimeSpan"))
                Assert.NotNull(BuiltModule.Find(time.GetCustomAttributesData(),
                    time.Name == "MaxAge" ? "AgeTransformAttribute" : "SecondsTransformAttribute"));
            foreach (var node in parameters.Where(parameter => parameter.Name == "Node"))
                Assert.NotNull(BuiltModule.Find(node.GetCustomAttributesData(), "NodeTransformAttribute"));
        });
    }

    [Fact]
    public void Every_cmdlet_says_what_it_writes_and_every_type_has_a_view()
    {
        string[] viewed = [.. XDocument.Parse(module.Views).Descendants("TypeName").Select(element => element.Value)];
        Assert.All(module.Cmdlets, cmdlet =>
        {
            Assert.NotEmpty(cmdlet.OutputTypes);
            foreach (var type in cmdlet.OutputTypes.Where(type => type.Namespace!.StartsWith("DicomPS", StringComparison.Ordinal)))
                Assert.Contains(type.FullName, viewed);
        });

        string[] known = [.. module.Cmdlets.SelectMany(cmdlet => cmdlet.OutputTypes).SelectMany(WithLists).Select(type => type.FullName!)];
        // What -IncludeMissing gives is the type with a name before it.
        Assert.All(viewed,
            type => Assert.Contains(type.EndsWith("#Row", StringComparison.Ordinal) ? type.Substring(0, type.Length - 4) : type, known));
    }

    [Fact]
    public void Every_type_that_a_cmdlet_writes_has_a_set_of_properties_that_it_really_has()
    {
        Assert.Matches(@"TypesToProcess\s*=\s*@\('DicomPS\.Types\.ps1xml'\)", module.Manifest);
        var written = module.Cmdlets.SelectMany(cmdlet => cmdlet.OutputTypes).SelectMany(WithLists).Distinct()
            .Where(type => type.Namespace!.StartsWith("DicomPS", StringComparison.Ordinal)).ToDictionary(type => type.FullName!);
        var described = XDocument.Parse(module.Types).Descendants("Type")
            .Where(type => type.Descendants("PropertySet").Any()).ToDictionary(type => type.Element("Name")!.Value);
        Assert.Equal(written.Keys.Order(StringComparer.Ordinal), described.Keys.Order(StringComparer.Ordinal));
        Assert.All(described, type =>
        {
            var sets = type.Value.Descendants("PropertySet").ToDictionary(
                set => set.Element("Name")!.Value,
                set => set.Descendants("ReferencedProperties").Single().Elements("Name").Select(name => name.Value).ToArray());
            // A set of another name would be a typing error that PowerShell says nothing about.
            Assert.All(sets.Keys, name => Assert.Contains(name, new[] { "DefaultDisplayPropertySet", "DefaultKeyPropertySet" }));
            Assert.InRange(sets["DefaultDisplayPropertySet"].Length, 3, 20);
            string[] properties = [.. Bases(written[type.Key])
                .SelectMany(from => from.GetProperties(BindingFlags.Public | BindingFlags.Instance)).Select(property => property.Name)];
            Assert.All(sets.Values, names =>
            {
                Assert.Equal(names.Distinct(), names);
                Assert.All(names, name => Assert.Contains(name, properties));
            });
        });
    }

    // A type, and what is in the lists that it gives when it is asked, such as the events of a server.
    private static IEnumerable<Type> WithLists(Type type) => type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Where(method => method.Name.StartsWith("Get", StringComparison.Ordinal) && method.GetParameters().Length == 0
            && method.ReturnType.Name == "IReadOnlyList`1")
        .Select(method => method.ReturnType.GetGenericArguments()[0]).Prepend(type);

    [Fact]
    public void A_list_view_shows_no_less_than_the_set_of_its_type()
    {
        var sets = XDocument.Parse(module.Types).Descendants("Type").ToDictionary(type => type.Element("Name")!.Value);
        foreach (var view in XDocument.Parse(module.Views).Descendants("View").Where(view => view.Element("ListControl") is not null))
        {
            string[] shown = [.. view.Descendants("ListItem")
                .Select(item => (item.Element("Label") ?? item.Element("PropertyName"))!.Value)];
            var set = sets[view.Descendants("TypeName").Single().Value].Descendants("PropertySet").First();
            Assert.Empty(set.Descendants("ReferencedProperties").Single().Elements("Name").Select(name => name.Value).Except(shown));
        }
    }

    [Fact]
    public void Objects_make_flat_rows()
    {
        foreach (var type in module.Cmdlets.SelectMany(cmdlet => cmdlet.OutputTypes)
            .Where(type => type.Namespace!.StartsWith("DicomPS", StringComparison.Ordinal)).Distinct())
        {
            Assert.All(type.GetProperties(BindingFlags.Public | BindingFlags.Instance), property =>
            {
                // A list that is one text in a cell.
                if (property.Name == "FailedSOPInstanceUID")
                {
                    Assert.Contains(type.GetProperties(),
                        text => text.Name == "FailedInstances" && text.PropertyType.FullName == "System.String");
                    return;
                }

                Assert.False(property.PropertyType.IsEnum, $"{type.Name}.{property.Name} would be a number in JSON and CLIXML.");
                Assert.False(property.PropertyType.IsArray, $"{type.Name}.{property.Name} would be System.Object[] in a CSV file.");
                Assert.DoesNotContain(Bases(property.PropertyType), b => b.FullName == "System.Exception");
                // One that has a text of its own has that in its cell: a dataset the count of its elements, broken instances their UIDs.
                Assert.False(property.PropertyType.GetInterfaces().Any(i => i.Name == "IEnumerable") && !HasText(property.PropertyType),
                    $"{type.Name}.{property.Name} is a collection.");
            });
        }
    }

    [Fact]
    public void Every_cmdlet_has_a_help_page_and_a_Pester_file()
    {
        Assert.All(module.Cmdlets, cmdlet =>
        {
            var page = Path.Combine(module.Root, "docs", "en-US", $"{cmdlet.Name}.md");
            Assert.True(File.Exists(page), $"{page} is missing.");
            Assert.True(File.Exists(Path.Combine(module.Root, "tests", "Pester", $"{cmdlet.Name}.Tests.ps1")),
                $"tests/Pester/{cmdlet.Name}.Tests.ps1 is missing.");
        });
        string[] names = [.. module.Cmdlets.Select(cmdlet => cmdlet.Name)];
        Assert.All(Directory.GetFiles(Path.Combine(module.Root, "docs", "en-US"), "*-Dicom*.md"),
            page => Assert.Contains(Path.GetFileNameWithoutExtension(page), names));
    }

    [Fact]
    public void Help_pages_describe_every_parameter_and_leave_no_placeholder()
    {
        Assert.All(module.Cmdlets, cmdlet =>
        {
            var page = File.ReadAllText(Path.Combine(module.Root, "docs", "en-US", $"{cmdlet.Name}.md"));
            Assert.DoesNotContain("{{", page);
            // A page describes a parameter itself, or links to the page of those that many cmdlets share.
            string[] described = [.. Regex.Matches(page, @"^### -(\w+)\s*$|\[-(\w+)\]\(shared_parameters\.md#", RegexOptions.Multiline)
                .Select(match => match.Groups[1].Value + match.Groups[2].Value)];
            string[] own = [.. described.Except(["WhatIf", "Confirm"]).Order(StringComparer.Ordinal)];
            Assert.Equal(cmdlet.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal), own);
            Assert.Equal(cmdlet.SupportsShouldProcess, described.Contains("WhatIf"));
            Assert.True(Regex.Count(page, @"^### Example \d", RegexOptions.Multiline) >= 3,
                $"{cmdlet.Name} has fewer than three examples.");
        });
    }

    private static bool HasText(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Any(method => method.Name == "ToString" && method.GetParameters().Length == 0);

    private static IEnumerable<Type> Bases(Type type)
    {
        for (var at = type; at is not null; at = at.BaseType)
            yield return at;
    }
}
