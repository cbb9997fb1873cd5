using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Text;

namespace DicomPS.Json;

/// <summary>
/// Reads the DICOM JSON model (PS3.18 F). Lenient with what services get wrong (a VR that is missing, names as plain text, a value
/// without its array, keywords for tags), bounded in depth, and never following a reference unless told.
/// </summary>
public static class JsonDatasetReader
{
    /// <summary>Reads one dataset; an array of one will do.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="options">How much is read, and what becomes of references.</param>
    /// <exception cref="DicomJsonException">The text is no JSON, is no dataset, or holds none or several.</exception>
    public static DicomDataset Read(string json, JsonDatasetReaderOptions? options = null)
    {
        var all = ReadAll(json, options).Take(2).ToList();
        return all.Count == 1
            ? all[0]
            : throw new DicomJsonException(all.Count == 0 ? "The input holds no dataset" : "The input holds more than one dataset",
                1, 1, null);
    }

    /// <summary>Reads the datasets of a text one after the other: objects, arrays of objects, and several of them in a row.</summary>
    /// <param name="json">The text.</param>
    /// <param name="options">How much is read, and what becomes of references.</param>
    /// <returns>The datasets; an error comes when it is reached.</returns>
    /// <exception cref="DicomJsonException">The text is no JSON or is no dataset.</exception>
    public static IEnumerable<DicomDataset> ReadAll(string json, JsonDatasetReaderOptions? options = null)
    {
        if (json is null)
            throw new ArgumentNullException(nameof(json));

        return Datasets(new JsonInput(json), options ?? JsonDatasetReaderOptions.Default);
    }

    private static IEnumerable<DicomDataset> Datasets(JsonInput input, JsonDatasetReaderOptions options)
    {
        while (input.Peek() != '\0')
        {
            if (!input.TryRead('['))
            {
                yield return Outermost(input, options);
                continue;
            }

            for (var first = true; input.Next(']', ref first);)
                yield return Outermost(input, options);
        }
    }

    private static DicomDataset Outermost(JsonInput input, JsonDatasetReaderOptions options)
    {
        var parser = new JsonDatasetParser(input, options);
        var dataset = parser.Dataset("", 0);
        if (parser.NeedsUnicode || dataset.Contains(Tags.SpecificCharacterSet))
        {
            // JSON is UTF-8, and the dataset is written so again; a declaration that stayed from before would be untrue.
            dataset.Text = SpecificCharacterSet.Utf8;
            dataset.Set(Tags.SpecificCharacterSet, Vr.CS, "ISO_IR 192");
        }

        return dataset;
    }
}
