using System.Net;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Scp;

public sealed class AccessRuleTests
{
    [Theory]
    [InlineData("CT1", "CT1", "", "All", "CT1")]
    [InlineData("*", "", "", "All", "*")]
    [InlineData("CT1,CT2@10.0.0.0/8:Store,Echo", "CT1,CT2", "10.0.0.0/8", "Echo,Store", "CT1,CT2@10.0.0.0/8:Echo,Store")]
    [InlineData(" CT* @ 10.1.2.3 , 10.2.0.0/16 : store , Find ", "CT*", "10.1.2.3,10.2.0.0/16", "Store,Find",
        "CT*@10.1.2.3,10.2.0.0/16:Store,Find")]
    [InlineData("10.1.2.3", "", "10.1.2.3", "All", "@10.1.2.3")]
    [InlineData("@10.1.0.0/16:Worklist", "", "10.1.0.0/16", "Worklist", "@10.1.0.0/16:Worklist")]
    [InlineData("MR1@fd00::/8:Store", "MR1", "fd00::/8", "Store", "MR1@fd00::/8:Store")]
    [InlineData("MR1@fd00::5", "MR1", "fd00::5", "All", "MR1@fd00::5")]
    [InlineData("MR1@[fd00::5]:Echo", "MR1", "fd00::5", "Echo", "MR1@fd00::5:Echo")]
    [InlineData("fd00::1,fd00::2", "", "fd00::1,fd00::2", "All", "@fd00::1,fd00::2")]
    [InlineData("::ffff:10.0.0.0/104", "", "10.0.0.0/8", "All", "@10.0.0.0/8")]
    [InlineData("localhost", "localhost", "", "All", "localhost")]
    [InlineData("@localhost:Echo", "", "127.0.0.0/8,::1", "Echo", "@127.0.0.0/8,::1:Echo")]
    [InlineData("*:Echo", "", "", "Echo", "*:Echo")]
    [InlineData("1234", "1234", "", "All", "1234")]
    public void A_rule_is_read_as_it_is_written(string text, string titles, string addresses, string services, string shown)
    {
        var rule = AccessRule.Parse(text);
        Assert.Equal(titles, string.Join(",", rule.Titles));
        Assert.Equal(addresses, string.Join(",", rule.Addresses));
        Assert.Equal(services, AccessRuleText.Show(rule.Services));
        Assert.Equal(shown, rule.ToString());
        Assert.Equal(shown, AccessRule.Parse(shown).ToString());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("CT1@", "no address")]
    [InlineData("CT1@pacs.example:Store", "host name")]
    [InlineData("CT1@10.0.0:Store", "no address")]
    [InlineData("10.0.0/8", "no address")]
    [InlineData("10.1.*", "no address")]
    [InlineData("CT1@10.0.0.0/33", "0 to 32")]
    [InlineData("CT1@10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("CT1@fd00::1/8:Store", "fd00::/8")]
    [InlineData("CT1@10.0.0.0/8:Stor", "'Stor' is no service: Echo, Store, Find")]
    [InlineData("CT1:", "no service")]
    [InlineData("ABCDEFGHIJKLMNOPQ", "no AE title")]
    [InlineData("A@B@10.0.0.1", "more than one @")]
    [InlineData("CT1@300.1.2.3", "no address")]
    public void What_is_wrong_with_a_rule_is_said(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => AccessRule.Parse(text)).Message);

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.1.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.128.0.0/9", "10.127.0.1", false)]
    [InlineData("10.1.2.3", "10.1.2.4", false)]
    [InlineData("0.0.0.0/0", "8.8.8.8", true)]
    [InlineData("0.0.0.0/0", "fd00::1", false)]
    [InlineData("fd00::/8", "fdff::1", true)]
    [InlineData("fd00::/8", "fe80::1%3", false)]
    [InlineData("fe80::/10", "fe80::1%3", true)]
    [InlineData("::/0", "10.1.2.3", false)]
    public void A_network_has_the_addresses_that_share_its_bits(string network, string address, bool isIn) =>
        Assert.Equal(isIn, AddressRange.Parse(network).Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("CT1", "CT1", true)]
    [InlineData("ct1", "CT1", false)]
    [InlineData("CT1", "CT*", true)]
    [InlineData("CT", "CT*", true)]
    [InlineData("CT12", "CT?", false)]
    [InlineData("AAAAAAAAAAAAAAAB", "*A*A*A*A*C", false)]
    public void A_title_is_like_a_pattern_or_not(string title, string pattern, bool isLike) =>
        Assert.Equal(isLike, AccessRuleText.IsLike(title, pattern));

    [Theory]
    [InlineData(Uids.Verification, CommandField.CEchoRequest, AccessServices.Echo)]
    [InlineData(Uids.CTImageStorage, CommandField.CStoreRequest, AccessServices.Store)]
    [InlineData("1.2.840.99999.7", CommandField.CStoreRequest, AccessServices.Store)]
    [InlineData(Uids.StudyRootQueryRetrieveInformationModelFind, CommandField.CFindRequest, AccessServices.Find)]
    [InlineData(Uids.StudyRootQueryRetrieveInformationModelMove, CommandField.CMoveRequest, AccessServices.Move)]
    [InlineData(Uids.StudyRootQueryRetrieveInformationModelGet, CommandField.CGetRequest, AccessServices.Get)]
    [InlineData(Uids.ModalityWorklistInformationModelFind, CommandField.CFindRequest, AccessServices.Worklist)]
    [InlineData(Uids.StorageCommitmentPushModel, CommandField.NActionRequest, AccessServices.Commit)]
    [InlineData(Uids.ModalityPerformedProcedureStep, CommandField.NCreateRequest, AccessServices.Mpps)]
    [InlineData(Uids.InstanceAvailabilityNotification, CommandField.NCreateRequest, AccessServices.Availability)]
    [InlineData(Uids.HangingProtocolInformationModelFind, CommandField.CFindRequest, AccessServices.Find)]
    [InlineData(Uids.CompositeInstanceRetrieveWithoutBulkDataGet, CommandField.CGetRequest, AccessServices.Get)]
    public void Each_class_and_request_belongs_to_a_service(string sopClass, object request, AccessServices service) =>
        Assert.Equal((service, service), (AccessOf.Class(sopClass), AccessOf.Request(sopClass, (CommandField)request)));

    [Fact]
    public void Every_SOP_class_of_a_query_or_retrieval_belongs_to_what_its_name_ends_with()
    {
        foreach (var entry in DicomDictionary.SopClasses(SopClassService.Qr))
        {
            var ends = entry.Keyword == "RepositoryQuery" ? "Find" : new[] { "Find", "Move", "Get" }.Single(entry.Keyword.EndsWith);
            Assert.Equal(ends, AccessOf.Class(entry.Uid).ToString());
        }
    }
}
