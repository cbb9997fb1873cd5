using System.Diagnostics;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace DicomPS.Services;

/// <summary>What is taken for a service, and what it is started with.</summary>
internal static class ServiceArgument
{
    private static readonly Regex Names = new(@"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\z", RegexOptions.CultureInvariant);

    // useradd(8), with the dots and capitals of directory services.
    private static readonly Regex Users = new(@"\A[A-Za-z_][A-Za-z0-9_.-]{0,63}\$?\z", RegexOptions.CultureInvariant);

    public static void CheckName(string name)
    {
        if (!Names.IsMatch(name) || name.EndsWith(".", StringComparison.Ordinal) || name.Contains(".."))
        {
            throw new ModuleException(ErrorIds.ServiceNameInvalid, ErrorCategory.InvalidArgument,
                $"'{SafeText.Clean(name)}' is no name of a service.",
                "Take up to 64 letters A to Z, digits, and - _ . between them, such as night-archive.", name);
        }
    }

    public static void CheckUser(string user)
    {
        if (!Users.IsMatch(user))
        {
            throw new ModuleException(ErrorIds.ServiceNameInvalid, ErrorCategory.InvalidArgument,
                $"'{SafeText.Clean(user)}' is no name of an account.",
                "Name an account of this machine, such as dicom; make it with: useradd --system dicom", user);
        }
    }

    /// <summary>No text that goes into files of the system may have a line break or another control character.</summary>
    public static string Line(string text, string what) => text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029')
        ? throw new ModuleException(ErrorIds.ServiceNameInvalid, ErrorCategory.InvalidArgument,
            $"{what} has a line break or another control character: '{SafeText.Clean(text)}'.",
            "Leave it out.", text)
        : text;

    /// <summary>
    /// The PowerShell of this session as the system can start it. Where pwsh is a dotnet tool that is dotnet with the tool's assembly: the
    /// program of the tool starts another process and hands no signal on to it.
    /// </summary>
    public static string[] PowerShell(string home)
    {
        using var own = Process.GetCurrentProcess();
        var program = own.MainModule?.FileName ?? "";
        var name = Path.GetFileNameWithoutExtension(program);
        if (name is "pwsh" or "powershell")
            return [program];
        if (name == "dotnet" && File.Exists(Path.Combine(home, "pwsh.dll")))
            return [program, Path.Combine(home, "pwsh.dll")];
        foreach (var candidate in new[] { "pwsh", "pwsh.exe", "powershell.exe" }.Select(file => Path.Combine(home, file))
            .Where(File.Exists))
            return [candidate];
        throw new ModuleException(ErrorIds.ServiceUnsupported, ErrorCategory.ResourceUnavailable,
            $"No PowerShell was found that could be started as a service: this session runs in {program}.",
            "Run Register-DicomService in the pwsh that the service is to run in.", program);
    }

    /// <summary>A command as it is typed in a shell.</summary>
    public static string CommandLine(IEnumerable<string> words) =>
        string.Join(" ", words.Select(word => ServicePlaces.IsWindows ? ScheduledTaskXml.Quoted(word)
        : word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+' or ':' or '=') ? word
        : $"'{word.Replace("'", "'\\''")}'"));
}
