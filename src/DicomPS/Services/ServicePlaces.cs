using System.Runtime.InteropServices;
using DicomPS.Arguments;

namespace DicomPS.Services;

/// <summary>
/// Where what belongs to services lies. What the system starts with its own rights stands where only its administrator can write:
/// on Windows not below ProgramData, in which every user may make folders.
/// </summary>
internal static class ServicePlaces
{
    public const string System = "System";
    public const string User = "User";

    public static bool IsWindows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    public static bool IsLinux => RuntimeInformation.IsOSPlatform(OSPlatform.Linux);

    /// <summary>The folder that has a folder for each service.</summary>
    public static string Folder(string scope) => scope == System
        ? IsWindows ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "DicomPS Services")
            : "/etc/dicomps/services"
        : Path.Combine(Path.GetDirectoryName(new NodeStore().Path)!, "services");

    /// <summary>The folder of what the running service tells of itself.</summary>
    public static string StateFolder(string scope, string name) => scope == System
        ? IsWindows ? Path.Combine(Folder(scope), name, "state") : $"/run/dicomps/{name}"
        : Path.Combine(UserState(), name);

    /// <summary>Where its log is when nothing else was asked for.</summary>
    public static string LogPath(string scope, string name) => scope == System && !IsWindows
        ? $"/var/log/dicomps/{name}/{name}.log"
        : Path.Combine(StateFolder(scope, name), $"{name}.log");

    /// <summary>The unit file of systemd.</summary>
    public static string Unit(string scope, string name) => scope == System
        ? $"/etc/systemd/system/{SystemdUnit.NameOf(name)}"
        : Path.Combine(Configuration(), "systemd", "user", SystemdUnit.NameOf(name));

    // As systemd looks for units of users.
    private static string Configuration() => Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } named
        ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");

    private static string UserState()
    {
        if (IsWindows)
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "DicomPS", "services");
        return Path.Combine(Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } named
            ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"), "DicomPS");
    }
}
