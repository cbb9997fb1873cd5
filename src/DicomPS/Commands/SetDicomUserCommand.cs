using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Scp;

namespace DicomPS.Commands;

/// <summary>Sets the passcode of a user that servers with -UserFile let in.</summary>
[Cmdlet(VerbsCommon.Set, "DicomUser", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(void))]
public sealed class SetDicomUserCommand : DicomCmdlet
{
    /// <summary>The name and the passcode; of a name alone the passcode is asked.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Credential]
    [ValidateNotNull]
    public PSCredential Credential { get; set; } = null!;

    /// <summary>The file of users, made when it is missing.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string UserFile { get; set; } = "";

    private protected override void Process()
    {
        var name = Credential.UserName;
        try
        {
            Scp.UserFile.CheckName(name);
        }
        catch (FormatException e)
        {
            Terminate(new ModuleException(ErrorIds.UserInvalid, ErrorCategory.InvalidArgument, e.Message,
                "The name is that which callers send.", name, e), name);
        }

        var passcode = Credential.GetNetworkCredential().Password;
        if (passcode.Length == 0)
            Terminate(new ModuleException(ErrorIds.UserInvalid, ErrorCategory.InvalidArgument, $"The user '{name}' has no passcode.",
                "Whoever knows the name would get in.", name), name);
        var path = UserFiles.Resolve(this, UserFile);
        if (!ShouldProcess(path, $"Set the passcode of {name}"))
            return;
        try
        {
            using var held = FileLock.Take(path);
            new UserFile(path).Set(name, passcode);
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            Terminate(UserFiles.Unusable(e, path), path);
        }
    }
}
