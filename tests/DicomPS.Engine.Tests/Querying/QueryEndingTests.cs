using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Querying;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

/// <summary>How peers end a query, beside an empty Success.</summary>
public class QueryEndingTests
{
    [Theory]
    [InlineData(0xB000)]
    [InlineData(0xB100)]
    [InlineData(0x0001)]
    [InlineData(0x0107)]
    public async Task An_end_with_a_warning_is_told_with_its_words(int status)
    {
        await using var server = Script(async (call, token) =>
        {
            await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), Study(1), token);
            return call.Command.Respond((ushort)status) with { ErrorComment = "the index is being rebuilt" };
        });
        var outcome = await AskAsync(server, new QueryRequest());
        Assert.Single(outcome.Results);
        Assert.Empty(outcome.Problems);
        var notice = Assert.Single(outcome.Notices);
        Assert.Contains($"{status:X4}", notice.Message);
        Assert.Contains("the index is being rebuilt", notice.Message);
        Assert.NotNull(notice.Advice);
        Assert.False(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task An_only_answer_that_comes_with_Success_is_an_answer()
    {
        var outcome = await AskRawAsync((p, id) => RespondAsync(p, id, 0, Bytes(Study(1))));
        Assert.Equal("1.2.3.1", Assert.Single(outcome.Studies).StudyInstanceUID);
        Assert.Empty(outcome.Notices);
        Assert.True(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task A_last_answer_that_comes_again_with_Success_is_given_once_and_another_one_is_given()
    {
        foreach (var (last, expected) in new[] { (2, 2), (3, 3) })
        {
            var outcome = await AskRawAsync(async (p, id) =>
            {
                await RespondAsync(p, id, 0xFF00, Bytes(Study(1)));
                await RespondAsync(p, id, 0xFF00, Bytes(Study(2)));
                await RespondAsync(p, id, 0, Bytes(Study(last)));
            });
            Assert.Equal(Enumerable.Range(1, expected).Select(n => $"1.2.3.{n}"), outcome.Studies.Select(study => study.StudyInstanceUID));
        }
    }

    [Fact]
    public async Task The_echo_of_the_keys_with_Success_is_no_answer()
    {
        var outcome = await AskRawAsync(async (p, id) =>
        {
            var echo = new DicomDataset();
            echo.Set(Tags.QueryRetrieveLevel, "STUDY");
            echo.Set(Tags.RetrieveAETitle, "PACS");
            echo.Set(Tags.StudyInstanceUID, "1.2.3.4");
            echo.Set(Tags.PatientName, "");
            await RespondAsync(p, id, 0, Bytes(echo));
        }, new QueryRequest { Targets = [Target("1.2.3.4")] });
        Assert.Empty(outcome.Results);
        Assert.Empty(outcome.Problems);
    }

    [Fact]
    public async Task An_end_that_announces_an_only_answer_and_sends_none_is_told()
    {
        var outcome =
            await AskRawAsync((p, id) => p.SendCommandAsync(RawPeer.Response(CommandField.CFindResponse, id, [0, 0], RawPeer.Some)));
        Assert.Empty(outcome.Results);
        Assert.Empty(outcome.Problems);
        Assert.Contains("announces an answer, and none came", Assert.Single(outcome.Notices).Message);
        Assert.False(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task Behind_other_answers_it_is_nothing_to_worry_about()
    {
        var outcome = await AskRawAsync(async (p, id) =>
        {
            await RespondAsync(p, id, 0xFF00, Bytes(Study(1)));
            await p.SendCommandAsync(RawPeer.Response(CommandField.CFindResponse, id, [0, 0], RawPeer.Some));
        });
        Assert.Single(outcome.Results);
        Assert.Empty(outcome.Notices);
        Assert.True(outcome.Summary!.IsComplete);
    }

    private static DicomDataset Target(string uid)
    {
        var target = new DicomDataset();
        target.Set(Tags.StudyInstanceUID, uid);
        return target;
    }

    private static async Task<QueryOutcome> AskRawAsync(Func<ScriptedPeer, ushort, Task> answer, QueryRequest? request = null)
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            while (await p.ReadMessageAsync() is { } message)
                await answer(p, message.Command.MessageId);
        });
        return await AskAsync(Options(peer.Port), request ?? new QueryRequest());
    }
}
