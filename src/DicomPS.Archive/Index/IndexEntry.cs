using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Index;

/// <summary>The file of an instance.</summary>
/// <param name="Path">The full path, or a path relative to whatever the index belongs to.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="LastWriteTimeUtc">When it was last written.</param>
/// <param name="TransferSyntaxUid">How its dataset is spelt.</param>
public sealed record IndexedFile(string Path, long Size, DateTime LastWriteTimeUtc, string? TransferSyntaxUid);

/// <summary>
/// Something to be put into an index: the header of an instance, or an answer to a query. It keeps nothing of the dataset that it was
/// made of.
/// </summary>
public sealed class IndexEntry
{
    private IndexEntry(QueryLevel level, bool isAnswer, IndexRow?[] rows, IndexedFile? file, string? source)
    {
        Level = level;
        IsAnswer = isAnswer;
        Rows = rows;
        File = file;
        Source = source;
    }

    /// <summary>Headers need to be read up to this tag and no further.</summary>
    public static DicomTag StopAt => IndexAttributes.StopAt;

    /// <summary>
    /// Whether an element of the outermost level may be needed: sequences that the index does not keep, and what is private, are not.
    /// </summary>
    /// <param name="tag">The tag.</param>
    public static bool IsWanted(DicomTag tag) =>
        DicomDictionary.VrOf(tag) is var vr and not Vr.None && (vr != Vr.SQ || IndexAttributes.Has(tag));

    /// <summary>Whether an element of the outermost level is all or part of what the index takes from a header.</summary>
    /// <param name="tag">The tag.</param>
    public static bool IsIndexed(DicomTag tag) => Indexed.Contains(tag);

    private static HashSet<DicomTag> Indexed { get; } = [Tags.SpecificCharacterSet, .. IndexAttributes.Carried];

    /// <summary>What it is about.</summary>
    public QueryLevel Level { get; }

    /// <summary>The instance's file, or null.</summary>
    public IndexedFile? File { get; }

    /// <summary>The node or AE title that it came from, or null.</summary>
    public string? Source { get; }

    /// <summary>
    /// Whether it is an answer of a peer, which may leave out what it was not asked for. What an instance does not say, it has not.
    /// </summary>
    internal bool IsAnswer { get; }

    /// <summary>A row for each level down to <see cref="Level"/>; none for a patient of whom nothing is said.</summary>
    internal IndexRow?[] Rows { get; }

    /// <summary>The same of another file.</summary>
    internal IndexEntry In(IndexedFile file) => new(Level, IsAnswer, Rows, file, Source);

    /// <summary>An instance.</summary>
    /// <param name="header">Its elements, at least up to <see cref="StopAt"/>.</param>
    /// <param name="file">Its file, or null when it has none here.</param>
    /// <param name="source">The node or AE title that it came from.</param>
    /// <exception cref="DicomException">The header lacks a UID of its study, its series or itself.</exception>
    public static IndexEntry ForInstance(DicomDataset header, IndexedFile? file = null, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(header);
        return Create(QueryLevel.Image, header, isAnswer: false, file, source);
    }

    /// <summary>An answer to a query, which may also say what no instance carries, such as numbers and availability.</summary>
    /// <param name="level">The level of the query.</param>
    /// <param name="answer">The identifier of the answer, with the unique keys of the levels above it that were asked for.</param>
    /// <param name="source">The node that answered.</param>
    /// <exception cref="DicomException">The answer lacks a UID of its level or one above.</exception>
    public static IndexEntry ForAnswer(QueryLevel level, DicomDataset answer, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Create(level, answer, isAnswer: true, null, source);
    }

    private static IndexEntry Create(QueryLevel level, DicomDataset dataset, bool isAnswer, IndexedFile? file, string? source)
    {
        var rows = new IndexRow?[(int)level + 1];
        for (var at = QueryLevel.Patient; at <= level; at++)
            rows[(int)at] = IndexRow.Of(at, dataset, withTold: isAnswer && at == level);
        Require(QueryLevel.Study, Tags.StudyInstanceUID);
        Require(QueryLevel.Series, Tags.SeriesInstanceUID);
        Require(QueryLevel.Image, Tags.SOPInstanceUID);
        if (rows[0] is { PatientID: null, PatientName: null })
            rows[0] = level == QueryLevel.Patient ? throw Incomplete("PatientID") : null;
        return new IndexEntry(level, isAnswer, rows, file, source);

        void Require(QueryLevel at, DicomTag uid)
        {
            if (at <= level && rows[(int)at]!.Uid is null)
                throw Incomplete(DicomDictionary.KeywordOf(uid));
        }

        DicomException Incomplete(string keyword) => new(
            $"What has no {keyword} cannot be put into an index{(file is null ? "" : $": {file.Path}")}.")
        {
            Stage = DicomStage.File,
            Advice = isAnswer ? $"Let the query return {keyword}, or name it as a key." : null,
        };
    }
}

/// <summary>Sequences as the index keeps them: a dataset with this one element, and its character set, in explicit little endian.</summary>
internal static class StoredItems
{
    public static byte[]? Of(DicomDataset dataset, DicomTag tag)
    {
        if (dataset.Find(tag) is not DicomSequence { Items.Count: > 0 } sequence)
            return null;
        var alone = new DicomDataset { Text = dataset.Text };
        if (dataset.Find(Tags.SpecificCharacterSet) is { } set)
            alone.Add(set);
        alone.Add(sequence);
        try
        {
            return DatasetWriter.ToArray(alone, TransferSyntax.ExplicitVRLittleEndian);
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException or IOException or DicomDataException)
        {
            // An item that cannot be written, such as one whose value is left in a file that is gone: the rest of the header is worth
            // having.
            return null;
        }
    }

    public static IReadOnlyList<DicomDataset> Read(byte[] stored, DicomTag tag) =>
        DatasetReader.Read(stored, TransferSyntax.ExplicitVRLittleEndian).GetItems(tag);
}
