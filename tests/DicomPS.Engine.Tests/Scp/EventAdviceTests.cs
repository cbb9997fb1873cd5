using DicomPS.Associations;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Scp;

public sealed class EventAdviceTests
{
    [Theory]
    [InlineData(CommandField.CStoreRequest, "free space")]
    [InlineData(CommandField.CMoveRequest, "could not be sent")]
    [InlineData(CommandField.CGetRequest, "could not be sent")]
    public void One_status_means_another_thing_of_a_retrieve_than_of_a_store(CommandField request, string advice) =>
        Assert.Contains(advice, EventAdvice.Failed(null, 0xA702, request), StringComparison.Ordinal);

    [Theory]
    [InlineData(false, "port scanner does this; a device that is to send does not")]
    [InlineData(true, "does not trust this server's certificate")]
    public void Who_leaves_without_a_word_may_not_have_trusted_the_certificate(bool isTls, string advice) => Assert.Contains(advice,
        EventAdvice.Refused(new DicomNetworkException("It closed."), null,
            new DicomServerOptions { Tls = isTls ? new TlsServerOptions { Certificate = null! } : null }),
        StringComparison.Ordinal);
}
