using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>How much is read, and what is put up with.</summary>
public sealed record DatasetReaderOptions
{
    /// <summary>The most elements of a header that is read to send or to index a file.</summary>
    internal const int MostProbedElements = 250_000;

    private readonly int _maxDepth = 100;

    /// <summary>The options that apply when none are given.</summary>
    public static DatasetReaderOptions Default { get; } = new();

    /// <summary>
    /// Reading stops before the first element of the outermost level whose tag is this or a later one; null reads to the end.
    /// </summary>
    public DicomTag? StopAt { get; init; }

    /// <summary>How deep sequences may be nested, 1 to 1,000; 100 unless told. More is an error of the data.</summary>
    public int MaxDepth
    {
        get => _maxDepth;
        init => _maxDepth = value is >= 1 and <= 1000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The depth is 1 to 1,000.");
    }

    /// <summary>
    /// A longer value, in bytes, stays in the file and is referred to; 64 KiB unless told. It applies when a file is read.
    /// </summary>
    public long LargeValueThreshold { get; init; } = 64 * 1024;

    /// <summary>The most bytes that a deflated dataset may inflate to; 512 MiB unless told. More is an error of the data.</summary>
    public long MaxInflatedLength { get; init; } = 512L * 1024 * 1024;

    /// <summary>
    /// The most elements that are read, those inside sequences too; two million unless told. More is an error of the data.
    /// </summary>
    public int MaxElements { get; init; } = 2_000_000;

    /// <summary>Which elements of the outermost level are wanted; others are stepped over, whatever they hold. Null wants all.</summary>
    public Func<DicomTag, bool>? Wanted { get; init; }

    /// <summary>Told of the memory that a dataset takes as it is read, roughly; what it throws ends the reading.</summary>
    internal Action<int>? Charge { get; init; }

    /// <summary>What is thrown at one element more than <see cref="MaxElements"/>; null for an error of the data.</summary>
    internal Func<Exception>? TooManyElements { get; init; }

    /// <summary>Whether input that ends too early gives the elements that were whole, instead of an error.</summary>
    public bool AllowTruncated { get; init; }

    /// <summary>The character set of a dataset that names none in (0008,0005).</summary>
    public TextCodec FallbackText { get; init; } = TextCodec.Default;
}
