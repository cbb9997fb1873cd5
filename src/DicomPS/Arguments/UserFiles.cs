using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>The files of users that parameters name.</summary>
internal static class UserFiles
{
    /// <summary>The full path of a file, which may not be there.</summary>
    public static string Resolve(PSCmdlet cmdlet, string path) => cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>What is told of a file that cannot be used.</summary>
    public static ModuleException Unusable(Exception problem, string path) => new(ErrorIds.UserFileUnusable, ErrorCategory.OpenError,
        problem is DicomException ? problem.Message : $"The file of users '{path}' cannot be used: {problem.Message}",
        (problem as DicomException)?.Advice ?? "Name a file in a folder that exists and may be written to.", path, problem);
}
