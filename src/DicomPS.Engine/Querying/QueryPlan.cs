using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Querying;

/// <summary>Turns a request into the pieces that are asked one by one, and a piece that is too large into smaller ones.</summary>
internal static class QueryPlan
{
    /// <summary>How many UIDs go into one list: 100 of the longest stay far below the 64 KiB that UI can have.</summary>
    public const int LongestList = 100;

    // How many characters at the end of a Patient ID tell pieces apart: numbers that are counted up differ there.
    private const int LongestEnd = 3;

    private static readonly string[] Ends =
        [.. "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".Select(letter => letter.ToString())];

    /// <summary>Checks a request before anything is sent.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="ArgumentException">Something in it does not go together; the message says what.</exception>
    public static void Check(QueryRequest request)
    {
        if (request.TellsTargets && request.Targets.Count == 0 && request.Windows is null)
            throw new ArgumentException("There are no targets to be told of.", nameof(request));
        var hasWindow = request.After is not null || request.Before is not null || request.Windows is not null;
        if (request.Level == QueryLevel.Object != request.Object is not null)
            throw new ArgumentException("The level Object needs the model of a service, and only it has one.", nameof(request));
        if (request.After >= request.Before)
            throw new ArgumentException(FormattableString.Invariant(
                $"Nothing lies after {request.After:yyyy-MM-dd HH:mm:ss} and before {request.Before:yyyy-MM-dd HH:mm:ss}."),
                nameof(request));
        if (QueryKeys.TimeOf(request.Level) is not { } time)
        {
            if (hasWindow || request.Split != QuerySplit.None)
                throw new ArgumentException("Patients have no date: a range of time needs studies, series, instances or a worklist.",
                    nameof(request));
            return;
        }

        if (FindKey(request, time.Date) && (hasWindow || request.Split != QuerySplit.None))
            throw new ArgumentException(
                $"{DicomDictionary.KeywordOf(time.Date)} is given as a key and as a range of time, or the query is to be cut along it. "
                + "Give it once, as a range.", nameof(request));
        if (FindKey(request, time.Time) && !new QueryWindow(request.After, request.Before).IsWholeDays)
            throw new ArgumentException(
                $"{DicomDictionary.KeywordOf(time.Time)} is given as a key, and the range of time does not begin and end at midnight. "
                + "Give the time once.", nameof(request));
        if (request.Split is QuerySplit.Day or QuerySplit.Week or QuerySplit.Month && request.After is null)
            throw new ArgumentException("Cutting a query into days, weeks or months needs its first day.", nameof(request));
    }

    /// <summary>The pieces of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="today">The day on which it is asked.</param>
    public static IEnumerable<QueryPiece> Pieces(QueryRequest request, DateTime today)
    {
        var whole = new QueryWindow(request.After, request.Before);
        var windows = request.Split is QuerySplit.Day or QuerySplit.Week or QuerySplit.Month ? whole.Cut(request.Split, today) : [whole];
        string?[] times = [null];
        if (QueryKeys.TimeOf(request.Level) is { } time && TimesOver(request, time.Time) is { } over)
            times = over;
        if (request.Windows is { } told)
        {
            return from row in Enumerable.Range(0, told.Count)
                   from at in times
                   select new QueryPiece(null, told[row], at, null) { Row = row };
        }

        // Who is told of each target is told sooner when its windows come one after the other.
        if (request.TellsTargets)
        {
            return from row in Enumerable.Range(0, request.Targets.Count)
                   from target in Expand(request.Targets[row], request.Level, LongestList)
                   from window in windows
                   from at in times
                   select new QueryPiece(target, window, at, null) { Row = row };
        }

        IReadOnlyList<DicomDataset?> targets = request.Targets.Count == 0 ? [null]
            : [.. request.Targets.SelectMany(target => Expand(target, request.Level, LongestList))];
        return from window in windows from target in targets from at in times select new QueryPiece(target, window, at, null);
    }

    /// <summary>A piece for each UID of the list, or an empty list when it has none.</summary>
    public static IReadOnlyList<QueryPiece> OneByOne(QueryPiece piece, QueryLevel level) =>
        ListLength(piece, level) > 1 ? [.. Expand(piece.Target!, level, 1).Select(target => piece with { Target = target })] : [];

    /// <summary>How many UIDs of its own level a piece lists.</summary>
    public static int ListLength(QueryPiece piece, QueryLevel level) =>
        piece.Target is { } target && target.Find(QueryLevels.UniqueKeyOf(level)) is { Vr: Vr.UI }
            ? target.GetStrings(QueryLevels.UniqueKeyOf(level)).Length : 0;

    /// <summary>Smaller pieces that together ask the same; empty when there are none.</summary>
    /// <param name="piece">The piece whose answer looks cut short.</param>
    /// <param name="request">The request.</param>
    /// <param name="today">The day on which it is asked.</param>
    /// <param name="heedsTime">Whether the peer narrows by time of day.</param>
    public static IReadOnlyList<QueryPiece> Smaller(QueryPiece piece, QueryRequest request, DateTime today, bool heedsTime)
    {
        if (QueryKeys.TimeOf(request.Level) is not { } time)
            return [];
        var toHours = heedsTime && piece.TimeKey is null && !FindKey(request, time.Time);
        // What has no date is in no half.
        var isWhole = request.Windows is not null && piece.Window.IsUnlimited;
        if (!isWhole && piece.Window.Halve(today, toHours) is { Count: > 0 } halves)
            return [.. halves.Select(half => piece with { Window = half })];
        return ByModality(piece, request);
    }

    /// <summary>As <see cref="Smaller"/>, for who is told of each window, from one way of dividing on.</summary>
    /// <param name="piece">The piece whose answer looks cut short.</param>
    /// <param name="request">The request.</param>
    /// <param name="today">The day on which it is asked.</param>
    /// <param name="heedsTime">Whether the peer narrows by time of day.</param>
    /// <param name="stage">The first way that is tried; set to the one that is taken.</param>
    public static IReadOnlyList<QueryPiece> Apart(
        QueryPiece piece, QueryRequest request, DateTime today, bool heedsTime, ref CutStage stage)
    {
        // Modality and patient are keys beside the window: what is divided by them is not divided by time any more.
        if (stage == CutStage.Time && piece is { Modality: null, PatientEnd: null }
            && Smaller(piece, request, today, heedsTime) is { Count: > 0 } parts && parts[0].Modality is null)
        {
            return parts;
        }

        if (stage <= CutStage.Modality && piece.PatientEnd is null && ByModality(piece, request) is { Count: > 0 } modalities)
        {
            stage = CutStage.Modality;
            return modalities;
        }

        if (stage > CutStage.Patient)
            return [];
        stage = CutStage.Patient;
        return piece.PatientEnd is { Length: >= LongestEnd } || FindKey(request, Tags.PatientID) ? []
            : [.. Ends.Select(letter => piece with { PatientEnd = letter + piece.PatientEnd })];
    }

    private static IReadOnlyList<QueryPiece> ByModality(QueryPiece piece, QueryRequest request) =>
        piece.Modality is null && QueryKeys.ModalityOf(request.Level) is { } modality && !FindKey(request, modality)
            ? [.. QueryKeys.Modalities.Select(name => piece with { Modality = name })]
            : [];

    /// <summary>Whether a key has a value, here, in the targets, or in the scheduled step.</summary>
    private static bool FindKey(QueryRequest request, DicomTag tag) =>
        HasValue(request.Keys, tag) || request.Targets.Any(target => HasValue(target, tag))
        || request.Keys.GetItems(Tags.ScheduledProcedureStepSequence).Any(step => HasValue(step, tag));

    private static bool HasValue(DicomDataset keys, DicomTag tag) => keys.GetText(tag) is { Length: > 0 } and not "*";

    // A night from 22:00 to 06:00 has its end before its start, which no peer understands: it is two stretches of a day.
    private static string[]? TimesOver(QueryRequest request, DicomTag tag)
    {
        var text = request.Keys.GetText(tag) ?? request.Keys.GetItems(Tags.ScheduledProcedureStepSequence).FirstOrDefault()?.GetText(tag);
        return DicomTimeRange.TryParse(text, out var range) && range.From > range.To
            ? [new DicomTimeRange(range.From, null).ToString(), new DicomTimeRange(null, range.To).ToString()]
            : null;
    }

    /// <summary>
    /// Targets in which each key has one value, but for a list of UIDs of the level that is asked for: above it, a query
    /// that is not relational takes one value only (PS3.4 C.4.1.2.2.1), and other keys know no lists.
    /// </summary>
    private static IEnumerable<DicomDataset> Expand(DicomDataset target, QueryLevel level, int longest)
    {
        IEnumerable<DicomDataset> all = [new DicomDataset()];
        foreach (var element in target)
        {
            var values = element is DicomValue ? target.GetStrings(element.Tag) : [];
            var take = element.Tag == QueryLevels.UniqueKeyOf(level) && element.Vr == Vr.UI ? longest : 1;
            if (values.Length <= take)
            {
                all = all.Select(one => With(one, QueryIdentifier.Copy(element)));
                continue;
            }

            var parts = new List<DicomElement>();
            for (var i = 0; i < values.Length; i += take)
                parts.Add(DicomValue.Create(element.Tag, element.Vr, values.Skip(i).Take(take).ToArray()));
            all = all.SelectMany(one => parts.Select(part => With(one, part)));
        }

        return all;
    }

    private static DicomDataset With(DicomDataset dataset, DicomElement element) => new(dataset.Append(element));
}
