using System.Globalization;
using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Json;

/// <summary>
/// Writes datasets in the DICOM JSON model (PS3.18 F). The text is Unicode, so Specific Character Set becomes ISO_IR 192.
/// </summary>
public static class JsonDatasetWriter
{
    // Larger whole numbers lose digits in readers that take every number for a double.
    private const long LargestExact = 1L << 53;

    /// <summary>Writes a dataset as a JSON object.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">How it is written.</param>
    /// <exception cref="IOException">A file that holds a value cannot be read.</exception>
    /// <exception cref="DicomDataException">A file that holds a value has changed since it was read.</exception>
    public static string Write(DicomDataset dataset, JsonDatasetWriterOptions? options = null)
    {
        using var text = new StringWriter(new StringBuilder(4096), CultureInfo.InvariantCulture);
        Write(dataset, text, options);
        return text.ToString();
    }

    /// <summary>Writes a dataset as a JSON object, value by value.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="output">Where it goes; its encoding has to be UTF-8 (PS3.18 F.2).</param>
    /// <param name="options">How it is written.</param>
    /// <exception cref="IOException">A file that holds a value cannot be read.</exception>
    /// <exception cref="DicomDataException">A file that holds a value has changed since it was read.</exception>
    public static void Write(DicomDataset dataset, TextWriter output, JsonDatasetWriterOptions? options = null)
    {
        options ??= JsonDatasetWriterOptions.Default;
        Dataset(
            dataset ?? throw new ArgumentNullException(nameof(dataset)),
            new JsonOutput(output ?? throw new ArgumentNullException(nameof(output)), options.Indented),
            options);
    }

    /// <summary>
    /// Where in its file a value is, as a URI such as file:///folder/name?offset=1234&amp;length=5678; null when it is in memory.
    /// </summary>
    /// <param name="element">The element.</param>
    public static string? ReferenceTo(DicomElement element) =>
        BulkDataReference.Of(element ?? throw new ArgumentNullException(nameof(element)));

    private static void Dataset(DicomDataset dataset, JsonOutput output, JsonDatasetWriterOptions options)
    {
        output.Open('{');
        var first = true;
        foreach (var element in dataset)
        {
            // Lengths of groups say something about bytes, which are no longer there (PS3.18 F.2.2).
            if (element.Tag.IsGroupLength)
                continue;

            if (!first)
                output.Raw(",");

            first = false;
            output.BreakLine();
            output.Name(element.Tag.Value.ToString("X8", CultureInfo.InvariantCulture));
            Element(element, dataset, output, options);
        }

        if (first)
        {
            output.Raw("}");
            output.Dedent();
        }
        else
        {
            output.Close('}');
        }
    }

    /// <summary>At most one of Value, InlineBinary and BulkDataURI; none when the element is empty (PS3.18 F.2.2).</summary>
    private static void Element(DicomElement element, DicomDataset dataset, JsonOutput output, JsonDatasetWriterOptions options)
    {
        output.Raw("{");
        output.Space();
        output.Name("vr");
        output.Text(element.Vr.ToString());
        switch (element)
        {
            case DicomSequence { Items.Count: > 0 } sequence:
                Items(sequence, output, options);
                break;
            case DicomFragments fragments:
                Bulk(fragments, EncapsulatedBytes.LengthOf(fragments), () => EncapsulatedBytes.Open(fragments), output, options);
                break;
            case DicomValue { Length: > 0 } value when value.Vr.IsBulk():
                Bulk(value, value.Length, () => LittleEndian(value), output, options);
                break;
            case DicomValue value when value.Length > 0 || value.Tag == Tags.SpecificCharacterSet:
                Values(value, dataset, output);
                break;
        }

        output.Space();
        output.Raw("}");
    }

    private static void Items(DicomSequence sequence, JsonOutput output, JsonDatasetWriterOptions options)
    {
        Key("Value", output);
        output.Open('[');
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            if (i > 0)
                output.Raw(",");

            output.BreakLine();
            Dataset(sequence.Items[i], output, options);
        }

        output.Close(']');
    }

    private static void Bulk(DicomElement element, long length, Func<Stream> open, JsonOutput output, JsonDatasetWriterOptions options)
    {
        if (length > options.InlineLimit && (options.BulkDataUri is { } uriOf ? uriOf(element) : BulkDataReference.Of(element)) is { } uri)
        {
            Key("BulkDataURI", output);
            output.Text(uri);
            return;
        }

        Key("InlineBinary", output);
        using var bytes = open();
        output.Base64(bytes);
    }

    /// <summary>The words of binary values go out in little-endian order (PS3.18 F.2.7).</summary>
    private static Stream LittleEndian(DicomValue value)
    {
        if (!value.IsBigEndian || value.Vr.UnitSize() == 1)
            return value.OpenRead();

        var bytes = value.ReadAll().ToArray();
        ByteOrder.Reverse(bytes, value.Vr.UnitSize());
        return new MemoryStream(bytes, writable: false);
    }

    private static void Values(DicomValue value, DicomDataset dataset, JsonOutput output)
    {
        // The text that follows is UTF-8, whatever the bytes were (PS3.18 F.2).
        var texts = value.Tag == Tags.SpecificCharacterSet ? ["ISO_IR 192"] : ValueDecoder.Strings(value, dataset.Text);
        if (texts.Length == 0)
            return;

        var doubles = value.Vr is Vr.FL or Vr.FD ? ValueDecoder.Doubles(value) : null;
        Key("Value", output);
        output.Raw("[");
        for (var i = 0; i < texts.Length; i++)
        {
            output.Raw(i == 0 ? "" : ",");
            output.Space();
            One(value.Vr, texts[i], doubles?[i], output);
        }

        output.Space();
        output.Raw("]");
    }

    /// <summary>One value in the type that its VR has (PS3.18 F.2.3).</summary>
    private static void One(Vr vr, string text, double? number, JsonOutput output)
    {
        switch (vr)
        {
            case Vr.PN when text.Length > 0:
                Name(text, output);
                break;
            case Vr.AT:
                output.Text(text.Length == 11 ? text.Substring(1, 4) + text.Substring(6, 4) : text);
                break;
            case Vr.FL or Vr.FD when number is { } value:
                output.Raw(double.IsNaN(value) ? "\"NaN\""
                    : double.IsPositiveInfinity(value) ? "\"inf\"" : double.IsNegativeInfinity(value) ? "\"-inf\"" : text);
                break;
            case Vr.US or Vr.SS or Vr.UL or Vr.SL:
                output.Raw(text);
                break;
            case Vr.SV or Vr.UV:
                Exact(text, decimal.Parse(text, CultureInfo.InvariantCulture) is >= -LargestExact and <= LargestExact, output);
                break;
            case Vr.DS or Vr.IS when text.Length > 0:
                // Digit by digit as it was: 1.50 is a number in JSON too; +1 or 007 is not and stays a string.
                Exact(text, JsonNumber.IsNumber(text), output);
                break;
            default:
                if (text.Length == 0)
                    output.Raw("null");
                else
                    output.Text(text);

                break;
        }
    }

    private static void Exact(string text, bool asNumber, JsonOutput output)
    {
        if (asNumber)
            output.Raw(text);
        else
            output.Text(text);
    }

    /// <summary>The three component groups by name; those without characters are left out (PS3.18 F.2.2).</summary>
    private static void Name(string text, JsonOutput output)
    {
        var groups = text.Split(['='], 3);
        output.Raw("{");
        var first = true;
        for (var i = 0; i < groups.Length; i++)
        {
            if (groups[i].Length == 0)
                continue;

            output.Raw(first ? "" : ",");
            output.Space();
            output.Name(i == 0 ? "Alphabetic" : i == 1 ? "Ideographic" : "Phonetic");
            output.Text(groups[i]);
            first = false;
        }

        output.Space();
        output.Raw("}");
    }

    private static void Key(string name, JsonOutput output)
    {
        output.Raw(",");
        output.Space();
        output.Name(name);
    }
}
