#:project ../../src/DicomPS.Engine/DicomPS.Engine.csproj
#:property PublishAot=false

// An SCP whose answers are delegates: it finds, takes and gives back instances that it keeps in a folder, and is then
// called by the engine's own SCUs. No base class, no registration: a delegate for each kind of request.
//
//   dotnet run docs/samples/custom-scp.cs            shows it once and ends
//   dotnet run docs/samples/custom-scp.cs -- 11112   serves on that port until Enter

using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;

var folder = Directory.CreateTempSubdirectory("dicomps-custom-scp-").FullName;
var instances = new ConcurrentDictionary<string, (StoredInstance File, DicomDataset Header)>();

var handlers = new ServiceHandlers
{
    Services = [DicomService.Storage, DicomService.QueryRetrieve],
    HandlerTimeout = TimeSpan.FromSeconds(10),

    // C-STORE: the file goes away after the answer unless it is moved. Any status of PS3.4 B can be the answer.
    Store = async (call, instance, cancellationToken) =>
    {
        if (instance.Header.GetString(Tags.PatientID) is null)
            throw new ServiceException(0xA900, "Only instances with a Patient ID") { OffendingElements = [Tags.PatientID.Value] };
        var received = instance.Received;
        var kept = Path.Combine(folder, received.SOPInstanceUID + ".dcm");
        File.Move(received.Path, kept, overwrite: true);
        instances[received.SOPInstanceUID] =
            (new StoredInstance(kept, received.SOPClassUID, received.SOPInstanceUID, received.TransferSyntaxUID), instance.Header);
        return await call.Reply(Statuses.Success);
    },

    // C-FIND: each dataset is on its way as soon as it is yielded; C-CANCEL cancels the token.
    Find = FindAsync,

    // C-GET: the counts and the pending responses are the engine's business.
    Get = (call, identifier, cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredInstance>>([.. Matching(identifier).Select(entry => entry.File)]),
};

var events = new ConcurrentQueue<ServerEvent>();
var port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 0;
await using var server = DicomServer.Start(new DicomServerOptions { AETitle = "CUSTOM", Port = port, Trace = events.Enqueue },
    handlers.ToTable());
Console.WriteLine($"CUSTOM listens on port {server.Port}");
try
{
    if (args.Length > 0)
        Console.ReadLine();
    else
        await ShowAsync();
}
finally
{
    await server.StopAsync(TimeSpan.FromSeconds(5));
    Directory.Delete(folder, recursive: true);
}

foreach (var what in events.Where(e => e.Problem is { }))
    Console.WriteLine($"Server: {what.Text}");
return 0;

IEnumerable<(StoredInstance File, DicomDataset Header)> Matching(DicomDataset identifier) => instances.Values.Where(entry =>
    identifier.GetString(Tags.StudyInstanceUID) is not { } study || entry.Header.GetString(Tags.StudyInstanceUID) == study);

async IAsyncEnumerable<DicomDataset> FindAsync(ServiceCall call, DicomDataset identifier,
    [EnumeratorCancellation] CancellationToken cancellationToken)
{
    foreach (var (_, header) in Matching(identifier).DistinctBy(entry => entry.Header.GetString(Tags.StudyInstanceUID)))
    {
        var match = new DicomDataset();
        match.Set(Tags.QueryRetrieveLevel, "STUDY");
        match.Set(Tags.StudyInstanceUID, header.GetString(Tags.StudyInstanceUID) ?? "");
        match.Set(Tags.PatientName, header.GetString(Tags.PatientName) ?? "");
        yield return match;
        await Task.Yield();
    }
}

async Task ShowAsync()
{
    var node = new DicomNode { AETitle = "CUSTOM", HostName = "127.0.0.1", Port = server.Port };
    var file = Path.Combine(folder, "to-send.dcm");
    var dataset = new DicomDataset();
    dataset.Set(Tags.SOPClassUID, Uids.SecondaryCaptureImageStorage);
    dataset.Set(Tags.SOPInstanceUID, Uid.New());
    dataset.Set(Tags.PatientName, "Sample^Custom");
    dataset.Set(Tags.PatientID, "C1");
    dataset.Set(Tags.StudyInstanceUID, "1.2.3");
    dataset.Set(Tags.SeriesInstanceUID, "1.2.3.1");
    await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(file);

    var probed = DicomFileProbe.Read(file);
    var (proposals, _) = StoreContexts.Propose([new StoreContextKey(probed.SopClassUid, probed.TransferSyntax.Uid)], reencode: true);
    await using (var store = await StoreScu.ConnectAsync(AssociationOptions.For(node) with { PresentationContexts = proposals }, default))
    {
        var response = await store.SendAsync(probed, store.RouteFor(probed, reencode: true)!, DicomPriority.Medium, null, default);
        Console.WriteLine($"C-STORE: {DimseStatus.Describe(StatusTable.Storage, response.Status)}");
        await store.ReleaseAsync(default);
    }

    var model = Uids.StudyRootQueryRetrieveInformationModelFind;
    await using var query = await QueryScu.ConnectAsync(
        AssociationOptions.For(
            node) with
        { PresentationContexts = [new PresentationContextProposal(model, [Uids.ExplicitVRLittleEndian])] },
            TimeSpan.FromSeconds(10), default);
    var keys = new DicomDataset();
    keys.Set(Tags.QueryRetrieveLevel, "STUDY");
    keys.Set(Tags.PatientName, "");
    await foreach (var response in query.FindAsync(query.ContextFor(model)!, keys, null, DicomPriority.Medium, default))
        Console.WriteLine(
            $"C-FIND: {DimseStatus.Describe(StatusTable.QrFind, response.Command.Status)} {response.Dataset?.GetString(Tags.PatientName)}");
    await query.ReleaseAsync(default);
}
