using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Pdus;
using DicomPS.Scu;

namespace DicomPS.Querying;

/// <summary>What an association was agreed to do for a query.</summary>
/// <param name="Context">The presentation context.</param>
/// <param name="Model">The information model behind it.</param>
/// <param name="WireLevel">The level to ask at.</param>
/// <param name="IsRelational">Whether relational queries were agreed.</param>
/// <param name="CombinesDateTime">Whether date and time match as one.</param>
internal sealed record QueryAgreement(AcceptedContext Context, InformationModel Model, QueryLevel WireLevel, bool IsRelational,
    bool CombinesDateTime)
{
    /// <summary>Whether the zone of the query is taken for its times.</summary>
    public bool HasTimeZone { get; init; }

    /// <summary>Whether the view may be named.</summary>
    public bool HasView { get; init; }

    /// <summary>Whether a cut answer can be asked on (PS3.4 C.6.4).</summary>
    public bool IsRepository => Context.AbstractSyntax == Uids.RepositoryQuery;
}

/// <summary>Proposes the models of a query and reads what was agreed (PS3.4 C.5, K.5).</summary>
internal static class QueryNegotiation
{
    private static readonly string[] TransferSyntaxes = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"];

    /// <summary>The options of an association for a request.</summary>
    /// <param name="options">Whom to call.</param>
    /// <param name="request">The request.</param>
    public static AssociationOptions Propose(AssociationOptions options, QueryRequest request)
    {
        var classes = Models(request).Select(model => SopClassOf(request, model)).Distinct().ToList();
        if (WantsRepository(request))
            classes.Insert(0, Uids.RepositoryQuery);
        var wishes = Wishes(request);
        byte[] bytes = [.. wishes.Select((wish, i) => wish || IsReserved(request, i) ? (byte)1 : (byte)0)];
        return options with
        {
            PresentationContexts = [.. classes.Select(uid => new PresentationContextProposal(uid, TransferSyntaxes))],
            ExtraUserItems = wishes.Contains(true)
                ? [.. options.ExtraUserItems, .. classes.Select(uid => new SopClassExtendedNegotiation(uid, bytes))]
                : options.ExtraUserItems,
        };
    }

    /// <summary>Chooses among what the peer accepted, and says what it did not.</summary>
    /// <param name="scu">The association.</param>
    /// <param name="request">The request.</param>
    /// <param name="tell">Takes what there is to know.</param>
    /// <exception cref="DicomNetworkException">No model of the request was accepted.</exception>
    public static QueryAgreement Conclude(QueryScu scu, QueryRequest request, Action<QueryNotice> tell)
    {
        if (WantsRepository(request))
        {
            if (scu.ContextFor(Uids.RepositoryQuery) is { } repository)
                return Agreement(scu, repository, InformationModel.StudyRoot, request.Level, request, tell);
            tell(NoRepository);
        }

        var models = Models(request);
        foreach (var model in models)
        {
            if (scu.ContextFor(SopClassOf(request, model)) is not { } context)
                continue;
            var wire = request.Level == QueryLevel.Patient && model == InformationModel.StudyRoot ? QueryLevel.Study : request.Level;
            if (model != models[0])
                tell(FellBack(request, models[0], model));
            return Agreement(scu, context, model, wire, request, tell);
        }

        var wanted = DicomDictionary.NameOf(SopClassOf(request, models[0]));
        var refused = scu.Association.RefusedContexts.FirstOrDefault();
        throw new DicomNetworkException(
            $"The peer does not take queries of this kind: {wanted} was refused ({refused?.ResultName ?? "no context was accepted"}).")
        {
            Stage = DicomStage.PresentationContext,
            Advice = request.Level == QueryLevel.Worklist
                ? "Worklists come from the RIS or a worklist broker, often under another AE title and port than the archive. Check both."
                : request.Object is { } other ? $"Few peers have the service {other}. Check the called AE title and the peer's conformance "
                + "statement."
                : "The peer answers no queries for this AE title. Check the called AE title, and ask its administrator to allow "
                + "Query/Retrieve for the calling one.",
        };
    }

    private static QueryAgreement Agreement(QueryScu scu, AcceptedContext context, InformationModel model, QueryLevel wire,
        QueryRequest request, Action<QueryNotice> tell)
    {
        var agreed = Agreed(scu.Association, context, request, tell);
        // Of a worklist ranges of date and time are one range, without an agreement (PS3.4 table K.6-1).
        var combines = agreed[1] || (request.DateTimeMatching && request.Level == QueryLevel.Worklist);
        return new QueryAgreement(context, model, wire, agreed[0], combines) { HasTimeZone = agreed[3], HasView = agreed[4] };
    }

    // It is Study Root (PS3.4 C.6.4), and knows no patients at the top.
    private static bool WantsRepository(QueryRequest request) =>
        request.UsesRepository && request.Level is QueryLevel.Study or QueryLevel.Series or QueryLevel.Image;

    private static List<InformationModel> Models(QueryRequest request)
    {
        if (request.Level is QueryLevel.Worklist or QueryLevel.Object)
            return [InformationModel.StudyRoot];
        if (request.Model > InformationModel.PatientStudyOnly)
            throw new ArgumentException($"{InformationModels.NameOf(request.Model)} is for retrieval and has no queries.", nameof(request));
        if (request.Level == QueryLevel.Patient)
        {
            return request.Model == InformationModel.PatientStudyOnly
                ? [InformationModel.PatientStudyOnly, InformationModel.PatientRoot, InformationModel.StudyRoot]
                : [InformationModel.PatientRoot, InformationModel.PatientStudyOnly, InformationModel.StudyRoot];
        }

        return request.Model switch
        {
            InformationModel.StudyRoot => [InformationModel.StudyRoot, InformationModel.PatientRoot],
            InformationModel.PatientStudyOnly when request.Level == QueryLevel.Study =>
                [InformationModel.PatientStudyOnly, InformationModel.PatientRoot, InformationModel.StudyRoot],
            _ => [InformationModel.PatientRoot, InformationModel.StudyRoot],
        };
    }

    private static string SopClassOf(QueryRequest request, InformationModel model) => request.Object is { } other ? other.Find
        : request.Level == QueryLevel.Worklist ? Uids.ModalityWorklistInformationModelFind : model switch
        {
            InformationModel.StudyRoot => Uids.StudyRootQueryRetrieveInformationModelFind,
            InformationModel.PatientRoot => Uids.PatientRootQueryRetrieveInformationModelFind,
            _ => Uids.PatientStudyOnlyQueryRetrieveInformationModelFind,
        };

    private static QueryNotice FellBack(QueryRequest request, InformationModel wanted, InformationModel taken) =>
        request.Level == QueryLevel.Patient && taken == InformationModel.StudyRoot
        ? new(
            "The peer accepts no model with patients at the top; its studies were asked for in Study Root, and each patient is given once.",
            "The counts of studies, series and instances are not known this way.")
        : new($"The peer does not accept {InformationModels.NameOf(wanted)}; {InformationModels.NameOf(taken)} was used.",
            taken == InformationModel.StudyRoot ? null
                : $"In {InformationModels.NameOf(taken)} a query below the patient needs the PatientID, and the other attributes of the "
                + "patient are not returned.");

    // The bytes of PS3.4 tables C.5-1 and K.5-1: relational queries, date-time matching, fuzzy names, time zone, and only where it is
    // wanted, since older peers have four, enhanced multi-frame image conversion, which the view belongs to.
    private static bool[] Wishes(QueryRequest request)
    {
        bool[] wishes = [request.Relational, request.DateTimeMatching, request.FuzzyNames, request.TimeZone is not null,
            .. request.View is null ? Array.Empty<bool>() : [true]];
        return [.. wishes.Select((wish, i) => wish && !IsReserved(request, i))];
    }

    // For a worklist the first two are reserved and always 1 (PS3.4 K.5.1).
    private static bool IsReserved(QueryRequest request, int index) => request.Level == QueryLevel.Worklist && index < 2;

    private static bool[] Agreed(Association association, AcceptedContext context, QueryRequest request, Action<QueryNotice> tell)
    {
        var wishes = Wishes(request);
        var answer = association.Response.UserItems.OfType<SopClassExtendedNegotiation>()
            .FirstOrDefault(item => item.SopClassUid == context.AbstractSyntax)?.Information ?? ReadOnlyMemory<byte>.Empty;
        var agreed = new bool[5];
        for (var i = 0; i < wishes.Length; i++)
        {
            agreed[i] = wishes[i] && i < answer.Length && answer.Span[i] == 1;
            if (wishes[i] && !agreed[i])
                tell(NotAgreed[i]);
        }

        return agreed;
    }

    private static QueryNotice NoRepository { get; } = new("The peer does not have Repository Query; the usual query was used.",
        "What it cuts stays cut: use -Split Auto, which halves windows of time.");

    private static QueryNotice[] NotAgreed { get; } =
    [
        new("The peer did not agree to relational queries.",
            "It may refuse keys of other levels. Ask level by level: studies first, and their series from those."),
        new("The peer did not agree to matching date and time as one; ranges of time are cut at midnight instead.", null),
        new("The peer did not agree to fuzzy matching of names.",
            "Names match as they are spelt. Use wildcards, such as MUELLER* or M?LLER*."),
        new("The peer did not agree to adjust time zones.", "Dates and times mean what the clock on the peer's wall shows."),
        new("The peer did not agree to a Query/Retrieve View, and none was sent.",
            "It tells of images as they are stored. Few peers convert between classic and enhanced images."),
    ];
}
