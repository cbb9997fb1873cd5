using System.Management.Automation;
using System.Reflection;
using DicomPS.Archives;
using DicomPS.Queries;
using DicomPS.Transfer;

namespace DicomPS;

/// <summary>
/// What happens when the module comes and goes. On the .NET Framework, which has no load contexts, the dlls beside
/// this one are found whatever version was asked for; on removal every server that still runs is stopped.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public void OnImport()
    {
        AppDomain.CurrentDomain.AssemblyResolve += FindBeside;
        // PowerShell removes no module when it ends; an archive that is closed in good order starts without looking through its files.
        AppDomain.CurrentDomain.ProcessExit += CloseArchives;
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        AppDomain.CurrentDomain.AssemblyResolve -= FindBeside;
        AppDomain.CurrentDomain.ProcessExit -= CloseArchives;
        SeenValues.Clear();
        Task.Run(() => Task.WhenAll(RunningServer.StopAllAsync(), StorageCommitment.StopAllAsync())).Wait(StopTime);
    }

    private static void CloseArchives(object? sender, EventArgs arguments)
    {
        if (ArchiveServer.Running.Count > 0)
            Task.Run(() => Task.WhenAll(ArchiveServer.Running.Select(server => server.StopAsync(TimeSpan.Zero)))).Wait(StopTime);
    }

    private static Assembly? FindBeside(object? sender, ResolveEventArgs arguments)
    {
        string here = typeof(ModuleLifetime).Assembly.Location;
        if (arguments.RequestingAssembly is not { } asking || Path.GetDirectoryName(asking.Location) != Path.GetDirectoryName(here))
            return null;
        string file = Path.Combine(Path.GetDirectoryName(here)!, new AssemblyName(arguments.Name).Name + ".dll");
        return File.Exists(file) ? Assembly.LoadFrom(file) : null;
    }
}
