using System.Reflection;

namespace DicomPS.Module.Tests;

/// <summary>
/// What has to hold so that the libraries of the module can be loaded into a context of their own, and on every PowerShell that it is
/// for.
/// </summary>
public sealed class LibraryTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    private HashSet<string> Separate => [.. module.CoreDependencies.Select(assembly => assembly.GetName().Name!)];

    [Fact]
    public void The_cmdlets_and_the_engine_are_beside_each_other_and_the_rest_below()
    {
        Assert.Equal(["DicomPS", "DicomPS.Engine"],
            module.CoreAssemblies.Select(assembly => assembly.GetName().Name!).Except(Separate).Order(StringComparer.Ordinal));
        Assert.Contains("DicomPS.Archive", Separate);
    }

    // PowerShell looks through the types of the module before it tells the module that it was imported.
    [Fact]
    public void No_type_of_the_module_derives_from_or_implements_one_of_the_load_context()
    {
        var separate = Separate;
        string[] faults =
        [
            .. from type in module.Core.GetTypes()
               from used in type.GetInterfaces().Append(type.BaseType).OfType<Type>().SelectMany(Parts)
               where separate.Contains(used.Assembly.GetName().Name!)
               select $"{type.FullName}: {used.FullName}",
        ];
        Assert.Empty(faults);
    }

    // A script that names such a type finds none, or another module's.
    [Fact]
    public void No_public_member_of_the_module_or_the_engine_names_a_type_of_the_load_context()
    {
        var separate = Separate;
        Type[] types = [.. module.Core.GetExportedTypes(), .. module.CoreAssembly("DicomPS.Engine").GetExportedTypes()];
        Assert.True(types.Length > 100);
        string[] faults =
        [
            .. from type in types
               from member in type.GetMembers(All)
               where IsVisible(member)
               from used in Named(member).SelectMany(Parts)
               where separate.Contains(used.Assembly.GetName().Name!)
               select $"{type.FullName}.{member.Name}: {used.FullName}",
        ];
        Assert.Empty(faults);
    }

    [Fact]
    public void The_module_and_the_engine_know_nothing_of_packages()
    {
        HashSet<string> packages = [.. Separate.Where(name => !name.StartsWith("DicomPS.", StringComparison.Ordinal))];
        Assert.Contains("Microsoft.Data.Sqlite", packages);
        Assert.Empty(module.Core.GetReferencedAssemblies().Select(name => name.Name!).Intersect(packages));
        Assert.Empty(module.CoreAssembly("DicomPS.Engine").GetReferencedAssemblies().Select(name => name.Name!).Intersect(Separate));
    }

    // PowerShell 7.4 runs on .NET 8, whose own assemblies say 8.0.0.0 in every update.
    [Fact]
    public void Nothing_asks_for_more_than_PowerShell_7_4_brings()
    {
        HashSet<string> shipped = [.. module.CoreAssemblies.Select(assembly => assembly.GetName().Name!)];
        string[] faults =
        [
            .. from assembly in module.CoreAssemblies
               from wanted in assembly.GetReferencedAssemblies()
               where !shipped.Contains(wanted.Name!) && wanted.Name is not ("System.Management.Automation" or "netstandard")
                   && wanted.Version > new Version(8, 0, 0, 0)
               select $"{assembly.GetName().Name}: {wanted.FullName}",
        ];
        Assert.Empty(faults);
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        // Their accessors are methods of their own.
        _ => false,
    };

    private static IEnumerable<Type> Named(MemberInfo member) => member switch
    {
        MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
        MethodBase constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        FieldInfo field => [field.FieldType],
        _ => [],
    };

    // List<Archive[]> is made of List, Archive[] and Archive.
    private static IEnumerable<Type> Parts(Type type) =>
        type.GetGenericArguments().Concat(type.HasElementType ? [type.GetElementType()!] : Type.EmptyTypes).SelectMany(Parts).Append(type);
}
