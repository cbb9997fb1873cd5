using System.Management.Automation;
using DicomPS.Scp;

namespace DicomPS.Arguments;

/// <summary>The files of users that parameters name.</summary>
internal static class UserFiles
{
    /// <summary>The full path of a file, which may not be there.</summary>
    public static string Resolve(PSCmdlet cmdlet, string path) => cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>The users of a file, and how often the passcode of each is hashed.</summary>
    /// <exception cref="ModuleException">It cannot be read.</exception>
    public static IReadOnlyDictionary<string, int> Read(string path)
    {
        try
        {
            return new UserFile(path).Rounds();
        }
        catch (DicomException e)
        {
            throw Unusable(e, path);
        }
    }

    /// <summary>The names that a name or a pattern means: one that is there as it is written, or all that fit.</summary>
    public static IReadOnlyList<string> Select(IReadOnlyCollection<string> users, string name) => users.Contains(name) ? [name]
        : [.. users.Where(new WildcardPattern(name, WildcardOptions.None).IsMatch).OrderBy(user => user, StringComparer.Ordinal)];

    /// <summary>What is told where no user has a name.</summary>
    public static ModuleException NotFound(string name, string path) => new(ErrorIds.UserNotFound, ErrorCategory.ObjectNotFound,
        $"The file of users '{path}' has no user '{name}'.", "Get-DicomUser lists them; upper and lower case differ.", name);

    /// <summary>What is told of a file that cannot be used.</summary>
    public static ModuleException Unusable(Exception problem, string path) => new(ErrorIds.UserFileUnusable, ErrorCategory.OpenError,
        problem is DicomException ? problem.Message : $"The file of users '{path}' cannot be used: {problem.Message}",
        (problem as DicomException)?.Advice ?? "Name a file in a folder that exists and may be written to.", path, problem);
}
