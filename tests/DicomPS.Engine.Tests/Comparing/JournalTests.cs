using System.Runtime.CompilerServices;
using DicomPS.Comparing;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Comparing.CompareBench;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Comparing;

/// <summary>A comparison that goes on where another run stopped: nothing is lost, and nothing is told twice.</summary>
public class JournalTests
{
    private const string Whole = "Extra 1.2.3.500; Missing 1.2.3.12; Missing 1.2.3.40; Missing 1.2.3.45; Missing 1.2.3.90";
    private static readonly List<DicomDataset> Mine = [.. Studies(49), Numbered(90, null)];
    private static readonly List<DicomDataset> Its =
    [
        .. Mine.Where(study => study.GetString(Tags.StudyInstanceUID) is not ("1.2.3.12" or "1.2.3.40" or "1.2.3.45" or "1.2.3.90")),
        Numbered(500, new DateTime(2000, 2, 5, 8, 0, 0)),
    ];

    [Fact]
    public async Task What_failed_is_asked_again_by_the_next_run_and_nothing_else()
    {
        var journal = new Memory();
        var first = await RunAsync(journal, Its, failsFrom: "20000201");
        Assert.False(first.Summary.IsComplete);
        Assert.Contains("Missing 1.2.3.12", first.Text);
        Assert.False(journal.IsEnded);
        var asked = new List<string>();
        var second = await RunAsync(journal, Its, asked: asked);
        Assert.Equal(Whole, second.Text);
        Assert.True(second.Summary.IsComplete, second.Summary.Text);
        Assert.True(journal.IsEnded);
        Assert.NotEmpty(asked);
        Assert.DoesNotContain(asked, days => days.Length == 8 && string.CompareOrdinal(days, "20000201") < 0);
        Assert.All(second.Rows, row => Assert.Equal(row.Difference == "Extra" ? 1 : 0, row.Node!.Port == second.Ports.Other ? 1 : 0));
    }

    [Fact]
    public async Task What_nobody_answered_about_single_studies_is_asked_again_by_the_next_run()
    {
        var journal = new Memory();
        var first = await RunAsync(journal, Its, failsByUid: true);
        Assert.Equal("Extra 1.2.3.500; Unknown 1.2.3.12; Unknown 1.2.3.40; Unknown 1.2.3.45; Unknown 1.2.3.90", first.Text);
        Assert.False(journal.IsEnded);
        var second = await RunAsync(journal, Its);
        Assert.Equal(Whole, second.Text);
        Assert.True(second.Summary.IsComplete, second.Summary.Text);
        Assert.True(journal.IsEnded);
    }

    [Fact]
    public async Task A_run_that_is_killed_loses_nothing_wherever_it_is()
    {
        var whole = await RunAsync(new Memory(), Its);
        Assert.Equal(Whole, whole.Text);
        for (var kill = 0; kill < 4; kill++)
        {
            // Before anything is kept, and behind it, when nobody has been told of it yet.
            var journal = new Memory { KillAfter = kill / 2, KeepsLast = kill % 2 == 1 };
            await RunAsync(journal, Its, failsFrom: kill > 1 ? "20000201" : null);
            var again = await RunAsync(journal.Copy(), Its);
            Assert.Equal(Whole, again.Text);
            Assert.Equal(whole.Days, again.Days);
            Assert.Equal(whole.Summary.Total, again.Summary.Total);
        }
    }

    [Fact]
    public async Task A_hundred_studies_are_equal_in_the_second_run_too()
    {
        var studies = Studies(100);
        var journal = new Memory();
        Assert.False((await RunAsync(journal, studies, failsFrom: "20000201", mine: studies)).IsEqual);
        var second = await RunAsync(journal, studies, mine: studies);
        Assert.True(second.IsEqual, second.Text);
        Assert.Equal(100, second.Summary.Total.Equal);
    }

    [Fact]
    public async Task What_is_known_before_does_not_hide_that_a_side_is_cut()
    {
        List<DicomDataset> studies = [.. Studies(150), Numbered(151, null)];
        var journal = new Memory();
        await RunAsync(journal, studies, failsFrom: "20000201", mine: studies, limit: 120);
        var second = await RunAsync(journal, studies, mine: studies, limit: 120);
        Assert.Equal("Unknown Days", second.Text);
    }

    [Fact]
    public async Task Days_are_kept_while_others_are_asked_for_however_few_studies_they_have()
    {
        var journal = new Memory();
        await using var reference = Script(Slow(Archive(Mine)));
        await using var difference = Script(Slow(Archive(Its)));
        await foreach (var _ in new ArchiveComparison(new ComparisonOptions
        {
            Reference = Options(reference.Port),
            Difference = Options(difference.Port),
            Today = Today,
            Journal = journal,
            LongestGroup = TimeSpan.FromMilliseconds(50),
        }).RunAsync(Token))
            continue;
        Assert.InRange(journal.Parts, 3, int.MaxValue);

        static ServiceHandler Slow(ServiceHandler archive) => async (call, token) =>
        {
            await Task.Delay(30, token);
            return await archive(call, token);
        };
    }

    private static async Task<Outcome> RunAsync(Memory journal, List<DicomDataset> its, string? failsFrom = null,
        bool failsByUid = false, List<string>? asked = null, List<DicomDataset>? mine = null, int limit = int.MaxValue)
    {
        var archive = Archive(its, limit, asked: keys =>
        {
            lock (its)
                asked?.Add(keys.GetText(Tags.StudyDate) ?? "");
        });
        await using var reference = Script(Archive(mine ?? Mine, limit));
        await using var difference = Script((call, token) => Fails(call.Identifier!)
            ? Task.FromResult(new ServiceReply(call.Command.Respond(0xC001))) : archive(call, token));
        var rows = new List<ArchiveDifference>();
        var days = new List<ArchiveComparisonDay>();
        ComparisonSummary? summary = null;
        var comparison = new ArchiveComparison(new ComparisonOptions
        {
            Reference = Options(reference.Port),
            Difference = Options(difference.Port),
            WindowRetries = 0,
            Today = Today,
            Journal = journal,
        });
        try
        {
            await foreach (var value in comparison.RunAsync(Token))
            {
                if (value is ComparisonFound found)
                    rows.Add(found.Result);
                else if (value is ComparisonDayEnded ended)
                    days.Add(ended.Day);
                summary = value as ComparisonSummary ?? summary;
            }
        }
        catch (KilledException)
        {
            summary = new ComparisonSummary(false);
        }

        return new Outcome(rows, days, summary!, (reference.Port, difference.Port));

        bool Fails(DicomDataset keys) => keys.GetText(Tags.StudyInstanceUID) is not null ? failsByUid
            : failsFrom is not null && (keys.GetText(Tags.StudyDate) is not { } date || string.CompareOrdinal(date, failsFrom) >= 0);
    }

    private sealed record Outcome(
        List<ArchiveDifference> Rows, List<ArchiveComparisonDay> Days, ComparisonSummary Summary, (int Mine, int Other) Ports)
    {
        public string Text => string.Join("; ", Rows.Select(row => $"{row.Difference} {row.StudyInstanceUID ?? row.Level}").Order());

        public bool IsEqual => Rows.Count == 0 && Summary.IsComplete;
    }

    private sealed class KilledException : Exception;

    private sealed class Memory : ComparisonJournal
    {
        private readonly List<ComparedPart> _parts = [];

        public int KillAfter { get; init; } = int.MaxValue;

        public bool KeepsLast { get; init; }

        public bool IsEnded { get; private set; }

        public int Parts => _parts.Count;

        public Memory Copy()
        {
            var copy = new Memory();
            copy._parts.AddRange(_parts);
            return copy;
        }

        public override Task<ComparedPart?> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(_parts.Count == 0 ? null
            : new ComparedPart
            {
                Windows = [.. _parts.SelectMany(part => part.Windows)],
                Days = [.. _parts.SelectMany(part => part.Days)],
                Settled = [.. _parts.SelectMany(part => part.Settled)],
                Seen = _parts[^1].Seen,
                ReferenceStudies = _parts.Sum(part => part.ReferenceStudies),
                DifferenceStudies = _parts.Sum(part => part.DifferenceStudies),
            });

        public override async IAsyncEnumerable<ArchiveDifference> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            foreach (var row in _parts.SelectMany(part => part.Rows))
                yield return row with { Node = null };
        }

        public override Task WriteAsync(ComparedPart part, CancellationToken cancellationToken)
        {
            var isKilled = _parts.Count == KillAfter;
            if (!isKilled || KeepsLast)
                _parts.Add(part);
            return isKilled ? throw new KilledException() : Task.CompletedTask;
        }

        public override Task EndAsync(CancellationToken cancellationToken)
        {
            IsEnded = true;
            return Task.CompletedTask;
        }
    }
}
