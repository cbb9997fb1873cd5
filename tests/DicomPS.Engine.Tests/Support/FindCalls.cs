using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Engine.Tests.Support;

/// <summary>C-FIND to a server of the same test.</summary>
internal static class FindCalls
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<QueryScu> ConnectAsync(DicomServer server) => QueryScu.ConnectAsync(
        new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            PresentationContexts = [new PresentationContextProposal(Uids.StudyRootQueryRetrieveInformationModelFind,
                ["1.2.840.10008.1.2.1"])],
        }, TimeSpan.FromSeconds(60), Token);

    public static async Task<List<ExchangeResponse>> FindAsync(QueryScu scu)
    {
        var identifier = new DicomDataset();
        identifier.Set(Tags.QueryRetrieveLevel, "STUDY");
        var responses = new List<ExchangeResponse>();
        await foreach (var response in scu.FindAsync(scu.ContextFor(Uids.StudyRootQueryRetrieveInformationModelFind)!, identifier, null,
            DicomPriority.Medium, Token))
            responses.Add(response);
        return responses;
    }
}
