using System.Reflection;
using DicomPS.Compatibility;

namespace DicomPS.Errors;

/// <summary>
/// A library of the module that could not be used as it is: another module of the process came first with another version of it,
/// or the module's own files are not of one version.
/// </summary>
/// <param name="Message">What happened.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record LibraryConflict(string Message, string Advice)
{
    private static readonly Lazy<Dictionary<string, Version>> Ours = new(() => VersionsIn(ModuleLibraries.Folder));

    /// <summary>Says what is in the way; null for a failure of another kind.</summary>
    public static LibraryConflict? Of(Exception failure) => IsOne(failure) ? Of(failure, Ours.Value, ModuleLibraries.Folder) : null;

    /// <summary>
    /// Whether a failure is of this kind: an assembly that is not there, not whole, or not the one that was built against.
    /// </summary>
    public static bool IsOne(Exception failure) => failure switch
    {
        DllNotFoundException => false,
        FileLoadException or BadImageFormatException or MissingMemberException or TypeLoadException => true,
        // An assembly that is not there is asked for by its full name, a file by its path.
        FileNotFoundException { FileName: { } name } => name.Contains(", Version="),
        DicomException or TypeInitializationException or TargetInvocationException or AggregateException =>
            failure.InnerException is { } inner && IsOne(inner),
        _ => false,
    };

    /// <summary>As <see cref="Of(Exception)"/>, of a module elsewhere.</summary>
    internal static LibraryConflict? Of(Exception failure, Dictionary<string, Version> ours, string folder)
    {
        string[] others =
        [
            .. from assembly in AppDomain.CurrentDomain.GetAssemblies()
               where !assembly.IsDynamic && assembly.GetName() is { Name: { } name, Version: { } version }
                   && ours.TryGetValue(name, out var wanted) && wanted != version && IsElsewhere(assembly.Location, folder)
               select $"{assembly.GetName().Name} {assembly.GetName().Version}{ModuleOf(assembly.Location)}, "
               + $"where DicomPS brings {ours[assembly.GetName().Name!]}",
        ];
        // The runtime writes some of these sentences on two lines.
        var cause = string.Join(" ", Innermost(failure).Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        // What has a sentence of its own is told with it.
        if (others.Length == 0 && failure is DicomException)
            return null;
        return others.Length > 0
            ? new LibraryConflict(
                $"Another version of a library of DicomPS is loaded in this session: {string.Join("; ", others)}. ({cause})",
                "Start a new session and import DicomPS before that module, or without it. In PowerShell 7 the two do not meet.")
            : new LibraryConflict($"A library of DicomPS could not be loaded: {cause}",
                "Files of two versions of the module may lie in its folder: install it anew, and start a new session.");
    }

    /// <summary>The libraries in a folder, by name.</summary>
    internal static Dictionary<string, Version> VersionsIn(string folder)
    {
        var versions = new Dictionary<string, Version>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in Directory.GetFiles(folder, "*.dll"))
        {
            try
            {
                var name = AssemblyName.GetAssemblyName(file);
                versions[name.Name!] = name.Version!;
            }
            catch (BadImageFormatException)
            {
                // Not whole: that is what is told then.
                continue;
            }
        }

        return versions;
    }

    private static Exception Innermost(Exception failure) => failure.InnerException is { } inner ? Innermost(inner) : failure;

    private static bool IsElsewhere(string location, string folder) =>
        !location.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.OrdinalIgnoreCase);

    // The module is named after its manifest, which lies in a folder above; that of a program is not there.
    private static string ModuleOf(string location)
    {
        if (location.Length == 0)
            return " (loaded from memory)";
        for (var folder = Directory.GetParent(location); folder is not null; folder = folder.Parent)
        {
            if (folder.EnumerateFiles("*.psd1").FirstOrDefault() is { } manifest)
                return $" of the module {Path.GetFileNameWithoutExtension(manifest.Name)} ({location})";
        }

        return $" ({location})";
    }
}
