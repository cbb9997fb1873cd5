using DicomPS.Archiving.Index;
using DicomPS.Data;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Storage;

/// <summary>Reads attributes that an index lacks from the files that it knows.</summary>
public static class FileAttributeReader
{
    /// <summary>Reads a file as far as the attributes need it: an <see cref="AttributeReader"/> for full paths.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tags">What is wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The file's elements; null when it is gone or cannot be read.</returns>
    public static async Task<DicomDataset?> ReadAsync(string path, IReadOnlyList<DicomTag> tags, CancellationToken cancellationToken)
    {
        var options = new DatasetReaderOptions { StopAt = new DicomTag(tags.Max(tag => tag.Value) + 1) };
        try
        {
            return (await DicomFile.OpenAsync(path, options, cancellationToken).ConfigureAwait(false)).Dataset;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or DicomDataException)
        {
            return null;
        }
    }
}
