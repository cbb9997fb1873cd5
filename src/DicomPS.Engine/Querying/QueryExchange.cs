using System.Diagnostics;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Matching;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Querying;

/// <summary>One piece over one association: what is sent, what its answer means, and what follows from it.</summary>
internal sealed class QueryExchange(QueryState state, QueryScu scu, QueryAgreement agreement)
{
    private readonly QueryLevel _level = state.Request.Level;
    private long _answers;
    private long _timed, _timeless;
    private long _empty;
    private readonly List<ulong>? _ids = state.Request.Windows is null ? null : [];
    private int _number;
    private readonly HashSet<string> _pages = [];
    private byte[] _recordKey = [];
    private bool _gaveUnknowable;
    private QueryDialect _dialect = null!;
    private PieceJudge _judge = null!;

    /// <summary>Whether the piece can be asked once more without giving an answer twice.</summary>
    public bool CanRepeat => _answers == 0 || !_gaveUnknowable;

    private string Came => $"{QueryState.Count(_answers, "answer", "answers")} had come by then.";

    /// <summary>Asks the piece, or puts what becomes of it back to the others.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="cancellationToken">Stops with C-CANCEL.</param>
    /// <exception cref="DicomException">The query failed for good.</exception>
    public async Task RunAsync(QueryPiece piece, CancellationToken cancellationToken)
    {
        if (piece.Suspect is { IsPassedOver: true })
            return;
        if (!agreement.CombinesDateTime && piece.Window.ByDay() is { Count: > 1 } parts)
        {
            state.Replace([.. parts.Select(part => piece with { Window = part })]);
            return;
        }

        if (state.RefusesLists && QueryPlan.OneByOne(piece, _level) is { Count: > 0 } singles)
        {
            state.Replace(singles);
            return;
        }

        var onlyRequired = state.OnlyRequired;
        _dialect = state.Dialect(agreement, onlyRequired);
        _judge = new PieceJudge(state.Request, piece, _dialect, agreement.CombinesDateTime);
        var identifier = QueryIdentifier.Build(state.Request, piece, _dialect);
        var final = await AskAsync(identifier, piece, cancellationToken).ConfigureAwait(false);
        while (agreement.IsRepository && final.Status == Statuses.QrFind.LimitReached && NextPage(identifier) is { } next)
            final = await AskAsync(identifier = next, piece, cancellationToken).ConfigureAwait(false);
        if (_empty > 0)
        {
            state.LeaveIncomplete(piece, why: $"{_empty} answers came without a readable identifier.");
            state.Tell($"{_empty} answers came without a readable identifier and could not be shown.",
                "The peer's log may say why. Ask for less with fewer -Property keys.");
        }

        var isFailure = DimseStatus.CategoryOf(final.Status) == DimseStatusCategory.Failure;
        if (isFailure && final.Status != Statuses.QrFind.OutOfResources)
            Failed(piece, final, onlyRequired);
        else
            Ended(piece, final);
    }

    // PS3.4 C.6.4.5.3: the answer goes on behind the last record. A peer whose records have no keys, or the same ones again, is not asked
    // for ever; what it leaves out is told as of any cut answer.
    private DicomDataset? NextPage(DicomDataset identifier)
    {
        if (_recordKey.Length == 0 || !_pages.Add(Convert.ToBase64String(_recordKey)))
            return null;
        var next = new DicomDataset(identifier.Select(QueryIdentifier.Copy)) { Text = identifier.Text };
        next.Set(Tags.PriorRecordKey, Vr.OB, _recordKey);
        _recordKey = [];
        return next;
    }

    private async Task<CommandSet> AskAsync(DicomDataset identifier, QueryPiece piece, CancellationToken cancellationToken)
    {
        var number = _number = state.NextQuery();
        var start = Stopwatch.GetTimestamp();
        if (state.Options.Trace is not null)
            state.Trace(
                $"C-FIND {number}: {DicomDictionary.NameOf(agreement.Context.AbstractSyntax)}, {QueryIdentifier.Describe(identifier)}");
        ExchangeResponse? last = null;
        DicomDataset? previous = null;
        var known = Known(identifier, piece);
        try
        {
            await foreach (var response in scu.FindAsync(agreement.Context, identifier, state.CharacterSet, state.Options.Priority,
                cancellationToken).ConfigureAwait(false))
            {
                state.LastResponse = response.Command;
                if (response.Command.Status == Statuses.QrFind.PendingWithoutSomeKeys)
                    state.TellUnsupported(identifier);
                if (!response.IsPending)
                    last = response;
                else if (response.Dataset is { } answer)
                    Give(previous = answer, known, piece, cancellationToken);
                else
                    _empty++;
            }

            if (last!.Dataset is { } late && IsAnswer(last, late, identifier, previous))
                Give(late, known, piece, cancellationToken);
        }
        catch (DicomNetworkException problem) when (_answers > 0)
        {
            throw new DicomNetworkException($"{problem.Message} {Came}", problem)
            {
                Stage = problem.Stage,
                IsTransient = problem.IsTransient,
                Advice =
                    ($"{problem.Advice} The answers that came are right, but not all. Ask again, or cut the query with -Split to have "
                    + "smaller answers.").TrimStart(),
            };
        }

        var final = last!.Command;
        if (state.Options.Trace is not null)
        {
            var elapsed = (Stopwatch.GetTimestamp() - start) * 1000d / Stopwatch.Frequency;
            state.Trace(string.Format(System.Globalization.CultureInfo.InvariantCulture, "C-FIND {0}: {1} ({2:X4}), {3} in {4:0.0} ms{5}",
                number, DimseStatus.Describe(StatusTable.QrFind, final.Status), final.Status,
                QueryState.Count(_answers, "answer", "answers"), elapsed,
                final.ErrorComment is { } comment ? $"; the peer says: {comment}" : ""));
        }

        TellEnd(last, piece);
        return final;
    }

    // The standard has no dataset here (PS3.4 C.4.1.1.4), but some peers send an only answer, or the last one once more, with the
    // final response. What says no more than the keys that were sent is their echo.
    private bool IsAnswer(ExchangeResponse last, DicomDataset dataset, DicomDataset identifier, DicomDataset? previous)
    {
        if (DimseStatus.CategoryOf(last.Command.Status) is not (DimseStatusCategory.Success or DimseStatusCategory.Warning)
            || IsEcho(dataset, identifier))
        {
            return false;
        }

        var isAgain = previous is { } given && Bytes(dataset).AsSpan().SequenceEqual(Bytes(given));
        state.Trace(isAgain
            ? "The final response repeats the last answer; it is not given twice."
            : "The final response carries an answer, which belongs into one before it; it is given.");
        return !isAgain;
    }

    private static bool IsEcho(DicomDataset answer, DicomDataset asked) => answer.All(element => element switch
    {
        DicomSequence sequence =>
            sequence.Items.All(item => IsEcho(item, asked.GetItems(sequence.Tag) is [var one, ..] ? one : new DicomDataset())),
        _ when element.Tag == Tags.SpecificCharacterSet || element.Tag == Tags.QueryRetrieveLevel || element.Tag == Tags.RetrieveAETitle =>
            true,
        _ => answer.GetText(element.Tag) is not { } text || text == asked.GetText(element.Tag),
    });

    private static byte[] Bytes(DicomDataset dataset) => DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);

    private void TellEnd(ExchangeResponse last, QueryPiece piece)
    {
        var final = last.Command;
        if (DimseStatus.CategoryOf(final.Status) == DimseStatusCategory.Warning && final.Status != Statuses.QrFind.LimitReached)
        {
            state.LeaveIncomplete(piece);
            state.Tell(
                DimseRefusal.Sentence("The peer ended C-FIND with the warning", StatusTable.QrFind, final.Status, final.ErrorComment),
                "The answers that came are right, but the peer does not say that they are all. Its log or its manual tells what the "
                + "status means.");
        }

        if (!last.LacksDataset)
            return;
        if (_answers > 0)
        {
            state.Trace("The final response announces a dataset, and none came.");
            return;
        }

        state.LeaveIncomplete(piece);
        state.Tell("The peer's final response announces an answer, and none came.",
            "Some peers send their only answer so. Ask again; -Verbose shows the responses as they come.");
    }

    // What every answer has in common: the keys that were sent, and the patient where the row that was asked for names it.
    private static DicomDataset Known(DicomDataset identifier, QueryPiece piece)
    {
        if (piece.Target?.Find(Tags.PatientID) is not { } patient || identifier.Contains(Tags.PatientID))
            return identifier;
        var known = new DicomDataset(identifier.Select(QueryIdentifier.Copy));
        known.Add(patient);
        return known;
    }

    private void Give(DicomDataset answer, DicomDataset asked, QueryPiece piece, CancellationToken cancellationToken)
    {
        _answers++;
        if (_level != QueryLevel.Worklist && QueryKeys.TimeOf(_dialect.WireLevel) is { } time)
        {
            if (answer.GetText(time.Time) is { Length: > 0 })
                _timed++;
            else
                _timeless++;
        }

        if (agreement.IsRepository)
            _recordKey = answer.GetBytes(Tags.RecordKey).ToArray();
        if (_level != QueryLevel.Worklist && !piece.Window.IsWholeDays && !state.IgnoresTime && IsOutside(answer, piece.Window))
            state.IgnoresTime = true;
        var parts = QueryResults.Parts(_level, answer);
        for (var i = 0; i < parts.Count; i++)
        {
            var (matches, notice) = state.Check.Judge(_judge, piece, _dialect, agreement.CombinesDateTime, answer, parts[i]);
            if (notice is not null)
                state.Tell(notice);
            var result = QueryResults.One(_level, answer, parts[i], asked, state.Options.Node, state.Request.Object) with
            {
                Matches = matches
            };
            _gaveUnknowable |= !state.Knows(result);
            if (_ids is not null && QueryResults.IdentityOf(result) is { } identity)
                Remember(CutSuspicion.IdOf(identity), piece);
            state.Give(result, asked, i, (piece.Row, _number), cancellationToken);
        }
    }

    private void Remember(ulong id, QueryPiece piece)
    {
        _ids!.Add(id);
        for (var suspect = piece.Suspect; suspect is not null; suspect = suspect.Piece.Suspect)
            suspect.Found(id);
    }

    private bool IsOutside(DicomDataset answer, QueryWindow window) =>
        QueryKeys.TimeOf(agreement.WireLevel) is { } time && answer.GetTime(time.Time) is not null
        && answer.GetDateTime(time.Date, time.Time) is { } at && (at < window.From || at >= window.To);

    private void Failed(QueryPiece piece, CommandSet final, bool onlyRequired)
    {
        if (_answers == 0 && QueryPlan.OneByOne(piece, _level) is { Count: > 0 } singles)
        {
            state.RefusesLists = true;
            state.Tell($"The peer refused a list of UIDs (status {final.Status:X4}); they are asked for one by one.");
            state.Replace(singles);
        }
        else if (_answers == 0 && !onlyRequired && IsAboutKeys(final.Status))
        {
            state.OnlyRequired = true;
            state.Trace($"The peer refused the query ({final.Status:X4}); the optional keys are left out.");
            state.Replace([piece]);
        }
        else
        {
            throw Failure(piece, final);
        }
    }

    private void Ended(QueryPiece piece, CommandSet final)
    {
        if (state.OnlyRequired && final.Status == Statuses.Success)
        {
            state.Tell(
                "The peer refused the query with its optional keys and answered it without them: the properties for them are empty.",
                "Name the ones that you need with -Key @{ Keyword = '' } to find the one that the peer refuses.");
        }

        var listed = QueryPlan.ListLength(piece, _level);
        if (listed > 1 && _answers > 1)
            state.KnowsLists = true;
        if (listed > 1 && _answers <= (state.Request.TellsTargets ? 1 : 0) && !state.KnowsLists)
        {
            // Some take the list for one value, which nothing matches, or look at its first alone; asking one by one tells.
            state.Replace(QueryPlan.OneByOne(piece, _level));
            return;
        }

        if (ResultCap.Why(final.Status, _answers) is not { } why || (final.Status == Statuses.Success && listed >= _answers))
            return;
        if (_ids is not null && state.Request.Split == QuerySplit.Auto)
        {
            // A peer without resources that answers nothing has failed.
            var hasFailed = final.Status == Statuses.QrFind.OutOfResources && _answers == 0;
            if (!state.Doubt(piece, _ids, final.Status != Statuses.Success, why) && hasFailed)
                throw Failure(piece, final);
            return;
        }

        var smaller = state.Request.Split == QuerySplit.Auto
            ? QueryPlan.Smaller(piece, state.Request, state.Today, !state.IgnoresTime) : [];
        if (smaller.Count > 0)
        {
            state.Trace($"The answer looks cut short ({why}); it is asked in {smaller.Count} parts.");
            state.CutTheDateless |= piece.Window.IsUnlimited;
            if (piece.Window.IsOfOneDay && smaller[0].Modality is null)
                CutIntoHours(piece);
            state.CutByModality |= smaller[0].Modality is not null;
            state.Replace(smaller);
            return;
        }

        if (final.Status == Statuses.QrFind.OutOfResources && _answers == 0)
            throw Failure(piece, final);
        state.LeaveIncomplete(piece, why: $"The answer may be cut short: {why}.");
        var where = piece.Window.IsUnlimited ? "" : $" for {piece.Window}";
        state.Tell($"The answer{where} may be cut short: {why}.", AdviceOnCap());
    }

    // What has no time is found by no hour. Where times are told, those without one are a sample of what is missing.
    private void CutIntoHours(QueryPiece piece)
    {
        state.CutTheTimeless = true;
        if (_timed == 0 || _timeless == 0)
            return;
        var some = $"{QueryState.Count(_timeless, "answer", "answers")} for {piece.Window} came without a time, and no hour of that day "
            + "has such: there may be more.";
        state.LeaveIncomplete(piece, why: some);
        state.Tell(some, "Ask for that day with further keys, such as -Modality or -PatientID, until the answer is not cut.");
    }

    private string AdviceOnCap() => (_level, state.Request.Split) switch
    {
        (QueryLevel.Patient or QueryLevel.Image, _) => "Narrow the query with more keys.",
        (_, QuerySplit.None) => "Narrow the query, or let it be cut into windows of time with -Split Auto.",
        (_, QuerySplit.Auto) => "It cannot be cut any further; narrow the query with more keys.",
        _ => "Use smaller windows, or -Split Auto, which finds their size by itself.",
    };

    // Everything but a lack of resources and of permission may come from a key that the peer does not like.
    private static bool IsAboutKeys(ushort? status) =>
        status is Statuses.QrFind.IdentifierDoesNotMatch or (>= Statuses.QrFind.UnableToProcess and <= Statuses.QrFind.UnableToProcessLast)
            or (>= Statuses.NoSuchAttribute and <= Statuses.MissingAttributeValue and not Statuses.NoSuchSopClass);

    private DicomStatusException Failure(QueryPiece piece, CommandSet final)
    {
        var window = piece.Window.IsUnlimited ? "" : $" for {piece.Window}";
        var more = (_answers > 0 ? $" {Came}" : "")
            + (final.OffendingElements is { Count: > 0 } tags
                ? $" It names {string.Join(", ", tags.Select(tag => DicomDictionary.KeywordOf(new DicomTag(tag))))}." : "");
        return DimseRefusal.Exception($"The peer answered C-FIND{window} with status", StatusTable.QrFind, final.Status!.Value,
            final.ErrorComment, more, isTransient: final.Status is Statuses.QrFind.OutOfResources or Statuses.ResourceLimitation,
            advice: final.Status switch
            {
                Statuses.QrFind.OutOfResources or Statuses.ResourceLimitation =>
                    "The peer is short of resources. Narrow the query, cut it with -Split Day or -Split Month, or try again later.",
                Statuses.SopClassNotSupported => "The peer does not serve this kind of query. Try another -Model.",
                Statuses.NotAuthorized => "The peer does not allow this AE title to query. Ask its administrator.",
                _ when _level is QueryLevel.Series or QueryLevel.Image =>
                    "Many peers want the unique keys above the level: StudyInstanceUID for series, and SeriesInstanceUID as well for "
                    + "instances; PatientID too in Patient Root. Pipe the results of the level above.",
                _ => "Use fewer keys, another -Model, or -Verbose to see what was sent; the peer's log says more.",
            });
    }
}
