using Microsoft.Testing.Platform.CommandLine;
using Microsoft.Testing.Platform.Extensions;
using Microsoft.Testing.Platform.Extensions.CommandLine;

namespace DicomPS.PesterTests;

/// <summary>The filters, named as xUnit's are, so that one filter can be given to all test projects.</summary>
internal sealed class PesterOptions : PesterExtension, ICommandLineOptionsProvider
{
    public const string Class = "filter-class";

    public const string Method = "filter-method";

    public IReadOnlyCollection<CommandLineOption> GetCommandLineOptions() =>
    [
        new(Class, "Run the files whose name without .Tests.ps1 is like one of these: --filter-class 'Find-*'", ArgumentArity.OneOrMore,
            isHidden: false),
        new(Method, "Run the tests whose Describe.Context.It is like one of these: --filter-method '*time*'", ArgumentArity.OneOrMore,
            isHidden: false),
    ];

    public Task<ValidationResult> ValidateOptionArgumentsAsync(CommandLineOption commandOption, string[] arguments) =>
        ValidationResult.ValidTask;

    public Task<ValidationResult> ValidateCommandLineOptionsAsync(ICommandLineOptions commandLineOptions) => ValidationResult.ValidTask;
}
