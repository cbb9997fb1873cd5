using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace DicomPS.Scripts;

/// <summary>What the runspaces of blocks are made of: this module, the values of $using: variables, and the caller's preferences.</summary>
internal static class HandlerSession
{
    /// <summary>Prepares a session.</summary>
    /// <param name="cmdlet">The cmdlet that starts the server.</param>
    /// <param name="values">The values of $using: variables, by the names that replace them.</param>
    public static InitialSessionState Of(PSCmdlet cmdlet, IReadOnlyDictionary<string, object?> values)
    {
        var session = InitialSessionState.CreateDefault2();
        var manifest = Path.Combine(cmdlet.MyInvocation.MyCommand.Module?.ModuleBase ?? "", "DicomPS.psd1");
        if (File.Exists(manifest))
            session.ImportPSModule([manifest]);
        // Handlers that were written for pynetdicom say it; an array that it is given stays one object.
        session.Commands.Add(new SessionStateFunctionEntry("yield", "if ($args.Count -eq 1) { , $args[0] } else { , $args }"));
        foreach (var value in values)
            session.Variables.Add(new SessionStateVariableEntry(value.Key, value.Value, "A $using: variable."));
        // A block speaks up as the command that started it was told to.
        foreach (var name in new[] { "VerbosePreference", "DebugPreference" })
            session.Variables.Add(new SessionStateVariableEntry(name, cmdlet.SessionState.PSVariable.GetValue(name), ""));
        if (cmdlet.MyInvocation.BoundParameters.TryGetValue("Verbose", out var verbose) && LanguagePrimitives.IsTrue(verbose))
            session.Variables.Add(new SessionStateVariableEntry("VerbosePreference", ActionPreference.Continue, ""));
        return session;
    }
}
