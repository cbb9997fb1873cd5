using System.Globalization;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;
using DicomPS.Querying;
using DicomPS.Scp;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Querying;

/// <summary>What a job yielded, sorted.</summary>
internal sealed record QueryOutcome(List<QueryResult> Results, List<QueryNotice> Notices, List<DicomException> Problems,
    QuerySummary? Summary)
{
    public IEnumerable<Study> Studies => Results.Cast<Study>();
}

/// <summary>Servers that answer queries in this process, and jobs against them.</summary>
internal static class QueryBench
{
    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static DicomServer Serve(FindHandler find, params string[] sopClasses) => Serve(new FindScp(find), sopClasses);

    public static DicomServer Serve(FindScp scp, params string[] sopClasses) => DicomServer.Start(
        new DicomServerOptions(),
        new ServiceTable((sopClasses.Length == 0 ? [Uids.StudyRootQueryRetrieveInformationModelFind] : sopClasses).Select(scp.Row)));

    /// <summary>A server whose handler answers in its own way, the final status included.</summary>
    public static DicomServer Script(ServiceHandler handler, params string[] sopClasses) => DicomServer.Start(
        new DicomServerOptions(),
        new ServiceTable((sopClasses.Length == 0 ? [Uids.StudyRootQueryRetrieveInformationModelFind] : sopClasses)
            .Select(uid => new ServiceRow(uid, CommandField.CFindRequest, handler, 0xC310, 0xC311) { RunsBeside = true })));

    public static QueryJobOptions Options(int port, string? characterSet = null)
    {
        var node = new DicomNode { AETitle = "PACS", HostName = "127.0.0.1", Port = port, CharacterSet = characterSet };
        return new QueryJobOptions { Association = AssociationOptions.For(node), Node = node };
    }

    public static Task<QueryOutcome> AskAsync(DicomServer server, QueryRequest request,
        Func<QueryJobOptions, QueryJobOptions>? change = null) =>
        AskAsync((change ?? (o => o))(Options(server.Port)), request);

    public static async Task<QueryOutcome> AskAsync(QueryJobOptions options, QueryRequest request)
    {
        var outcome = new QueryOutcome([], [], [], null);
        await foreach (var value in new QueryJob(options, request).RunAsync(Token))
        {
            switch (value)
            {
                case QueryFound found: outcome.Results.Add(found.Result); break;
                case QueryNotice notice: outcome.Notices.Add(notice); break;
                case QueryFailed failed: outcome.Problems.Add(failed.Problem); break;
                case QuerySummary summary: outcome = outcome with { Summary = summary }; break;
            }
        }

        return outcome;
    }

    public static DicomDataset Study(int number, DateTime? at = null, string modality = "CT", string? patient = null)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.QueryRetrieveLevel, "STUDY");
        dataset.Set(Tags.StudyInstanceUID, $"1.2.3.{number}");
        dataset.Set(Tags.PatientID, patient ?? $"P{number}");
        dataset.Set(Tags.PatientName, $"DOE^{number}");
        dataset.Set(Tags.ModalitiesInStudy, modality);
        if (at is { } moment)
        {
            dataset.Set(Tags.StudyDate, moment.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
            dataset.Set(Tags.StudyTime, moment.ToString("HHmmss", CultureInfo.InvariantCulture));
        }

        return dataset;
    }

    /// <summary>
    /// An archive that matches UIDs, modality, date and time as PS3.4 C.2.2.2 has it, and stops at a limit without saying so, or with a
    /// status.
    /// </summary>
    public static ServiceHandler Archive(IReadOnlyList<DicomDataset> studies, int limit = int.MaxValue, ushort limitStatus = 0,
        Action<DicomDataset>? asked = null) => async (call, token) =>
    {
        var keys = call.Identifier!;
        asked?.Invoke(keys);
        var given = 0;
        foreach (var study in studies.Where(study => Matches(study, keys)))
        {
            if (given++ == limit)
                return call.Command.Respond(limitStatus);
            await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), study, CancellationToken.None);
            token.ThrowIfCancellationRequested();
        }

        return call.Command.Respond(given >= limit ? limitStatus : (ushort)0);
    };

    public static bool Matches(DicomDataset study, DicomDataset keys)
    {
        bool In(DicomTag tag) => keys.GetStrings(tag) is not { Length: > 0 } wanted || wanted.Intersect(study.GetStrings(tag)).Any();
        bool EndsAsWanted() => keys.GetString(Tags.PatientID) is { } id && id.StartsWith('*')
            ? (study.GetString(Tags.PatientID) ?? "").EndsWith(id.Substring(1), StringComparison.Ordinal) : In(Tags.PatientID);
        return In(Tags.StudyInstanceUID) && EndsAsWanted() && In(Tags.ModalitiesInStudy)
            && (!DicomDateRange.TryParse(keys.GetString(Tags.StudyDate), out var dates)
                || (study.GetDate(Tags.StudyDate) is { } date && dates.Contains(date)))
            && (!DicomTimeRange.TryParse(keys.GetString(Tags.StudyTime), out var times)
                || (study.GetTime(Tags.StudyTime) is { } time && times.Contains(time)));
    }

    // Bytes for a scripted peer.

    public static async Task<(ushort MessageId, DicomDataset Identifier)> ReadRequestAsync(Support.ScriptedPeer peer)
    {
        var command = new MemoryStream();
        var dataset = new MemoryStream();
        while (true)
        {
            var data = await peer.ReadAsync<PData>();
            foreach (var pdv in data.Values)
            {
                (pdv.IsCommand ? command : dataset).Write(pdv.Bytes.Span);
                if (pdv is { IsCommand: false, IsLast: true })
                    return (CommandReader.Decode(command.ToArray()).MessageId,
                        DatasetReader.Read(dataset.ToArray(), TransferSyntax.ExplicitVRLittleEndian));
            }
        }
    }

    public static Task RespondAsync(Support.ScriptedPeer peer, ushort messageId, ushort status, byte[]? dataset = null,
        string? sopClass = null)
    {
        var command = new CommandSet
        {
            Field = CommandField.CFindResponse,
            RespondedTo = messageId,
            AffectedSopClassUid = sopClass ?? Uids.StudyRootQueryRetrieveInformationModelFind,
            Status = status,
            HasDataset = dataset is not null,
        };
        Pdv[] pdvs = dataset is null
            ? [new Pdv(1, true, true, CommandWriter.Encode(command))]
            : [new Pdv(1, true, true, CommandWriter.Encode(command)), new Pdv(1, false, true, dataset)];
        return peer.SendAsync(new PData(pdvs));
    }

    public static byte[] Bytes(DicomDataset dataset) => DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);
}
