using DicomPS.Dimse;

namespace DicomPS.Engine.Tests.Dimse;

public class MemoryBudgetTests
{
    [Fact]
    public void Large_requests_share_a_budget_and_small_ones_need_none()
    {
        var budget = new MemoryBudget(1_000_000);
        var leases = Enumerable.Range(0, 100).Select(_ => new MemoryLease(budget)).ToList();
        leases.ForEach(lease => lease.Add(400_000));
        leases[0].Add(1_000_000);
        Assert.True(Assert.Throws<ResourceLimitException>(() => leases[1].Add(500_000)).IsTransient);
        leases[0].Release();
        leases[1].Add(1);
        leases[2].Add(400_000);
        leases[1].Release();
        leases[1].Release();
        leases[2].Release();
        Assert.True(budget.TryReserve(1_000_000));
    }

    [Fact]
    public void Without_a_budget_there_is_no_limit() => new MemoryLease(null).Add(long.MaxValue / 2);
}
