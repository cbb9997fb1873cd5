using System.Globalization;
using System.Text;
using DicomPS.Arguments;

namespace DicomPS.Services;

/// <summary>
/// The unit file of a service: a pure function of its definition. See systemd.service(5), systemd.exec(5) and systemd.syntax(7).
/// </summary>
public static class SystemdUnit
{
    // Closing the index, aborting what was not done, and the rest of the script: beside the grace for what is in flight.
    private const double MoreSeconds = 30;

    /// <summary>The first line; a unit without it is somebody else's.</summary>
    internal const string Mark =
        "# Made by Register-DicomService of the PowerShell module DicomPS; -Force writes it anew. For changes: systemctl edit.";

    /// <summary>The name of the unit.</summary>
    /// <param name="name">The name of the service.</param>
    public static string NameOf(string name) => $"dicomps-{name}.service";

    /// <summary>The text of the unit.</summary>
    /// <param name="service">The service.</param>
    /// <exception cref="ArgumentException">Something in it cannot stand in a unit.</exception>
    public static string Text(ServiceDefinition service)
    {
        var isSystem = service.Scope == ServicePlaces.System;
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');

        Line(Mark);
        Line("[Unit]");
        Line($"Description={Plain(service.Description)}");
        if (isSystem)
        {
            Line("Wants=network-online.target");
            Line("After=network-online.target");
        }

        Line("");
        Line("[Service]");
        Line("Type=simple");
        Line($"ExecStart={string.Join(" ", service.Command.Select(Quoted))}");
        Line($"WorkingDirectory={Plain(service.WorkingDirectory)}");
        foreach (var variable in Variables(service))
            Line($"Environment={Quoted(variable, isCommand: false)}");

        Line("Restart=on-failure");
        Line("RestartSec=10");
        // SIGTERM is for PowerShell alone, which stops its servers in order; what is left after the time is killed.
        Line("KillSignal=SIGTERM");
        Line("KillMode=mixed");
        Line($"TimeoutStopSec={Math.Ceiling(service.StopSeconds + MoreSeconds).ToString(CultureInfo.InvariantCulture)}");
        if (isSystem)
        {
            Line($"User={service.User}");
            Line($"RuntimeDirectory=dicomps/{service.Name}");
            if (service.LogPath == ServicePlaces.LogPath(service.Scope, service.Name))
            {
                Line($"LogsDirectory=dicomps/{service.Name}");
                Line("LogsDirectoryMode=0750");
            }

            // Port 104 is DICOM's own; that is all that an account needs beyond its rights.
            if (service.User != "root")
            {
                Line("AmbientCapabilities=CAP_NET_BIND_SERVICE");
                Line("CapabilityBoundingSet=CAP_NET_BIND_SERVICE");
            }
        }

        // Only what no script for DICOM needs. Homes, /tmp and all else stay as they are, since folders of images may lie there.
        foreach (var line in isSystem ? Hardening.Concat(SystemHardening) : Hardening)
            Line(line);

        Line("");
        Line("[Install]");
        Line($"WantedBy={(isSystem ? "multi-user.target" : "default.target")}");
        return text.ToString();
    }

    // What a user manager may set as well.
    private static readonly string[] Hardening = ["NoNewPrivileges=yes", "LockPersonality=yes", "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes"];

    private static readonly string[] SystemHardening =
    [
        "ProtectSystem=full", "ProtectClock=yes", "ProtectHostname=yes", "ProtectKernelLogs=yes", "ProtectKernelModules=yes",
        "ProtectKernelTunables=yes", "ProtectControlGroups=yes",
    ];

    private static IEnumerable<string> Variables(ServiceDefinition service)
    {
        yield return "NO_COLOR=1";
        yield return "POWERSHELL_TELEMETRY_OPTOUT=1";
        yield return "POWERSHELL_UPDATECHECK=Off";
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } runtime && !runtime.Any(char.IsControl))
            yield return $"DOTNET_ROOT={runtime}";
        if (service.ConfigHome is { } home)
            yield return $"{NodeStore.FolderVariable}={home}";
    }

    /// <summary>
    /// One word of a command line, in double quotes, in which a backslash, a quote, a dollar and a percent sign stand for themselves.
    /// </summary>
    /// <param name="word">The word.</param>
    public static string Quoted(string word) => Quoted(word, isCommand: true);

    // A dollar is expanded in command lines only.
    private static string Quoted(string word, bool isCommand)
    {
        var quoted = Checked(word).Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("%", "%%");
        return $"\"{(isCommand ? quoted.Replace("$", "$$") : quoted)}\"";
    }

    // A value that goes to the end of its line. A backslash there would take in the next line.
    private static string Plain(string value)
    {
        if (value.EndsWith("\\", StringComparison.Ordinal) || value != value.Trim())
            throw new ArgumentException(
                $"'{value}' cannot stand in a unit of systemd: it ends with a backslash, or begins or ends with a space.");
        return Checked(value).Replace("%", "%%");
    }

    private static string Checked(string value) => value.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029')
        ? throw new ArgumentException(
            $"'{SafeText.Clean(value)}' cannot stand in a unit of systemd: it has a line break or another control character.")
        : value;
}
