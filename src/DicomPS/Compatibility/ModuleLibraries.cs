// Where the libraries of the module come from, which each runtime does in its own way; the only place of this project with #if.
using System.Reflection;
#if NET8_0_OR_GREATER
using System.Runtime.Loader;
#endif

namespace DicomPS.Compatibility;

/// <summary>
/// The libraries that another module may bring as well, in another version: SQLite and what stands on it. PowerShell 7 loads them
/// from a folder below this one into a context of their own, so that neither side sees the other's. The engine and this assembly
/// stay in the default context, because their types are named in scripts. Windows PowerShell has no contexts: there all lie beside
/// this one, and are found whatever version was asked for.
/// </summary>
internal static class ModuleLibraries
{
    /// <summary>The folder of this assembly.</summary>
    public static string Folder { get; } = Path.GetDirectoryName(typeof(ModuleLibraries).Assembly.Location)!;

#if NET8_0_OR_GREATER
    // One in a process: a module that is imported again goes on with the types that it had.
    private static readonly OwnContext Context = new(Path.Combine(Folder, "dependencies"));

    /// <summary>Begins to find them; once for each import.</summary>
    public static void Attach() => AssemblyLoadContext.Default.Resolving += Find;

    /// <summary>Ends one <see cref="Attach"/>.</summary>
    public static void Detach() => AssemblyLoadContext.Default.Resolving -= Find;

    // Only our own assemblies come from the folder into the default context; another module that asks for SQLite gets its own.
    private static Assembly? Find(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is { } simple && simple.StartsWith("DicomPS.", StringComparison.Ordinal) && File.Exists(Context.PathOf(simple))
            ? Context.LoadFromAssemblyName(name) : null;

    private sealed class OwnContext(string folder) : AssemblyLoadContext("DicomPS")
    {
        private static readonly Assembly Engine = typeof(DicomException).Assembly;

        public string PathOf(string name) => Path.Combine(folder, name + ".dll");

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var name = assemblyName.Name!;
            if (name == Engine.GetName().Name)
                return Engine;
            if (File.Exists(PathOf(name)))
                return LoadFromAssemblyPath(PathOf(name));

            // Microsoft.Data.Sqlite looks for a bundle to start; one that another module has loaded is none of ours.
            return name.StartsWith("SQLitePCLRaw.", StringComparison.Ordinal) ? throw new FileNotFoundException(null, PathOf(name)) : null;
        }
    }
#else
    /// <summary>Begins to find them; once for each import.</summary>
    public static void Attach() => AppDomain.CurrentDomain.AssemblyResolve += Find;

    /// <summary>Ends one <see cref="Attach"/>.</summary>
    public static void Detach() => AppDomain.CurrentDomain.AssemblyResolve -= Find;

    private static Assembly? Find(object? sender, ResolveEventArgs arguments)
    {
        if (arguments.RequestingAssembly is not { } asking || Path.GetDirectoryName(asking.Location) != Folder)
            return null;
        var file = Path.Combine(Folder, new AssemblyName(arguments.Name).Name + ".dll");
        return File.Exists(file) ? Assembly.LoadFrom(file) : null;
    }
#endif
}
