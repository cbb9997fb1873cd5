using System.Management.Automation;
using DicomPS.Arguments;

namespace DicomPS.Commands;

/// <summary>Gets the users of a file that servers with -UserFile hold callers against.</summary>
[Cmdlet(VerbsCommon.Get, "DicomUser")]
[OutputType(typeof(DicomUser))]
public sealed class GetDicomUserCommand : DicomCmdlet
{
    /// <summary>The file of users, as Set-DicomUser writes it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string UserFile { get; set; } = "";

    /// <summary>The names, wildcards allowed; all without it.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override void Process()
    {
        var path = UserFiles.Resolve(this, UserFile);
        var users = UserFiles.Read(path);
        foreach (var name in Name ?? ["*"])
        {
            var found = UserFiles.Select([.. users.Keys], name);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteFailure(UserFiles.NotFound(name, path), name);
            foreach (var user in found)
                WriteObject(new DicomUser { Name = user, Iterations = users[user], UserFile = path });
        }
    }
}
