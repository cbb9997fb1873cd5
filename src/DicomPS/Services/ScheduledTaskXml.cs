using System.Text;
using System.Xml.Linq;

namespace DicomPS.Services;

/// <summary>
/// The scheduled task of a service on Windows: a pure function of its definition. See the Task Scheduler Schema, MS-TSCH 2.3.11.
/// </summary>
public static class ScheduledTaskXml
{
    private static readonly XNamespace Schema = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    /// <summary>The folder of the tasks.</summary>
    public const string Folder = "\\DicomPS\\";

    /// <summary>The definition of the task; it holds no password, which Windows keeps itself.</summary>
    /// <param name="service">The service.</param>
    public static string Text(ServiceDefinition service)
    {
        var isSystem = service.Scope == ServicePlaces.System;
        XElement One(string name, params object[] content) => new(Schema + name, content);

        // LocalSystem has a fixed identifier; names of accounts are translated.
        var principal = isSystem
            ? service.User is null
                ? One("Principal", new XAttribute("id", "Author"), One("UserId", "S-1-5-18"), One("RunLevel", "LeastPrivilege"))
                : One("Principal", new XAttribute("id", "Author"), One("UserId", service.User), One("LogonType", "Password"),
                    One("RunLevel", "LeastPrivilege"))
            : One("Principal", new XAttribute("id", "Author"), One("UserId", service.User!), One("LogonType", "InteractiveToken"),
                One("RunLevel", "LeastPrivilege"));
        var trigger = isSystem ? One("BootTrigger", One("Enabled", "true"))
            : One("LogonTrigger", One("Enabled", "true"), One("UserId", service.User!));
        var task = One("Task", new XAttribute("version", "1.2"),
            One("RegistrationInfo", One("Description", service.Description), One("URI", Folder + service.Name)),
            One("Triggers", trigger),
            One("Principals", principal),
            One("Settings",
                One("MultipleInstancesPolicy", "IgnoreNew"),
                One("DisallowStartIfOnBatteries", "false"),
                One("StopIfGoingOnBatteries", "false"),
                One("AllowHardTerminate", "true"),
                One("StartWhenAvailable", "true"),
                // No limit; without it a task is ended after three days.
                One("ExecutionTimeLimit", "PT0S"),
                One("RestartOnFailure", One("Interval", "PT1M"), One("Count", "999")),
                One("Enabled", "true")),
            One("Actions", new XAttribute("Context", "Author"),
                One("Exec",
                    One("Command", service.Command[0]),
                    One("Arguments", string.Join(" ", service.Command.Skip(1).Select(Quoted))),
                    One("WorkingDirectory", service.WorkingDirectory))));
        return $"<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n{task}";
    }

    /// <summary>One argument as CommandLineToArgvW reads it: backslashes count only before a quote.</summary>
    /// <param name="word">The argument.</param>
    public static string Quoted(string word)
    {
        if (word.Length > 0 && word.IndexOfAny([' ', '\t', '"']) < 0)
            return word;
        var text = new StringBuilder("\"");
        var slashes = 0;
        foreach (var c in word)
        {
            if (c == '"')
                text.Append('\\', slashes + 1);
            slashes = c == '\\' ? slashes + 1 : 0;
            text.Append(c);
        }

        return text.Append('\\', slashes).Append('"').ToString();
    }
}
