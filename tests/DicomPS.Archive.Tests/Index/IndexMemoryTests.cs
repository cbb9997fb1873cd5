using DicomPS.Archiving.Tests.Support;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Index;

[Collection(nameof(Alone))]
public class IndexMemoryTests
{
    [Fact]
    public async Task A_hundred_thousand_instances_go_in_and_come_out_in_flat_memory()
    {
        const int all = 100_000, batch = 1000;
        await using var index = await TestIndex.CreateAsync();
        long most = 0;
        var start = Used();
        for (var first = 0; first < all; first += batch)
        {
            // 2,000 studies of 2 series with 25 instances each.
            await index.AddAsync(
                [.. Enumerable.Range(first, batch).Select(
                    n => Make.Instance($"{n / 50}", $"{n / 25 % 2}", n, (Tags.Modality, "CT"), (Tags.PatientName, $"Name{n / 50}^Given"),
                        (Tags.InstanceNumber, $"{n}")))]);
        }

        Assert.Equal(new IndexCounts(2000, 2000, 4000, all, 0), await index.Index.CountAsync(TestIndex.Cancellation));
        most = Math.Max(most, Used() - start);
        var count = 0;
        await foreach (var _ in index.Index.FindAsync(new IndexQuery
        {
            Level = QueryLevel.Image,
            Identifier = Make.Dataset((Tags.SOPInstanceUID, ""), (Tags.PatientName, ""), (Tags.Modality, "C*"))
        }, TestIndex.Cancellation))
        {
            if (++count % 20_000 == 0)
                most = Math.Max(most, Used() - start);
        }

        Assert.Equal(all, count);
        Assert.InRange(most, long.MinValue, 20_000_000);
    }

    private static long Used()
    {
        // What waits for its finalizer is no longer used either.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
