using DicomPS.Data;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>Reads attributes that the index does not hold from the file of an instance; null when the file cannot be read.</summary>
/// <param name="path">The file, as it stands in the index.</param>
/// <param name="tags">What is wanted.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task<DicomDataset?> AttributeReader(string path, IReadOnlyList<DicomTag> tags, CancellationToken cancellationToken);

/// <summary>A match of a query.</summary>
/// <param name="Answer">Every key of the identifier, empty where nothing is known, and Query/Retrieve Level (0008,0052).</param>
/// <param name="Source">The node or AE title that it came from last, or null.</param>
/// <param name="File">The file of an instance, or null; of anything above, one that stands for all, when the query reads what the index
/// lacks.</param>
public sealed record IndexMatch(DicomDataset Answer, string? Source, string? File)
{
    /// <summary>When it came in first, in UTC.</summary>
    public DateTime? FirstSeen { get; init; }

    /// <summary>When it came in last, in UTC.</summary>
    public DateTime? LastSeen { get; init; }

    /// <summary>That it was retrieved; null when it was not, or <see cref="IndexQuery.WithMarks"/> does not ask.</summary>
    public RetrieveMark? Mark { get; init; }
}

/// <summary>A query to an index.</summary>
public sealed record IndexQuery
{
    /// <summary>What is asked for.</summary>
    public required QueryLevel Level { get; init; }

    /// <summary>The keys: those with a value are matched, and all of them are returned.</summary>
    public required DicomDataset Identifier { get; init; }

    /// <summary>
    /// Whether keys of levels below the one asked for count too: something below has to match them (PS3.4 C.4.1.2.2.2). Otherwise they
    /// match everything.
    /// </summary>
    public bool Relational { get; init; }

    /// <summary>Whether each study and series comes with the mark of its retrieve. Default false.</summary>
    public bool WithMarks { get; init; }

    /// <summary>What was agreed on beside the rules that always hold.</summary>
    public MatchOptions Match { get; init; } = MatchOptions.Default;

    /// <summary>Retrieve AE Title (0008,0054) where the index knows none; null to leave it empty.</summary>
    public string? RetrieveAETitle { get; init; }

    /// <summary>Instance Availability (0008,0056) where the index knows none; null to leave it empty.</summary>
    public string? Availability { get; init; }

    /// <summary>
    /// Reads what the index lacks; null to match such keys with everything and to return them empty. Above the level of
    /// instances, one file stands for all.
    /// </summary>
    public AttributeReader? ReadMissing { get; init; }
}
