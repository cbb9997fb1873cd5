using System.Management.Automation;
using System.Management.Automation.Host;

namespace DicomPS.Pipeline;

/// <summary>
/// The last words of a cmdlet that was stopped. Nothing can be written to a stopped pipeline, but the user has to know what the peer
/// has received.
/// </summary>
internal static class StopNotice
{
    /// <summary>Shows a warning, unless -WarningAction says that none is wanted.</summary>
    public static void Write(PSCmdlet cmdlet, string text)
    {
        if (cmdlet.MyInvocation.BoundParameters.TryGetValue("WarningAction", out var asked)
            && asked is ActionPreference.Ignore or ActionPreference.SilentlyContinue)
        {
            return;
        }

        var shown = cmdlet.Host?.UI;
        // The console waits for the end of this thread before it lets anything be written, so another one writes.
        Task.Run(() =>
        {
            try
            {
                shown?.WriteWarningLine(text);
            }
            catch (Exception e) when (e is PipelineStoppedException or HostException or NotImplementedException
                or InvalidOperationException)
            {
                // A host that shows nothing any more.
            }
        }).Wait(TimeSpan.FromMilliseconds(200));
    }
}
