using System.Globalization;
using DicomPS.Data;

namespace DicomPS.Json;

/// <summary>One value of an element: a text or number as it stood, a name, an item, or nothing.</summary>
internal readonly struct JsonValue
{
    public string? Text { get; init; }

    public string? Groups { get; init; }

    public DicomDataset? Item { get; init; }

    /// <summary>Where it ends, for messages.</summary>
    public int At { get; init; }

    public bool IsBeyondAscii
    {
        get
        {
            foreach (var c in Text ?? Groups ?? "")
            {
                if (c > 0x7F)
                    return true;
            }

            return false;
        }
    }
}

/// <summary>Makes an element of the values that JSON had for it (PS3.18 F.2.3).</summary>
internal sealed class JsonElementBuilder(JsonInput input, DicomTag tag, Vr vr, int at)
{
    public DicomElement Build(List<JsonValue> values)
    {
        if (vr == Vr.SQ)
            return new DicomSequence(tag, values.ConvertAll(Item));

        if (values.Count == 0)
            return DicomValue.Create(tag, vr, ReadOnlyMemory<byte>.Empty);

        if (vr.IsString())
            return DicomValue.Create(tag, vr, [.. values.ConvertAll(Text)]);

        if (vr is Vr.UN or Vr.OB)
            throw input.Error($"{vr} has its bytes in InlineBinary, not in Value", at);

        // Null has no bytes in binary values: it is left out, and with it alone the element is empty.
        return Numbers(values.FindAll(value => value.Text is not null || value.Groups is not null || value.Item is not null));
    }

    private static DicomDataset Empty => [];

    private DicomDataset Item(JsonValue value) => value.Item
        ?? (value.Text is null && value.Groups is null ? Empty
            : throw input.Error("A sequence holds objects, not texts or numbers", value.At));

    private string Text(JsonValue value) => value.Item is null or { Count: 0 }
        ? value.Groups ?? value.Text ?? ""
        : throw input.Error($"{vr} holds texts, not items", value.At);

    private DicomElement Numbers(List<JsonValue> values)
    {
        var dataset = new DicomDataset();
        foreach (var value in values)
        {
            // One by one, so that the error names the one.
            Set(dataset, [Number(value)], value.At);
        }

        Set(dataset, [.. values.ConvertAll(Number)], at);
        return dataset.Find(tag)!;
    }

    private void Set(DicomDataset dataset, string[] texts, int where)
    {
        try
        {
            if (vr is Vr.FL or Vr.FD or Vr.OF or Vr.OD)
                dataset.SetDoubles(tag, vr, Array.ConvertAll(texts, Double));
            else
                dataset.Set(tag, vr, texts);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw input.Error($"'{JsonInput.Shown(texts[0])}' is no value of {vr}", where);
        }
    }

    private static double Double(string text) => text.ToLowerInvariant() switch
    {
        "nan" => double.NaN,
        "inf" or "infinity" or "+inf" => double.PositiveInfinity,
        "-inf" or "-infinity" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    /// <summary>As the dataset understands it: 512.0 is the whole number 512.</summary>
    private string Number(JsonValue value)
    {
        var text = Text(value).Trim();
        return vr is not (Vr.AT or Vr.FL or Vr.FD or Vr.OF or Vr.OD) && text.IndexOfAny(['.', 'e', 'E']) >= 0
            && NumberText.TryParse(text, out long whole)
            ? whole.ToString(CultureInfo.InvariantCulture)
            : text;
    }
}
