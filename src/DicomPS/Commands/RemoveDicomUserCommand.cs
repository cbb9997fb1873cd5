using System.Management.Automation;
using DicomPS.Arguments;

namespace DicomPS.Commands;

/// <summary>Takes users out of a file that servers with -UserFile hold callers against.</summary>
[Cmdlet(VerbsCommon.Remove, "DicomUser", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveDicomUserCommand : DicomCmdlet
{
    /// <summary>The names, wildcards allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The file of users, as Set-DicomUser writes it.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string UserFile { get; set; } = "";

    private protected override void Process()
    {
        var path = UserFiles.Resolve(this, UserFile);
        foreach (var name in Name)
        {
            var found = UserFiles.Select([.. UserFiles.Read(path).Keys], name);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteFailure(UserFiles.NotFound(name, path), name);
            foreach (var user in found)
            {
                if (ShouldProcess(path, $"Remove the user {user}"))
                    Remove(path, user);
            }
        }
    }

    private void Remove(string path, string user)
    {
        try
        {
            using var held = FileLock.Take(path);
            new Scp.UserFile(path).Remove(user);
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            Terminate(UserFiles.Unusable(e, path), path);
        }
    }
}
