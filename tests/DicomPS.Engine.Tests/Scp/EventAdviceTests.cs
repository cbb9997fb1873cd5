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
}
