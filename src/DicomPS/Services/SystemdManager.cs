using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace DicomPS.Services;

/// <summary>systemd, by its own command: of the system, or of the user.</summary>
internal sealed class SystemdManager : ServiceManager
{
    private static readonly TimeSpan QuickTime = TimeSpan.FromSeconds(20);

    public override bool MayChangeSystem() => Environment.UserName == "root";

    public override string? Foreign(ServiceDefinition service)
    {
        var unit = ServicePlaces.Unit(service.Scope, service.Name);
        if (!File.Exists(unit))
            return null;
        using var reader = new StreamReader(unit);
        return reader.ReadLine() == SystemdUnit.Mark ? null : unit;
    }

    public override string? Register(ServiceDefinition service, PSCredential? credential)
    {
        var unit = ServicePlaces.Unit(service.Scope, service.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(unit)!);
        ServiceDefinition.WriteFile(unit, new UTF8Encoding(false).GetBytes(SystemdUnit.Text(service)));
        var (code, _, error) = Control(service, "daemon-reload", QuickTime);
        if (code != 0)
            return error;
        (code, _, error) = Control(service, $"enable {SystemdUnit.NameOf(service.Name)}", QuickTime);
        return code == 0 ? null : error;
    }

    public override string ByHand(ServiceDefinition service) =>
        $"systemctl{ForUser(service)} daemon-reload && systemctl{ForUser(service)} enable --now {SystemdUnit.NameOf(service.Name)}";

    public override ManagerAnswer Ask(ServiceDefinition service)
    {
        var (code, output, error) = Control(service,
            $"show --property=LoadState,ActiveState,UnitFileState,Result,ExecMainStatus {SystemdUnit.NameOf(service.Name)}", QuickTime);
        var said = output.Split('\n').Select(line => line.Split(['='], 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.First()[1].Trim());
        if (code != 0 || !said.TryGetValue("ActiveState", out var active))
            return new ManagerAnswer("Unknown", null, $"systemd cannot be asked: {error.TrimEnd('.')}.");
        if (said.TryGetValue("LoadState", out var load) && load is "not-found")
            return new ManagerAnswer("Missing", false, "systemd does not know the unit: systemctl daemon-reload makes it look again.");
        var state = active switch
        {
            "active" or "reloading" => "Running",
            "activating" => "Starting",
            "deactivating" => "Stopping",
            "inactive" => "Stopped",
            "failed" => "Failed",
            _ => "Unknown",
        };
        var enabled = said.TryGetValue("UnitFileState", out var file) ? file is "enabled" or "enabled-runtime" : (bool?)null;
        var isBad = state is "Failed" or "Starting" && said.TryGetValue("Result", out var result) && result is not ("success" or "");
        return new ManagerAnswer(state, enabled, isBad
            ? $"It ended: {said["Result"]}{(said.TryGetValue("ExecMainStatus", out var status) ? $", {status}" : "")}. {Journal(service)}"
            : load is "error" or "bad-setting" ? $"systemd cannot read the unit ({load})." : null);
    }

    public override void Start(ServiceDefinition service) => Do(service, "start", "started", QuickTime);

    public override void Stop(ServiceDefinition service) => Do(service, "stop", "stopped", StopTime(service));

    public override void Remove(ServiceDefinition service)
    {
        var unit = ServicePlaces.Unit(service.Scope, service.Name);
        var (code, _, error) = Control(service, $"disable --now {SystemdUnit.NameOf(service.Name)}", StopTime(service));
        // Without systemd nobody stops it; that it does not run was made sure of.
        if (code != 0 && File.Exists(unit) && Ask(service).State is not ("Unknown" or "Missing"))
            throw Refused(service, "stopped and disabled", error, Journal(service));
        // One that somebody put in its place is not ours to delete.
        if (Foreign(service) is null)
            File.Delete(unit);
        Control(service, "daemon-reload", QuickTime);
    }

    // The ordered stop, and some time for systemd itself.
    private static TimeSpan StopTime(ServiceDefinition service) => TimeSpan.FromSeconds(service.StopSeconds + 60);

    private static string ForUser(ServiceDefinition service) => service.Scope == ServicePlaces.System ? "" : " --user";

    private static string Journal(ServiceDefinition service) =>
        $"Its log says why, and: journalctl{ForUser(service)} -u {SystemdUnit.NameOf(service.Name)}";

    private static void Do(ServiceDefinition service, string verb, string done, TimeSpan time)
    {
        var (code, _, error) = Control(service, $"{verb} {SystemdUnit.NameOf(service.Name)}", time);
        if (code == 0)
            return;
        // Whoever is not there cannot be asked for a reason either.
        var (alive, _, why) = Control(service, "show --property=Version", QuickTime);
        throw alive == 0 ? Refused(service, done, error, Journal(service)) : Missing(service, why);
    }

    // Names were checked; there is nothing to be quoted.
    private static (int Code, string Output, string Error) Control(ServiceDefinition service, string arguments, TimeSpan time) =>
        Run("systemctl", $"{ForUser(service)} --no-pager --no-ask-password {arguments}".Trim(), time);

    /// <summary>Runs a program and gives its exit code, what it wrote, and in one line what it complained of.</summary>
    public static (int Code, string Output, string Error) Run(string program, string arguments, TimeSpan time)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.EnvironmentVariables["LC_ALL"] = "C.UTF-8";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, "", $"{program} cannot be run: {e.Message}");
        }

        using (process)
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit((int)time.TotalMilliseconds))
            {
                process.Kill();
                return (-1, "", $"{program} did not answer within {time.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
            }

            Task.WaitAll([output, error], QuickTime);
            var text =
                SafeText.Clean(
                    (output.IsCompleted && error.IsCompleted ? error.Result.Trim().Length > 0 ? error.Result : output.Result : "").Trim());
            return (process.ExitCode, output.IsCompleted ? output.Result : "",
                text.Length > 0 ? text : $"{program} ended with {process.ExitCode}");
        }
    }
}
