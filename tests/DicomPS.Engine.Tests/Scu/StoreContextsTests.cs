using DicomPS.Dictionary;
using DicomPS.Scu;

namespace DicomPS.Engine.Tests.Scu;

public class StoreContextsTests
{
    private const string Implicit = "1.2.840.10008.1.2", Explicit = "1.2.840.10008.1.2.1", BigEndian = "1.2.840.10008.1.2.2",
        Jpeg = "1.2.840.10008.1.2.4.50";

    [Fact]
    public void Each_transfer_syntax_has_a_context_of_its_own_so_that_the_peer_cannot_choose_another()
    {
        var (proposals, served) = StoreContexts.Propose(
            [new(Uids.CTImageStorage, Jpeg), new(Uids.CTImageStorage, "1.2.840.10008.1.2.4.90")], true);
        Assert.Equal(2, proposals.Count);
        Assert.All(proposals, p => Assert.Single(p.TransferSyntaxes));
        Assert.Equal(2, served.Count);
    }

    [Theory]
    [InlineData(Explicit, new[] { Implicit })]
    [InlineData(Implicit, new[] { Explicit })]
    [InlineData(BigEndian, new[] { Explicit, Implicit })]
    public void An_uncompressed_file_has_a_fall_back(string native, string[] fallback)
    {
        var (proposals, _) = StoreContexts.Propose([new(Uids.CTImageStorage, native)], true);
        Assert.Equal([native], proposals[0].TransferSyntaxes);
        Assert.Equal(fallback, proposals[1].TransferSyntaxes);
        Assert.Single(StoreContexts.Propose([new(Uids.CTImageStorage, native)], false).Proposals);
    }

    [Fact]
    public void A_compressed_file_has_none() =>
        Assert.Single(StoreContexts.Propose([new(Uids.CTImageStorage, Jpeg)], true).Proposals);

    [Fact]
    public void More_than_an_association_can_carry_is_left_for_the_next_one()
    {
        var keys = Enumerable.Range(0, 200).Select(i => new StoreContextKey($"1.2.{i}", Jpeg)).ToList();
        var (proposals, served) = StoreContexts.Propose(keys, true);
        Assert.Equal(128, proposals.Count);
        Assert.Equal(keys.Take(128), served.OrderBy(k => keys.IndexOf(k)));
    }
}
