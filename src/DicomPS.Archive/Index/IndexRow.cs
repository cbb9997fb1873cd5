using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Index;

/// <summary>What a dataset says for the columns of one table.</summary>
internal sealed class IndexRow
{
    private IndexRow(object?[] values, bool isOdd, string? uid)
    {
        Values = values;
        IsOdd = isOdd;
        Uid = uid;
    }

    /// <summary>A value for each of <see cref="ColumnsOf"/>.</summary>
    public object?[] Values { get; }

    /// <summary>Whether a value that should be single has several, or a name several component groups.</summary>
    public bool IsOdd { get; }

    /// <summary>The unique key of the level; not the patient's, which may be missing.</summary>
    public string? Uid { get; }

    /// <summary>Patient ID, in rows of patients.</summary>
    public string? PatientID { get; private init; }

    /// <summary>Issuer of Patient ID, in rows of patients.</summary>
    public string? Issuer { get; private init; }

    /// <summary>Patient's Name as it is compared, in rows of patients.</summary>
    public string? PatientName { get; private init; }

    /// <summary>The columns of a level's table that come from the dataset, in the order of <see cref="Values"/>.</summary>
    public static IReadOnlyList<string> ColumnsOf(QueryLevel level) => AllColumns[(int)level];

    /// <summary>What they hold.</summary>
    public static IReadOnlyList<ColumnKind> KindsOf(QueryLevel level) => AllKinds[(int)level];

    private static ColumnKind[][] AllKinds { get; } = [.. Enumerable.Range(0, 4).Select(level =>
        IndexAttributes.Of((QueryLevel)level).SelectMany(a => a.Columns.Select(a.KindOf)).ToArray())];

    private static string[][] AllColumns { get; } = [
        .. Enumerable.Range(0, 4).Select(level => IndexAttributes.Of((QueryLevel)level).SelectMany(a => a.Columns).ToArray())];

    public bool SaysTheSameAs(IndexRow other)
    {
        for (var i = 0; i < Values.Length; i++)
        {
            if (!Equals(Values[i], other.Values[i])
                && !(Values[i] is byte[] a && other.Values[i] is byte[] b && a.AsSpan().SequenceEqual(b)))
                return false;
        }

        return IsOdd == other.IsOdd;
    }

    public static IndexRow Of(QueryLevel level, DicomDataset dataset, bool withTold)
    {
        var values = new object?[AllColumns[(int)level].Length];
        var isOdd = false;
        string? uid = null, patientId = null, issuer = null, patientName = null;
        var at = 0;
        foreach (var attribute in IndexAttributes.Of(level))
        {
            var isSaid = withTold || !attribute.IsTold;
            if (attribute.Vr == Vr.SQ)
            {
                values[at++] = isSaid ? StoredItems.Of(dataset, attribute.Tag) : null;
                continue;
            }

            // As every database keeps it, so that what is there is found again.
            var text = isSaid ? StoreText.Clean(MatchText.Of(dataset, attribute.Tag, attribute.Vr)) : null;
            values[at++] = text;
            var key = text is null || attribute.KeyColumn is null ? null
                : attribute.Vr == Vr.PN ? NameText.Normalize(text)
                : (object?)Moments.Of(attribute.Vr, text);
            if (attribute.KeyColumn is { })
                values[at++] = key;
            if (attribute.SoundColumn is { })
                values[at++] = text is null ? null : NameText.Sounds(text);
            if (text is null)
                continue;
            // SQL compares what is stored; what is not composed is left to the matcher. Names have a column of their own.
            isOdd |= attribute.Vr != Vr.PN && !MatchText.IsPlain(text);
            isOdd |= !attribute.HasMany && attribute.Vr.IsMultiValued()
                && (text.IndexOf('\\') >= 0 || (attribute.Vr == Vr.PN && ((string)key!).IndexOf('=') >= 0));
            if (attribute.Tag == QueryLevels.UniqueKeyOf(level))
                uid = text;
            if (attribute.Tag == Tags.PatientID)
                patientId = text;
            else if (attribute.Tag == Tags.IssuerOfPatientID)
                issuer = text;
            else if (attribute.Tag == Tags.PatientName)
                patientName = (string?)key;
        }

        return new IndexRow(values, isOdd, uid) { PatientID = patientId, Issuer = issuer, PatientName = patientName };
    }
}
