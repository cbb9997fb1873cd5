using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;
using DicomPS.Arguments;
using DicomPS.Compatibility;
using DicomPS.Files;
using DicomPS.Services;

namespace DicomPS.Commands;

/// <summary>Has the system run a script with this module at its start: a systemd unit on Linux, a scheduled task on Windows.</summary>
[Cmdlet(VerbsLifecycle.Register, "DicomService", DefaultParameterSetName = ByBlock, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RegisteredService))]
public sealed class RegisterDicomServiceCommand : ServiceCmdlet
{
    private const string ByBlock = "ScriptBlock";
    private const string ByFile = "FilePath";

    /// <summary>The name, by which it is found and from which its unit has its name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>What it runs. Its text is kept, so it knows no variable of this session.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByBlock)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The script that it runs, where it lies.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByFile)]
    [Alias("LiteralPath", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string? FilePath { get; set; }

    /// <summary>What it is for, in the lists of the system.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>System, which starts with the machine, or User, which needs no rights.</summary>
    [Parameter]
    [ValidateSet(ServicePlaces.System, ServicePlaces.User)]
    public string? Scope { get; set; }

    /// <summary>The account that a service of the system runs as, on Linux.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>The account that a service of the system runs as, on Windows, which keeps the password itself.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The folder in which the script starts.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>The log.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>How many bytes one file of the log has at most; 10MB and the like work.</summary>
    [Parameter]
    [ValidateRange(65536L, 1L << 40)]
    public long MaximumLogBytes { get; set; } = RotatingLog.DefaultBytes;

    /// <summary>How many files the log has at most, the newest among them.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int MaximumLogFiles { get; set; } = RotatingLog.DefaultFiles;

    /// <summary>Writes objects into the log with all that they say, patients among it.</summary>
    [Parameter]
    public SwitchParameter IncludePatientData { get; set; }

    /// <summary>The module that it imports: DicomPS.psd1 or its folder.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ModulePath { get; set; }

    /// <summary>How long requests in flight may take when it is stopped: seconds or a TimeSpan. Then they are aborted.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Replaces a service of that name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process()
    {
        ServiceArgument.CheckName(Name);
        var scope = Scope ?? (Manager.MayChangeSystem() ? ServicePlaces.System : ServicePlaces.User);
        CheckAccount(scope);
        CheckMayChange(scope, Name);
        var folder = Path.Combine(ServicePlaces.Folder(scope), Name);
        var service = Define(scope, folder);
        var isThere = Known().Any(one => one.Scope == scope && string.Equals(one.Name, Name, StringComparison.OrdinalIgnoreCase));
        if (Manager.Foreign(service) is { } foreign)
        {
            throw new ModuleException(ErrorIds.ServiceExists, ErrorCategory.ResourceExists,
                $"{foreign} is there already, and Register-DicomService did not make it.",
                "Choose another name; it is left as it is.", Name);
        }

        if (isThere && !Force)
        {
            throw new ModuleException(ErrorIds.ServiceExists, ErrorCategory.ResourceExists, $"A service '{Name}' is registered already.",
                "Choose another name, replace it with -Force, or remove it with Unregister-DicomService.", Name);
        }

        // A mistake in the unit shows before anything is written.
        _ = ServicePlaces.IsWindows ? ScheduledTaskXml.Text(service) : SystemdUnit.Text(service);
        if (!ShouldProcess(service.Registration,
            $"{(isThere ? "Replace" : "Register")} the service {Name}, which runs "
            + $"{(ScriptBlock is null ? service.FilePath : "a script block")} as {service.User ?? "SYSTEM"} "
            + $"{(scope == ServicePlaces.System ? "when the system starts" : "when the user logs in")}"))
            return;
        var problem = Write(service, folder);
        Advise(service, problem, isThere);
        WriteObject(Ask(service));
    }

    private ServiceDefinition Define(string scope, string folder)
    {
        string Line(string text, string parameter) => ServiceArgument.Line(text, parameter);
        var script = ScriptBlock is null ? Script(FilePath!) : Block(ScriptBlock, folder);
        var isWindows = ServicePlaces.IsWindows;
        var service = new ServiceDefinition
        {
            Name = Name,
            Scope = scope,
            Description = Line(Description ?? $"DicomPS: {Name}", "-Description").Trim(),
            FilePath = Line(script, "-FilePath"),
            User = scope == ServicePlaces.User ? Environment.UserName : isWindows ? Credential?.UserName : User ?? "root",
            WorkingDirectory = Line(WorkingDirectory is null ? SessionState.Path.CurrentFileSystemLocation.ProviderPath
                : FileSource.Folder(this, WorkingDirectory), "-WorkingDirectory"),
            ModulePath = Line(Module(), "-ModulePath"),
            LogPath = Line(LogPath is null ? ServicePlaces.LogPath(scope, Name) : FileSource.Folder(this, LogPath), "-LogPath"),
            LogBytes = MaximumLogBytes,
            LogCount = MaximumLogFiles,
            IncludePatientData = IncludePatientData,
            StateFolder = ServicePlaces.StateFolder(scope, Name),
            StopSeconds = Math.Min(StopTimeout.TotalSeconds, 86400),
            Registration = isWindows ? ScheduledTaskXml.Folder + Name : ServicePlaces.Unit(scope, Name),
            ConfigHome = Environment.GetEnvironmentVariable(NodeStore.FolderVariable) is { Length: > 0 } home
                ? Line(Path.GetFullPath(home), NodeStore.FolderVariable) : null,
        };
        string[] policy = isWindows ? ["-ExecutionPolicy", "Bypass"] : [];
        service.Command = [.. ServiceArgument.PowerShell($"{SessionState.PSVariable.GetValue("PSHOME")}"), "-NoLogo", "-NoProfile",
            "-NonInteractive", .. policy, "-File", Path.Combine(folder, RunnerScript.FileName)];
        return service;
    }

    private void CheckAccount(string scope)
    {
        if (ServicePlaces.IsWindows ? User is not null : Credential is not null)
        {
            throw new ModuleException(ErrorIds.ParameterWithoutMeaning, ErrorCategory.InvalidArgument,
                ServicePlaces.IsWindows ? "-User means nothing on Windows." : "-Credential means nothing here: systemd needs no password.",
                ServicePlaces.IsWindows ? "Give -Credential: Windows keeps the password of the account itself."
                    : "Name the account with -User.", Name);
        }

        if (User is null && Credential is null)
            return;
        if (scope == ServicePlaces.User)
        {
            throw new ModuleException(ErrorIds.ParameterWithoutMeaning, ErrorCategory.InvalidArgument,
                "A service of a user runs as that user.",
                "Leave the account out, or register with -Scope System.", Name);
        }

        if (User is null)
            return;
        ServiceArgument.CheckUser(User);
        if (SystemdManager.Run("id", $"-u -- {User}", TimeSpan.FromSeconds(20)) is { Code: > 0 } answer)
        {
            throw new ModuleException(ErrorIds.ServiceNameInvalid, ErrorCategory.ObjectNotFound,
                $"This machine has no account '{User}': {answer.Error}",
                $"Make it, such as with: useradd --system {User}", User);
        }
    }

    private string Script(string given)
    {
        var path = FileSource.Folder(this, given);
        if (!File.Exists(path))
            throw new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound, $"There is no script '{path}'.",
                "Relative paths start at Get-Location.", given);

        if (!path.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase))
            throw BadScript($"'{path}' is no script of PowerShell.", "Give a file whose name ends with .ps1.");
        Parser.ParseFile(path, out _, out var errors);
        if (errors.Length > 0)
            throw BadScript($"'{path}' cannot be read as a script, line {errors[0].Extent.StartLineNumber}: {errors[0].Message}",
                "Correct it first.");
        return path;
    }

    private string Block(ScriptBlock block, string folder)
    {
        if (block.Ast.Find(ast => ast is UsingExpressionAst, searchNestedScriptBlocks: true) is UsingExpressionAst used
            && !IsInner(used, block.Ast))
            throw BadScript($"The script block takes {used.Extent.Text} from this session, which will be gone.",
                "Write the value into the block, or read it from a file there.");
        return Path.Combine(folder, RunnerScript.BlockFileName);
    }

    // $using: in a block within it, such as that of -OnStore, means a variable of the script itself.
    private static bool IsInner(Ast used, Ast block)
    {
        for (var at = used.Parent; at is not null && at != block; at = at.Parent)
        {
            if (at is ScriptBlockExpressionAst)
                return true;
        }

        return false;
    }

    private ModuleException BadScript(string message, string advice) =>
        new(ErrorIds.ServiceScriptInvalid, ErrorCategory.InvalidArgument, message, advice, Name);

    private string Module()
    {
        var path = ModulePath is null ? MyInvocation.MyCommand.Module?.ModuleBase ?? ModuleLibraries.Folder
            : FileSource.Folder(this, ModulePath);
        var manifest = Directory.Exists(path) ? Path.Combine(path, "DicomPS.psd1") : path;
        return File.Exists(manifest) ? manifest
            : throw new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound, $"There is no module '{manifest}'.",
            "Give the folder that has DicomPS.psd1.", manifest);
    }

    private string? Write(ServiceDefinition service, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            // With a mark at the front, without which Windows PowerShell reads scripts in an old encoding.
            var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true);
            byte[] Bytes(string text) => [.. utf8.GetPreamble(), .. utf8.GetBytes(text)];
            var block = Path.Combine(folder, RunnerScript.BlockFileName);
            if (ScriptBlock is null)
                File.Delete(block);
            else
                ServiceDefinition.WriteFile(block, Bytes($"{ScriptBlock}\n"));
            var definition = Path.Combine(folder, ServiceDefinition.FileName);
            ServiceDefinition.WriteFile(Path.Combine(folder, RunnerScript.FileName), Bytes(RunnerScript.Text(service, definition)));
            service.Write(definition);
            return Manager.Register(service, Credential);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new ModuleException(ErrorIds.ServiceFailed, ErrorCategory.InvalidResult, $"{Name} could not be registered: {e.Message}",
                "What was written is in the folder of the service; correct it and register again with -Force.", Name, e);
        }
    }

    private void Advise(ServiceDefinition service, string? problem, bool isThere)
    {
        if (problem is not null)
        {
            WriteWarning(
                $"{service.Registration} was written, and is not enabled and not started, since systemd does not answer: "
                + $"{problem.TrimEnd('.')}. "
                + $"Where it does: {Manager.ByHand(service)}. By hand: {ServiceArgument.CommandLine(service.Command)}");
        }
        else if (isThere)
        {
            WriteVerbose($"A process of {Name} that runs goes on as it was: Stop-DicomService {Name}; Start-DicomService {Name}");
        }

        if (ServicePlaces.IsWindows)
            return;
        if (service.Scope == ServicePlaces.System && User is null)
            WriteWarning($"{Name} runs as root; -User names an account with fewer rights, which may write the folders of the script.");
        if (service.Scope == ServicePlaces.User && !File.Exists($"/var/lib/systemd/linger/{Environment.UserName}"))
            WriteWarning(
                $"{Name} starts when {Environment.UserName} logs in and ends at the last logout. To have it run from the start of the "
                + $"system: loginctl enable-linger {Environment.UserName}");
    }
}
