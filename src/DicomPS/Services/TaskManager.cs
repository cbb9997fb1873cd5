using System.Diagnostics;
using System.Management.Automation;

namespace DicomPS.Services;

/// <summary>
/// The Task Scheduler of Windows, by the cmdlets that Windows brings. Its XML is tested everywhere; these calls run on Windows alone.
/// </summary>
internal sealed class TaskManager(PSCmdlet cmdlet) : ServiceManager
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    public override bool MayChangeSystem() => Invoke(
        "([Security.Principal.WindowsPrincipal] "
        + "[Security.Principal.WindowsIdentity]::GetCurrent()).IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)")
        .Any(LanguagePrimitives.IsTrue);

    // Tasks in our folder are ours.
    public override string? Foreign(ServiceDefinition service) => null;

    public override string? Register(ServiceDefinition service, PSCredential? credential)
    {
        var xml = ScheduledTaskXml.Text(service);
        if (credential is null)
        {
            Invoke(
                "param($name, $folder, $xml) Register-ScheduledTask -TaskPath $folder -TaskName $name -Xml $xml -Force -ErrorAction Stop",
                service.Name, ScheduledTaskXml.Folder, xml);
            return null;
        }

        Directory.CreateDirectory(service.StateFolder);
        // The account writes log and status there; the rest of the folder is the administrator's.
        Invoke("param($folder, $user) icacls.exe $folder /grant \"${user}:(OI)(CI)M\" | Out-Null", service.StateFolder,
            credential.UserName);
        // Windows takes the password and keeps it; it is in no file of ours.
        Invoke(
            "param($name, $folder, $xml, $credential) Register-ScheduledTask -TaskPath $folder -TaskName $name -Xml $xml -User "
            + "$credential.UserName -Password $credential.GetNetworkCredential().Password -Force -ErrorAction Stop",
            service.Name, ScheduledTaskXml.Folder, xml, credential);
        return null;
    }

    public override string ByHand(ServiceDefinition service) =>
        $"Start-ScheduledTask -TaskPath {ScheduledTaskXml.Folder} -TaskName {service.Name}";

    public override ManagerAnswer Ask(ServiceDefinition service)
    {
        try
        {
            var said =
                Invoke(
                    "param($name, $folder) $t = Get-ScheduledTask -TaskPath $folder -TaskName $name -ErrorAction SilentlyContinue; if "
                    + "($t) { [string] $t.State; ($t | Get-ScheduledTaskInfo).LastTaskResult }",
                service.Name, ScheduledTaskXml.Folder).Select(one => $"{one}").ToList();
            if (said.Count == 0)
                return new ManagerAnswer("Missing", false, "The Task Scheduler does not know the task.");
            return said[0] switch
            {
                "Running" => new ManagerAnswer("Running", true, null),
                "Queued" => new ManagerAnswer("Starting", true, null),
                "Ready" => new ManagerAnswer("Stopped", true, said.Count > 1 ? $"The last result was {said[1]}." : null),
                "Disabled" => new ManagerAnswer("Stopped", false, null),
                _ => new ManagerAnswer("Unknown", null, $"The Task Scheduler says {said[0]}."),
            };
        }
        catch (RuntimeException e)
        {
            return new ManagerAnswer("Unknown", null, $"The Task Scheduler cannot be asked: {e.Message}");
        }
    }

    public override void Start(ServiceDefinition service) => Change(service, "Start", "started");

    // A task has no signal: its own way of stopping is to kill. So the service is asked by a file first.
    public override void Stop(ServiceDefinition service)
    {
        var clock = Stopwatch.StartNew();
        if (ServiceStatus.TryRead(service.StateFolder) is { IsAlive: true } status)
        {
            File.WriteAllText(Path.Combine(service.StateFolder, ServiceStatus.StopFileName), "");
            while (status.IsAlive && clock.Elapsed.TotalSeconds < service.StopSeconds + 30)
                Thread.Sleep(PollInterval);
        }

        Change(service, "Stop", "stopped");
    }

    private void Change(ServiceDefinition service, string verb, string done)
    {
        try
        {
            Invoke($"param($name, $folder) {verb}-ScheduledTask -TaskPath $folder -TaskName $name -ErrorAction Stop", service.Name,
                ScheduledTaskXml.Folder);
        }
        catch (RuntimeException e)
        {
            throw Refused(service, done, e.Message, "Look into the Task Scheduler, folder DicomPS.");
        }
    }

    public override void Remove(ServiceDefinition service)
    {
        if (Ask(service).State == "Running")
            Stop(service);
        Invoke(
            "param($name, $folder) Unregister-ScheduledTask -TaskPath $folder -TaskName $name -Confirm:$false "
                + "-ErrorAction SilentlyContinue",
            service.Name, ScheduledTaskXml.Folder);
    }

    private IEnumerable<PSObject> Invoke(string script, params object[] arguments) =>
        cmdlet.InvokeCommand.InvokeScript(false, ScriptBlock.Create(script), null, arguments);
}
