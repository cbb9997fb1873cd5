using System.Runtime.CompilerServices;
using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Matching;
using DicomPS.Pdus;
using DicomPS.Scp;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// Where servers and archives meet: what an archive answers to C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET and storage commitment, and as a
/// worklist.
/// </summary>
internal sealed class ArchiveServices(Archive archive, WorklistSource? worklist, ArchiveServerOptions options)
{
    // The bytes of PS3.4 table C.5-1: relational queries, date-time matching, fuzzy names.
    private const int Relational = 0, DateTimes = 1, FuzzyNames = 2;

    private static readonly Dictionary<string, InformationModel> FindModels = new(StringComparer.Ordinal)
    {
        [Uids.PatientRootQueryRetrieveInformationModelFind] = InformationModel.PatientRoot,
        [Uids.StudyRootQueryRetrieveInformationModelFind] = InformationModel.StudyRoot,
        [Uids.PatientStudyOnlyQueryRetrieveInformationModelFind] = InformationModel.PatientStudyOnly,
    };

    private static readonly Dictionary<string, InformationModel> MoveModels = new(StringComparer.Ordinal)
    {
        [Uids.PatientRootQueryRetrieveInformationModelMove] = InformationModel.PatientRoot,
        [Uids.StudyRootQueryRetrieveInformationModelMove] = InformationModel.StudyRoot,
        [Uids.PatientStudyOnlyQueryRetrieveInformationModelMove] = InformationModel.PatientStudyOnly,
        [Uids.CompositeInstanceRootRetrieveMove] = InformationModel.CompositeInstanceRoot,
    };

    private static readonly Dictionary<string, InformationModel> GetModels = new(StringComparer.Ordinal)
    {
        [Uids.PatientRootQueryRetrieveInformationModelGet] = InformationModel.PatientRoot,
        [Uids.StudyRootQueryRetrieveInformationModelGet] = InformationModel.StudyRoot,
        [Uids.PatientStudyOnlyQueryRetrieveInformationModelGet] = InformationModel.PatientStudyOnly,
        [Uids.CompositeInstanceRootRetrieveGet] = InformationModel.CompositeInstanceRoot,
        [Uids.CompositeInstanceRetrieveWithoutBulkDataGet] = InformationModel.CompositeInstanceRoot,
    };

    /// <summary>Storage commitment; what it owes outlives the process beside the files.</summary>
    public CommitmentScp Commitment { get; } = new(
        new ArchiveCommitment(archive).FindAsync,
        new CommitmentScpOptions { Requester = options.Destination, Folder = archive.Folder, FlushToDisk = options.FlushToDisk });

    /// <summary>Keeps the procedure steps of modalities; null keeps none.</summary>
    public ProcedureStepScp? Steps { get; init; }

    private AssociationOptions? MoveTo(string title) => options.MayMoveTo?.Invoke(title) == false ? null : options.Destination(title);

    /// <summary>What came broken and was set aside.</summary>
    public BrokenInstances Broken { get; } = new();

    /// <summary>What is taken.</summary>
    public required StorageLimits Limits { get; init; }

    /// <summary>The table for a server.</summary>
    /// <param name="coming">Told of each instance that came whole, before it is put in its place.</param>
    /// <param name="stored">Told of each instance that is in its place and in the index; the peer hears Success when it returns.</param>
    /// <param name="failed">Told of each that was not stored.</param>
    /// <param name="conflict">Told of each whose UIDs something of another identity has.</param>
    public ServiceTable Table(Action<DicomDataset, AssociationTitles> coming, Action<ReceivedInstance> stored,
        Action<ServiceCall, Exception> failed, Action<IndexConflict> conflict)
    {
        var find = new FindScp(FindAsync);
        List<ServiceRow> rows =
        [
            EchoScp.Row,
            Commitment.Row,
            CommitmentReportScp.Row(StorageCommitment.Take),
            .. FindModels.Keys.Select(find.Row),
            .. MoveModels.Keys.Select(uid => Retrieving(
                instances => new MoveScp(instances, MoveTo).Row(uid), MoveModels[uid])),
            .. GetModels.Keys.Select(uid => Retrieving(instances => new GetScp(instances).Row(uid), GetModels[uid])),
        ];
        if (worklist is not null)
            rows.Add(new FindScp(WorklistAsync).Row(Uids.ModalityWorklistInformationModelFind));
        if (Steps is { } steps)
            rows.AddRange(steps.Rows);
        var store = new StoreScp(Receiver(coming, conflict), (instance, _) => Told(stored, instance), failed);
        // What belongs to no patient has no study either, and no place in the index.
        HashSet<string> homeless = [.. DicomDictionary.SopClasses(SopClassService.NonPatientObject).Select(entry => entry.Uid)];
        rows.AddRange(store.Rows().Where(row => !homeless.Contains(row.SopClassUid)).Select(row => Guarded(row, failed)));
        return new ServiceTable(rows, options.AcceptUnknownSopClasses
            ? uid => homeless.Contains(uid) ? null : Guarded(store.Row(uid), failed) : null);
    }

    private static Task Told(Action<ReceivedInstance> stored, ReceivedInstance instance)
    {
        stored(instance);
        return Task.CompletedTask;
    }

    // C-GET sends in contexts of these classes, so they are accepted even where nothing is taken (PS3.4 C.5.3).
    private ServiceRow Guarded(ServiceRow row, Action<ServiceCall, Exception> failed)
    {
        return options.ReadOnly ? row with { Handler = (call, _) => throw Refused(call) } : row;

        ServiceException Refused(ServiceCall call)
        {
            var refusal = new ServiceException(Statuses.NotAuthorized, "The archive is read only");
            failed(call, refusal);
            return refusal;
        }
    }

    /// <summary>
    /// Agrees to what a peer asks of the query and retrieve classes and the archive can do (PS3.4 C.5.1.1, C.5.2.1, C.5.3.1, K.5.1).
    /// </summary>
    public static SopClassExtendedNegotiation? Agree(SopClassExtendedNegotiation proposal)
    {
        var known = FindModels.ContainsKey(proposal.SopClassUid) || proposal.SopClassUid == Uids.ModalityWorklistInformationModelFind
            ? FuzzyNames + 1
            : HasLevels(MoveModels) || HasLevels(GetModels) ? Relational + 1
            : 0;
        if (known == 0)
            return null;
        var answer = new byte[proposal.Information.Length];
        for (var i = 0; i < answer.Length && i < known; i++)
            answer[i] = proposal.Information.Span[i] == 1 ? (byte)1 : (byte)0;
        return new SopClassExtendedNegotiation(proposal.SopClassUid, answer);

        bool HasLevels(Dictionary<string, InformationModel> models) =>
            models.TryGetValue(proposal.SopClassUid, out var model) && model != InformationModel.CompositeInstanceRoot;
    }

    private InstanceReceiver Receiver(Action<DicomDataset, AssociationTitles> coming, Action<IndexConflict> conflict) =>
        new(new InstanceReceiverOptions
        {
            Folder = archive.Folder,
            PathFor = (_, _) => archive.Folder,
            Place = (file, titles, token) =>
            {
                coming(file.Header, titles);
                return PlaceAsync(file, titles, conflict, token);
            },
            LastTag = Tags.SeriesInstanceUID,
            Wanted = IndexEntry.IsIndexed,
            MaximumObjectBytes = options.MaximumObjectBytes,
            BrokenFolder = options.BrokenFolder,
            Broken = Broken.Add,
            FlushToDisk = options.FlushToDisk,
            Files = archive.Files,
        });

    private async Task<PlacedFile> PlaceAsync(
        ReceivedFile file, AssociationTitles titles, Action<IndexConflict> conflict, CancellationToken token)
    {
        foreach (var tag in new[] { Tags.StudyInstanceUID, Tags.SeriesInstanceUID })
        {
            if (string.IsNullOrEmpty(file.Header.GetString(tag)))
                throw new ServiceException(Statuses.Storage.DatasetDoesNotMatch,
                    $"The dataset has no {DicomDictionary.KeywordOf(tag)}")
                { OffendingElements = [tag.Value] };
        }

        var bytes = options is { MaxBytes: null, MaxBytesPerSender: null, MaximumDiskUse: null } ? 0 : new FileInfo(file.Path).Length;
        await Limits.CheckAsync(titles.CallingAETitle, bytes, token).ConfigureAwait(false);
        StoredFile stored;
        try
        {
            // The header was read as it came; where it was too strange for that, the file is read.
            stored = await (file.IsHeaderWhole
                ? archive.StoreAsync(file.Path, file.Header, file.TransferSyntaxUid, titles.CallingAETitle, options.Duplicates, token)
                : archive.StoreAsync(file.Path, titles.CallingAETitle, options.Duplicates, token)).ConfigureAwait(false);
        }
        catch (DicomException unwritable) when (unwritable is { Stage: DicomStage.File } and not ServiceException
            and not DicomDataException)
        {
            // A full disk shows at the index as well as at the file, and may pass.
            throw new ServiceException(Statuses.Storage.OutOfResources, "The index cannot be written", unwritable);
        }

        Limits.Stored(titles.CallingAETitle, stored.Kept ? 0 : bytes);
        if (stored.Conflict is { } met)
            conflict(met);
        return stored.Kept && options.Duplicates == SameInstance.Refuse
            ? throw new ServiceException(Statuses.DuplicateSopInstance, "The instance is here already and is kept")
            : new PlacedFile(stored.Path, stored.Replaced);
    }

    private async IAsyncEnumerable<DicomDataset> FindAsync(ServiceCall call, DicomDataset identifier,
        [EnumeratorCancellation] CancellationToken token)
    {
        var model = FindModels[call.Message.Context.AbstractSyntax];
        var relational = IsAgreed(call, Relational);
        Refuse(QueryRules.Refusal(identifier, model, relational));
        var query = new IndexQuery
        {
            Level = QueryRules.LevelOf(identifier)!.Value,
            Identifier = identifier,
            Relational = relational,
            Match = new MatchOptions { CombinedDateTimes = IsAgreed(call, DateTimes), FuzzyNames = IsAgreed(call, FuzzyNames) },
            RetrieveAETitle = options.Server.AETitle,
            Availability = "ONLINE",
            ReadMissing = archive.ReadAttributesAsync,
        };
        await foreach (var match in archive.Index.FindAsync(query, token).ConfigureAwait(false))
            yield return match.Answer;
    }

    private IAsyncEnumerable<DicomDataset> WorklistAsync(ServiceCall call, DicomDataset identifier, CancellationToken token)
    {
        var steps = identifier.GetItems(Tags.ScheduledProcedureStepSequence).Count;
        Refuse(steps > 1 ? $"Scheduled Procedure Step Sequence has {steps} items, and one is allowed" : QueryRules.Unusable(identifier));
        return worklist!.FindAsync(identifier, IsAgreed(call, FuzzyNames), token);
    }

    // The studies are held for the request: from the look into the index until the last instance is sent.
    private ServiceRow Retrieving(Func<RetrieveHandler, ServiceRow> rowFor, InformationModel model) =>
        rowFor((_, _, _) => throw new InvalidOperationException("Each request has a handler of its own.")) with
        {
            Handler = async (call, token) =>
            {
                using var held = new HeldStudies(archive);
                var row = rowFor((asked, identifier, end) => InstancesAsync(model, held, asked, identifier, end));
                return await row.Handler(call, token).ConfigureAwait(false);
            },
        };

    private async Task<IReadOnlyList<StoredInstance>> InstancesAsync(
        InformationModel model, HeldStudies held, ServiceCall call, DicomDataset identifier, CancellationToken token)
    {
        Refuse(RetrieveRules.Refusal(identifier, model, IsAgreed(call, Relational)));
        var found = new List<StoredInstance>();
        var isSure = false;
        for (var look = 0; look < 2 && !isSure; look++)
        {
            // A study may have been removed between the look and the hold. All are held at the second look, so it is the last.
            var removals = archive.Removals;
            found.Clear();
            await foreach (var match in archive.Index.FindAsync(RetrieveRules.InstancesOf(identifier, model), token).ConfigureAwait(false))
            {
                await held.HoldAsync(match.Answer.GetString(Tags.StudyInstanceUID) ?? "", token).ConfigureAwait(false);
                // An index may know of instances whose files are elsewhere.
                if (match.File is { } file && match.Answer.GetString(Tags.SOPClassUID) is { } sopClass
                    && match.Answer.GetString(Tags.SOPInstanceUID) is { } instance
                    && match.Answer.GetString(Tags.AvailableTransferSyntaxUID) is { } syntax)
                {
                    found.Add(new StoredInstance(archive.FullPath(file), sopClass, instance, syntax));
                }
            }

            isSure = archive.Removals == removals;
        }

        return found;
    }

    private static void Refuse(string? why)
    {
        if (why is not null)
            throw new ServiceException(Statuses.QrFind.IdentifierDoesNotMatch, why);
    }

    private static bool IsAgreed(ServiceCall call, int wish) =>
        call.Association.Response.UserItems.OfType<SopClassExtendedNegotiation>()
            .FirstOrDefault(item => item.SopClassUid == call.Message.Context.AbstractSyntax) is { } agreed
        && agreed.Information.Length > wish && agreed.Information.Span[wish] == 1;
}
