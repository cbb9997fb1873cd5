using Microsoft.Testing.Platform.CommandLine;
using Microsoft.Testing.Platform.Extensions.Messages;
using Microsoft.Testing.Platform.Extensions.TestFramework;
using Microsoft.Testing.Platform.Requests;
using Microsoft.Testing.Platform.TestHost;

namespace DicomPS.PesterTests;

/// <summary>Answers the platform: which tests there are, and how each of them ended.</summary>
internal sealed class PesterFramework(ICommandLineOptions options) : PesterExtension, ITestFramework, IDataProducer
{
    public Type[] DataTypesProduced => [typeof(TestNodeUpdateMessage)];

    public Task<CreateTestSessionResult> CreateTestSessionAsync(CreateTestSessionContext context) =>
        Task.FromResult(new CreateTestSessionResult { IsSuccess = true });

    public Task<CloseTestSessionResult> CloseTestSessionAsync(CloseTestSessionContext context) =>
        Task.FromResult(new CloseTestSessionResult { IsSuccess = true });

    public async Task ExecuteRequestAsync(ExecuteRequestContext context)
    {
        try
        {
            var request = (TestExecutionRequest)context.Request;
            var chosen = (request.Filter as TestNodeUidListFilter)?.TestNodeUids.Select(uid => uid.Value).ToHashSet(StringComparer.Ordinal);
            var session = request.Session.SessionUid;
            var run = new PesterRun
            {
                ListOnly = request is DiscoverTestExecutionRequest,
                Files = Patterns(PesterOptions.Class),
                Names = Patterns(PesterOptions.Method),
            };
            await foreach (var test in run.TestsAsync(context.CancellationToken))
            {
                if (chosen is null || chosen.Contains(test.Id) || test.Result == "Broken")
                    await context.MessageBus.PublishAsync(this, new TestNodeUpdateMessage(session, Node(test, run.ListOnly)));
            }
        }
        finally
        {
            context.Complete();
        }
    }

    private static TestNode Node(PesterTest test, bool listOnly)
    {
        var node = new TestNode { Uid = test.Id, DisplayName = test.Name };
        node.Properties.Add(State(test, listOnly));
        if (test.Started is { } start)
        {
            var time = TimeSpan.FromMilliseconds(test.Milliseconds);
            node.Properties.Add(new TimingProperty(new TimingInfo(start, start + time, time)));
        }

        if (test.Line > 0)
        {
            var place = new LinePosition(test.Line, 0);
            node.Properties.Add(new TestFileLocationProperty(test.File, new LinePositionSpan(place, place)));
        }

        return node;
    }

    private static TestNodeStateProperty State(PesterTest test, bool listOnly) => test.Result switch
    {
        "NotRun" when listOnly => DiscoveredTestNodeStateProperty.CachedInstance,
        "Passed" => PassedTestNodeStateProperty.CachedInstance,
        "Skipped" => new SkippedTestNodeStateProperty(test.Message ?? ""),
        _ => new FailedTestNodeStateProperty(new PesterFailure(test.Message ?? $"Pester says {test.Result}.", test.Trace)),
    };

    private string[] Patterns(string option) => options.TryGetOptionArgumentList(option, out var patterns) ? patterns : [];
}
