using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Text;

namespace DicomPS.Querying;

/// <summary>What a piece of a query asks, in the words of one peer.</summary>
/// <param name="Model">The information model that was accepted.</param>
/// <param name="WireLevel">The level that is asked at; the study's for patients where only Study Root is accepted.</param>
/// <param name="IsRelational">Whether the peer agreed to relational queries.</param>
/// <param name="OnlyRequired">Whether the optional return keys are left out.</param>
/// <param name="CharacterSet">The node's own character set, or null.</param>
internal sealed record QueryDialect(InformationModel Model, QueryLevel WireLevel, bool IsRelational, bool OnlyRequired,
    SpecificCharacterSet? CharacterSet)
{
    /// <summary>The zone that the peer agreed to; null for none.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The view that the peer agreed to; null for none.</summary>
    public string? View { get; init; }

    /// <summary>Whether each answer is to say its place among all (PS3.4 C.6.4.1.1).</summary>
    public bool IsRepository { get; init; }
}

/// <summary>Makes the identifiers of C-FIND requests (PS3.4 C.4.1.1.3, K.4.1.1.3).</summary>
internal static class QueryIdentifier
{
    /// <summary>Makes an identifier.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="piece">Which part of it.</param>
    /// <param name="dialect">How this peer wants it.</param>
    /// <exception cref="ArgumentException">A text cannot be written in the character set that the request declares.</exception>
    public static DicomDataset Build(QueryRequest request, QueryPiece piece, QueryDialect dialect)
    {
        var identifier = new DicomDataset();
        var step = request.Level == QueryLevel.Worklist ? new DicomDataset() : null;
        AddReturned(identifier, step, request, dialect);
        if (dialect.WireLevel < QueryLevel.Worklist)
            identifier.Set(Tags.QueryRetrieveLevel, QueryLevels.TextOf(dialect.WireLevel));
        Merge(identifier, step, request.Keys);
        if (piece.Target is { } target)
            Merge(identifier, step, target);
        if (!KnowsPatient(piece, dialect))
            identifier.Remove(Tags.PatientID);

        var own = step ?? identifier;
        if (QueryKeys.TimeOf(dialect.WireLevel) is { } time)
        {
            if (!piece.Window.IsUnlimited)
                own.Set(time.Date, piece.Window.DateText);
            if ((piece.TimeKey ?? piece.Window.TimeText) is { } text)
                own.Set(time.Time, text);
        }

        if (piece.Modality is { } modality && QueryKeys.ModalityOf(dialect.WireLevel) is { } tag)
            own.Set(tag, modality);
        if (piece.PatientEnd is { } end)
            identifier.Set(Tags.PatientID, $"*{end}");
        // Both may be there only where they were agreed to (PS3.4 C.4.1.1.3): elsewhere they would be keys to match.
        if (dialect.TimeZone is { } zone)
            identifier.Set(Tags.TimezoneOffsetFromUTC, zone);
        if (dialect.View is { } view)
            identifier.Set(Tags.QueryRetrieveView, view);
        if (dialect.IsRepository)
            AddEmpty(identifier, Tags.RecordKey);
        if (step is not null)
            identifier.SetSequence(Tags.ScheduledProcedureStepSequence, step);
        DeclareCharacterSet(identifier, dialect.CharacterSet);
        return identifier;
    }

    /// <summary>The keys that have a value, with it, and how many others are to be returned.</summary>
    /// <param name="identifier">An identifier.</param>
    public static string Describe(DicomDataset identifier)
    {
        var text = new StringBuilder();
        var returned = new List<string>();
        Describe(identifier, text, returned);
        return returned.Count == 0 ? text.ToString() : $"{text}; to return: {string.Join(", ", returned)}";
    }

    /// <summary>The same keys in a dataset of their own, so that several identifiers can hold them at once.</summary>
    internal static DicomElement Copy(DicomElement element) => element is DicomSequence sequence
        ? new DicomSequence(sequence.Tag, [.. sequence.Items.Select(item => new DicomDataset(item.Select(Copy)))])
        : element;

    private static void AddReturned(DicomDataset identifier, DicomDataset? step, QueryRequest request, QueryDialect dialect)
    {
        foreach (var tag in dialect.OnlyRequired ? QueryKeys.Required(request) : QueryKeys.Returned(request))
        {
            // Below the patient, Patient Root knows nothing of the patient but the unique key (PS3.4 C.4.1.2.2.1).
            if (IsOfLevel(tag, request.Level, dialect))
                AddEmpty(identifier, tag);
        }

        foreach (var tag in step is null ? [] : dialect.OnlyRequired ? QueryKeys.StepRequired : QueryKeys.StepReturned)
            AddEmpty(step!, tag);

        if (dialect.WireLevel is >= QueryLevel.Study and not QueryLevel.Object
            && dialect.Model != InformationModel.StudyRoot && step is null)
            AddEmpty(identifier, Tags.PatientID);
        if (dialect.WireLevel is >= QueryLevel.Study and <= QueryLevel.Image)
            AddEmpty(identifier, Tags.StudyInstanceUID);
        if (dialect.WireLevel == QueryLevel.Image)
            AddEmpty(identifier, Tags.SeriesInstanceUID);
        foreach (var tag in dialect.OnlyRequired ? [] : request.ReturnKeys)
            AddEmpty(step is not null && WorklistKeys.IsOfStep(tag) ? step : identifier, tag);
    }

    private static bool IsOfLevel(DicomTag tag, QueryLevel level, QueryDialect dialect) =>
        level != QueryLevel.Study || dialect.Model == InformationModel.StudyRoot || dialect.IsRelational || tag.Group != 0x0010;

    // In Study Root the patient is an attribute of the study, so that series and instances cannot be asked for by it
    // (PS3.4 C.4.1.2.2.1). A row of an earlier result has it all the same.
    private static bool KnowsPatient(QueryPiece piece, QueryDialect dialect) =>
        dialect.IsRelational || dialect.Model != InformationModel.StudyRoot
        || dialect.WireLevel is not (QueryLevel.Series or QueryLevel.Image)
        || piece.Target?.GetText(Tags.StudyInstanceUID) is null;

    private static void AddEmpty(DicomDataset dataset, DicomTag tag)
    {
        if (dataset.Contains(tag))
            return;
        var vr = DicomDictionary.VrOf(tag);
        if (vr == Vr.SQ)
            dataset.SetSequence(tag);
        else if (vr == Vr.None)
            dataset.Set(tag, Vr.UN, ReadOnlyMemory<byte>.Empty);
        else
            dataset.Set(tag, vr, ReadOnlyMemory<byte>.Empty);
    }

    private static void Merge(DicomDataset identifier, DicomDataset? step, DicomDataset keys)
    {
        foreach (var element in keys)
        {
            if (step is not null && element is DicomSequence { Items: [var item] } && element.Tag == Tags.ScheduledProcedureStepSequence)
                Merge(step, null, item);
            else if (step is not null && WorklistKeys.IsOfStep(element.Tag))
                step.Add(Copy(element));
            else
                identifier.Add(Copy(element));
        }
    }

    /// <summary>The node's own set when it holds the texts, otherwise UTF-8. Without text of either kind it is only asked for.</summary>
    private static void DeclareCharacterSet(DicomDataset identifier, SpecificCharacterSet? preferred)
    {
        if (identifier.GetStrings(Tags.SpecificCharacterSet) is { Length: > 0 } chosen)
        {
            identifier.SetCharacterSet(chosen);
            return;
        }

        var texts = new StringBuilder();
        CollectTexts(identifier, texts);
        var text = texts.ToString();
        var set = text.All(c => c < 0x80) && preferred is null
            ? SpecificCharacterSet.Ascii
            : SpecificCharacterSet.ForText(text, preferred);
        identifier.Text = set;
        identifier.Set(Tags.SpecificCharacterSet, set.Terms);
    }

    private static void CollectTexts(DicomDataset dataset, StringBuilder texts)
    {
        foreach (var element in dataset)
        {
            if (element is DicomSequence sequence)
            {
                foreach (var item in sequence.Items)
                    CollectTexts(item, texts);
            }
            else if (element.Vr.IsText())
            {
                texts.Append(dataset.GetText(element.Tag));
            }
        }
    }

    private static void Describe(DicomDataset dataset, StringBuilder text, List<string> returned)
    {
        foreach (var element in dataset)
        {
            var name = DicomDictionary.KeywordOf(element.Tag);
            if (element is DicomSequence { Items: [var item] })
            {
                var inner = new StringBuilder();
                var innerReturned = new List<string>();
                Describe(item, inner, innerReturned);
                Separate(text).Append(name).Append('(').Append(inner).Append(')');
                returned.AddRange(innerReturned);
            }
            else if (dataset.GetText(element.Tag) is { } value)
            {
                Separate(text).Append(name).Append('=').Append(value);
            }
            else
            {
                returned.Add(name);
            }
        }
    }

    private static StringBuilder Separate(StringBuilder text) => text.Length > 0 ? text.Append(", ") : text;
}
