using System.Management.Automation.Language;

namespace DicomPS.Services;

/// <summary>
/// The script that the system starts: it imports the module by its path and runs the script of the service, whose streams go to the
/// log.
/// </summary>
internal static class RunnerScript
{
    public const string FileName = "run.ps1";

    /// <summary>Where the text of -ScriptBlock is kept.</summary>
    public const string BlockFileName = "script.ps1";

    public static string Text(ServiceDefinition service, string definitionPath) => $$"""
        # Made by Register-DicomService; -Force writes it anew.
        $ProgressPreference = 'SilentlyContinue'
        Import-Module {{Quoted(service.ModulePath)}} -ErrorAction Stop
        $run = [DicomPS.Services.ServiceRun]::Start({{Quoted(definitionPath)}})
        try {
            Set-Location -LiteralPath {{Quoted(service.WorkingDirectory)}}
            $global:LASTEXITCODE = 0
            & {{Quoted(service.FilePath)}} *>&1 | ForEach-Object { $run.Write($_) }
            # A script that started servers and is at its end: they go on.
            $run.Stay($LASTEXITCODE)
        }
        catch { $run.Fail($_) }
        finally { $run.Dispose() }
        exit $run.ExitCode

        """;

    /// <summary>A text in single quotes; PowerShell takes typographic ones for them too.</summary>
    public static string Quoted(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
