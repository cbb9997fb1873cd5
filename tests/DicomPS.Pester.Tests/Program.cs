using DicomPS.PesterTests;
using Microsoft.Testing.Platform.Builder;
using Microsoft.Testing.Platform.Capabilities.TestFramework;
using Microsoft.Testing.Platform.Services;

// The Pester files as tests of Microsoft.Testing.Platform, so that dotnet test counts each It like any other test.
var builder = await TestApplication.CreateBuilderAsync(args);
builder.CommandLine.AddProvider(() => new PesterOptions());
builder.RegisterTestFramework(
    _ => new TestFrameworkCapabilities(),
    (_, services) => new PesterFramework(services.GetCommandLineOptions()));
using var application = await builder.BuildAsync();
return await application.RunAsync();
