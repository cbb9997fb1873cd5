using System.Management.Automation;
using DicomPS.Archives;
using DicomPS.Arguments;
using DicomPS.Commitment;
using DicomPS.Compatibility;
using DicomPS.Serving;

namespace DicomPS.Lifetime;

/// <summary>
/// What happens when the module comes and goes: its libraries are found (<see cref="ModuleLibraries"/>), and on removal every server
/// that still runs is stopped.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public void OnImport()
    {
        ModuleLibraries.Attach();
        // PowerShell removes no module when it ends; an archive that is closed in good order starts without looking through its files.
        AppDomain.CurrentDomain.ProcessExit += CloseArchives;
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        AppDomain.CurrentDomain.ProcessExit -= CloseArchives;
        SeenValues.Clear();
        Task.Run(() => Task.WhenAll(RunningServer.StopAllAsync(), StorageCommitment.StopAllAsync())).Wait(StopTime);
        // Last: a server that stops may need one for the first time.
        ModuleLibraries.Detach();
    }

    private static void CloseArchives(object? sender, EventArgs arguments)
    {
        if (ArchiveServer.Running.Count > 0)
            Task.Run(() => Task.WhenAll(ArchiveServer.Running.Select(server => server.StopAsync(TimeSpan.Zero)))).Wait(StopTime);
    }
}
