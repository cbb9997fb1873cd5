using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Pdus;

public class PduNamesTests
{
    [Theory]
    [InlineData(1, 1, "no reason given")]
    [InlineData(1, 2, "application context name not supported")]
    [InlineData(1, 3, "calling AE title not recognized")]
    [InlineData(1, 7, "called AE title not recognized")]
    [InlineData(2, 1, "no reason given")]
    [InlineData(2, 2, "protocol version not supported")]
    [InlineData(3, 1, "temporary congestion")]
    [InlineData(3, 2, "local limit exceeded")]
    [InlineData(1, 9, "unknown reason 9")]
    [InlineData(9, 1, "unknown reason 1")]
    public void A_refusal_is_named_by_source_and_reason(byte source, byte reason, string name) =>
        Assert.Equal(name, PduNames.RejectReason(source, reason));

    [Theory]
    [InlineData(0, 0, "no reason given")]
    [InlineData(0, 6, "no reason given")]
    [InlineData(2, 0, "no reason given")]
    [InlineData(2, 1, "unrecognized PDU")]
    [InlineData(2, 2, "unexpected PDU")]
    [InlineData(2, 4, "unrecognized PDU parameter")]
    [InlineData(2, 5, "unexpected PDU parameter")]
    [InlineData(2, 6, "invalid PDU parameter value")]
    [InlineData(2, 3, "unknown reason 3")]
    public void An_abort_is_named_by_source_and_reason(byte source, byte reason, string name) =>
        Assert.Equal(name, PduNames.AbortReason(source, reason));

    [Theory]
    [InlineData(0, "accepted")]
    [InlineData(1, "refused by the user")]
    [InlineData(2, "refused without a reason")]
    [InlineData(3, "abstract syntax not supported")]
    [InlineData(4, "transfer syntaxes not supported")]
    [InlineData(5, "unknown result 5")]
    public void The_result_of_a_context_is_named(byte result, string name) => Assert.Equal(name, PduNames.ContextResult(result));
}
