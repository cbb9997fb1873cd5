using DicomPS.Data;
using DicomPS.Engine.Tests.Support;
using DicomPS.Matching;
using DicomPS.Querying;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

/// <summary>What waits in the spool for whoever takes it is not in memory.</summary>
[Collection(nameof(Alone))]
public class AnswerSpoolMemoryTests
{
    private static readonly DicomDataset Asked = [];

    [Fact]
    public void Memory_does_not_grow_with_the_answers_that_wait()
    {
        using var spool = new AnswerSpool(QueryLevel.Study, null, null, null, 1L << 30);
        for (var i = 0; i < 20_000; i++)
            spool.Add(Found(i), Asked, 0);
        var before = GC.GetTotalMemory(true);
        for (var i = 20_000; i < 100_000; i++)
            spool.Add(Found(i), Asked, 0);
        Assert.InRange(GC.GetTotalMemory(true) - before, long.MinValue, 8 << 20);
        for (var i = 0; i < 100_000; i++)
            Assert.Equal($"1.2.3.{i}", Next(spool).StudyInstanceUID);
    }

    private static QueryFound Found(int number) => new(QueryResults.One(QueryLevel.Study, Study(number), null, Asked, null));

    private static Study Next(AnswerSpool spool)
    {
        Assert.True(spool.TryRead(out var value));
        return (Study)((QueryFound)value).Result;
    }
}
