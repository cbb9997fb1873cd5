using DicomPS.Dictionary;
using DicomPS.Retrieving;

namespace DicomPS.Engine.Tests.Retrieving;

public class GetContextsTests
{
    [Fact]
    public void Every_storage_class_is_proposed_over_as_many_associations_as_it_takes()
    {
        var associations = GetContexts.Propose(5, []);
        Assert.InRange(associations.Count, 2, 3);
        Assert.All(associations, proposals => Assert.InRange(proposals.Count, 1, 123));
        var proposed = associations.SelectMany(proposals => proposals).Select(p => p.AbstractSyntax).ToHashSet();
        Assert.All(DicomDictionary.SopClasses(SopClassService.Storage), sopClass => Assert.Contains(sopClass.Uid, proposed));
    }

    [Fact]
    public void Usual_classes_and_known_ones_offer_explicit_vr_alone_first()
    {
        var proposals = GetContexts.Propose(5, [Uids.RTDoseStorage]).SelectMany(p => p).ToList();
        foreach (var usual in new[] { Uids.RTDoseStorage, Uids.CTImageStorage, Uids.SegmentationStorage, Uids.TwelveLeadECGWaveformStorage,
            Uids.EncapsulatedPDFStorage, Uids.RawDataStorage })
        {
            Assert.Equal(["1.2.840.10008.1.2.1"], proposals.First(p => p.AbstractSyntax == usual).TransferSyntaxes);
            Assert.DoesNotContain(proposals.Where(p => p.AbstractSyntax == usual).Skip(1),
                p => p.TransferSyntaxes.Contains("1.2.840.10008.1.2.1"));
            Assert.Contains(proposals, p => p.AbstractSyntax == usual && p.TransferSyntaxes.Contains(Uids.ExplicitVRBigEndian));
        }
    }

    [Fact]
    public void A_class_stays_in_one_association()
    {
        var places = GetContexts.Propose(5, []).SelectMany((proposals, at) => proposals.Select(p => (p.AbstractSyntax, at)))
            .Distinct().ToList();
        Assert.Equal(places.Count, places.Select(p => p.AbstractSyntax).Distinct().Count());
    }

    [Fact]
    public void A_class_by_itself_has_each_syntax_in_a_context_of_its_own()
    {
        var proposals = Assert.Single(GetContexts.ProposeAlone(5, [Uids.RTDoseStorage, Uids.RTPlanStorage, Uids.RTDoseStorage]));
        Assert.All(proposals, p => Assert.Single(p.TransferSyntaxes));
        Assert.Contains(proposals, p => p.AbstractSyntax == Uids.RTDoseStorage && p.TransferSyntaxes[0] == Uids.ExplicitVRBigEndian);
        Assert.Equal(proposals.Count, proposals.Select(p => (p.AbstractSyntax, p.TransferSyntaxes[0])).Distinct().Count());
        Assert.All(GetContexts.ProposeAlone(5, Enumerable.Range(1, 40).Select(i => $"1.2.{i}")), p => Assert.InRange(p.Count, 1, 123));
    }

    [Fact]
    public void The_roles_change_sides() =>
        Assert.All(GetContexts.Propose(5, []).SelectMany(p => p), p => Assert.Equal((false, true), (p.ScuRole, p.ScpRole)));

    [Fact]
    public void A_compressed_image_has_a_context_of_its_own_in_the_first_association()
    {
        var mine = GetContexts.Propose(5, [])[0].Where(p => p.AbstractSyntax == Uids.CTImageStorage).ToList();
        foreach (var syntax in new[] { "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", Uids.JPEGLosslessSV1, Uids.JPEG2000Lossless,
            Uids.RLELossless })
            Assert.Contains(mine, p => p.TransferSyntaxes is [var only] && only == syntax);
    }

    [Fact]
    public void Known_classes_come_first_private_ones_too()
    {
        var first = GetContexts.Propose(5, ["1.2.826.0.1.3680043.9.9999.1", Uids.RTPlanStorage])[0];
        Assert.Equal("1.2.826.0.1.3680043.9.9999.1", first[0].AbstractSyntax);
        Assert.Contains(first, p => p.AbstractSyntax == Uids.RTPlanStorage && p.TransferSyntaxes is [Uids.JPEG2000]);
    }
}
