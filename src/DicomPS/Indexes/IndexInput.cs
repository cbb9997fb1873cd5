using System.Management.Automation;
using DicomPS.Archiving.Index;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Querying;

namespace DicomPS.Indexes;

/// <summary>Something from the pipeline on its way into an index.</summary>
/// <param name="Entry">What the index takes.</param>
internal sealed record IndexInput(IndexEntry Entry)
{
    /// <summary>The level of the index for one of a query.</summary>
    public static QueryLevel LevelOf(QueryLevel level) => level switch
    {
        QueryLevel.Patient => QueryLevel.Patient,
        QueryLevel.Study => QueryLevel.Study,
        QueryLevel.Series => QueryLevel.Series,
        QueryLevel.Image => QueryLevel.Image,
        _ => throw new ArgumentException("An index holds no worklist."),
    };

    /// <summary>An answer of a Find cmdlet.</summary>
    /// <exception cref="DicomException">It lacks what the index needs.</exception>
    public static IndexInput From(QueryResult result)
    {
        var answer = result.GetDataset() is { } returned ? new DicomDataset(returned) { Text = returned.Text } : [];
        var (level, patient, study, series) = result switch
        {
            Patient => (QueryLevel.Patient, null, null, null),
            Study => (QueryLevel.Study, null, null, null),
            Series found => (QueryLevel.Series, found.PatientID, found.StudyInstanceUID, null),
            Instance found => (QueryLevel.Image, found.PatientID, found.StudyInstanceUID, found.SeriesInstanceUID),
            _ =>
                throw new DicomException($"An object of the type {result.GetType().Name} cannot be put into an index.")
                {
                    Advice =
                    "Patients, studies, series, instances and files can."
                },
        };
        Complete(answer, Dictionary.Tags.PatientID, patient);
        Complete(answer, Dictionary.Tags.StudyInstanceUID, study);
        Complete(answer, Dictionary.Tags.SeriesInstanceUID, series);
        return new IndexInput(IndexEntry.ForAnswer(level, answer, result.Node?.Address));
    }

    /// <summary>A row of a Find cmdlet that went through a file.</summary>
    /// <param name="row">The row.</param>
    /// <param name="level">What it is of.</param>
    /// <exception cref="DicomException">It lacks what the index needs, or has what cannot be understood.</exception>
    public static IndexInput From(PSObject row, QueryLevel level) =>
        new(IndexEntry.ForAnswer(LevelOf(level), IndexRows.AnswerOf(row, level), SourceOf(row.Properties["Node"]?.Value)));

    // The address, as for a live answer; where the name is registered here no more, it was a name.
    private static string? SourceOf(object? node)
    {
        if (node is null or "")
            return null;
        try
        {
            return NodeArgument.Resolve(node).Address;
        }
        catch (DicomException)
        {
            return $"{node}";
        }
    }

    /// <summary>A file, of which the head is read.</summary>
    /// <exception cref="DicomException">It is no DICOM file, or lacks what the index needs.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IndexInput From(string path, string? source)
    {
        var probed = DicomFileProbe.Read(path, IndexEntry.StopAt, IndexEntry.IsWanted);
        var header = probed.Header;
        // Where the dataset does not repeat what the file's meta information says.
        Complete(header, Dictionary.Tags.SOPClassUID, probed.SopClassUid);
        Complete(header, Dictionary.Tags.SOPInstanceUID, probed.SopInstanceUid);
        var info = new FileInfo(path);
        var file = new IndexedFile(info.FullName, info.Length, info.LastWriteTimeUtc, probed.TransferSyntax.Uid);
        return new IndexInput(IndexEntry.ForInstance(header, file, source));
    }

    private static void Complete(DicomDataset dataset, DicomTag tag, string? value)
    {
        if (value is not null && dataset.GetText(tag) is null)
            dataset.Set(tag, Dictionary.DicomDictionary.VrOf(tag), value);
    }
}
