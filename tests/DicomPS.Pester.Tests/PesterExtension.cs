using Microsoft.Testing.Platform.Extensions;

namespace DicomPS.PesterTests;

/// <summary>What an extension of the platform says of itself.</summary>
internal abstract class PesterExtension : IExtension
{
    public string Uid => GetType().Name;

    public string Version => "1.0.0";

    public string DisplayName => "Pester";

    public string Description => "Runs the Pester files in the PowerShell of the tool manifest.";

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);
}
