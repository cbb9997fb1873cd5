using DicomPS.Data;

namespace DicomPS.Json;

/// <summary>How much is read from JSON, and what becomes of references.</summary>
public sealed record JsonDatasetReaderOptions
{
    private readonly int _maxDepth = 100;

    /// <summary>The options that apply when none are given.</summary>
    public static JsonDatasetReaderOptions Default { get; } = new();

    /// <summary>How deep sequences may be nested, 1 to 200; 100 unless told. More is an error of the data.</summary>
    public int MaxDepth
    {
        get => _maxDepth;
        init => _maxDepth = value is >= 1 and <= 200
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The depth is 1 to 200.");
    }

    /// <summary>
    /// Gives the bytes of a BulkDataURI, or null to leave the element out. None are followed unless told:
    /// a text from elsewhere must not name a file that is then read and sent on.
    /// </summary>
    public Func<DicomTag, string, DicomBytes?>? BulkData { get; init; }

    /// <summary>Hears of each element that was left out because its BulkDataURI was not followed.</summary>
    public Action<DicomTag, string>? OnOmitted { get; init; }
}
