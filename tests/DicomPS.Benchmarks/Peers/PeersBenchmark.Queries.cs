using System.Globalization;

namespace DicomPS.Benchmarks.Peers;

/// <content>Queries: answers become objects here, where findscu only reads them.</content>
internal sealed partial class PeersBenchmark
{
    private async Task FindAsync(string title)
    {
        var count = options.Answers;
        var keys = FindSide.Keys.Select(tag => $"{tag.Group:x4},{tag.Element:x4}").ToArray();
        var (server, port) = await EngineChild.AnswerAsync(count, options.Limit * 4);
        await using var serving = server;
        var (few, fewPort) = await EngineChild.AnswerAsync(1, options.Limit * 4);
        await using var servingFew = few;
        await Dcmtk.QueryAsync(port, keys, options.Limit);
        var cold = await InTurnAsync(
            options.ColdRuns,
            () => Dcmtk.QueryAsync(port, keys, options.Limit),
            () => EngineChild.RunOnceAsync(options.Limit, count, "find", $"{port}"));
        Add($"{count:#,0} {title}", "cold", "answers", count, count, cold, target: 0);

        var start = await StartupAsync(() => Dcmtk.QueryAsync(fewPort, keys, options.Limit));
        await using var client = EngineChild.Start(options.Limit * 4, "find", $"{port}");
        await WarmUpAsync(() => client.GoAsync(count));
        var warm = await InTurnAsync(
            options.Runs,
            () => LessAsync(start, Dcmtk.QueryAsync(port, keys, options.Limit)),
            async () => (await client.GoAsync(count), client.PeakBytes));
        Add($"{count:#,0} {title}", "warm", "answers", count, count, warm, target: 1);
    }

    private async Task FindManyAsync(string title)
    {
        var count = options.ManyAnswers;
        var keys = FindSide.Keys.Select(tag => $"{tag.Group:x4},{tag.Element:x4}").ToArray();
        var (server, port) = await EngineChild.AnswerAsync(count, options.Limit * 20);
        await using var serving = server;
        await using var client = EngineChild.Start(options.Limit * 20, "find", $"{port}");
        var first = new List<double>();
        for (var i = 0; i < 20; i++)
            first.Add(await client.GoAsync(1, "first"));
        var warm = await InTurnAsync(
            options.Runs,
            () => Dcmtk.QueryAsync(port, keys, options.Limit),
            async () => (await client.GoAsync(count), client.PeakBytes));
        Add($"{count:#,0} {title}", "warm", "answers", count, count, warm, target: 1.5);

        const int late = 10;
        await using var spooling = EngineChild.Start(options.Limit * 20, "find", $"{port}");
        var seconds = await spooling.GoAsync(count, $"late {late}") - late;
        var quickest = Results.Median(first) * 1000;
        _notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"The first object of {count:#,0} is there after {quickest:0.0} ms, association and the release after a cancel included (10: "
            + $"{(quickest <= 10 ? "reached" : "missed")}). From a spool that waited {late} s: {count / seconds:#,0} objects/s, peak "
            + $"{spooling.PeakBytes / 1e6:#,0} MB."));
    }
}
