using System.Globalization;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Json;

/// <summary>One dataset with its items.</summary>
internal sealed class JsonDatasetParser(JsonInput input, JsonDatasetReaderOptions options)
{
    // Beside items only arrays of values and the groups of a name are nested.
    private const int SkipDepth = 32;

    /// <summary>Whether a text has a character outside ASCII.</summary>
    public bool NeedsUnicode { get; private set; }

    /// <summary>An object whose names are tags (PS3.18 F.2.2).</summary>
    public DicomDataset Dataset(string path, int depth)
    {
        if (depth > options.MaxDepth)
            throw input.Error($"Sequences are nested deeper than {options.MaxDepth} levels, which is the limit");

        input.Expect('{', "to begin a dataset");
        var elements = new List<DicomElement>();
        for (var first = true; input.Next('}', ref first);)
        {
            var at = input.Position;
            var name = input.String();
            input.Expect(':', "after a name");
            if (TagOf(name) is not { } tag)
                throw input.Error($"'{JsonInput.Shown(name)}' is no tag: write it as 00100020", at);

            var outside = input.Element;
            input.Element = path + tag.Value.ToString("X8", CultureInfo.InvariantCulture);
            var element = Element(tag, input.Element, depth);
            input.Element = outside;

            // Meta information and lengths of groups belong to bytes in a file; some services send them along.
            if (element is not null && tag.Group is not (0x0000 or 0x0002) && !tag.IsGroupLength)
                elements.Add(element);
        }

        var dataset = new DicomDataset(elements);
        if (depth > 0 && dataset.Contains(Tags.SpecificCharacterSet))
            dataset.Set(Tags.SpecificCharacterSet, Vr.CS, "ISO_IR 192");

        return dataset;
    }

    private static DicomTag? TagOf(string name)
    {
        if (!DicomTag.TryParse(name, out var tag))
        {
            if (DicomDictionary.Find(name) is not { } entry)
                return null;

            tag = entry.Tag;
        }

        return tag.Group == 0xFFFE ? null : tag;
    }

    private DicomElement? Element(DicomTag tag, string path, int depth)
    {
        input.Expect('{', "to begin an element");
        var at = input.Position;
        Vr? vr = null;
        List<JsonValue>? values = null;
        string? binary = null, uri = null;
        for (var first = true; input.Next('}', ref first);)
        {
            var name = input.String();
            input.Expect(':', "after a name");
            switch (name)
            {
                case "vr":
                    vr = VrOf(tag, Text());
                    break;
                case "Value":
                    values = Values(path, depth);
                    break;
                case "InlineBinary":
                    binary = Text();
                    break;
                case "BulkDataURI":
                    uri = Text();
                    break;
                default:
                    input.Skip(SkipDepth);
                    break;
            }
        }

        var known = vr ?? Guess(tag, values);
        if (uri is not null && values is null && binary is null)
        {
            if (options.BulkData?.Invoke(tag, uri) is { } bytes)
                return DicomValue.Create(tag, known, bytes);

            options.OnOmitted?.Invoke(tag, uri);
            return null;
        }

        var element = binary is not null ? Binary(tag, known, binary, at)
            : new JsonElementBuilder(input, tag, known, at).Build(values ?? []);
        NeedsUnicode |= values is not null && known.IsText() && values.Exists(value => value.IsBeyondAscii);
        return element;
    }

    private static Vr? VrOf(DicomTag tag, string? text)
    {
        if (VrExtensions.TryParse(text, out var vr))
            return vr;

        // Some writers leave a choice such as "US or SS" open.
        vr = DicomDictionary.VrOf(tag);
        return vr != Vr.None ? vr : text is { Length: > 2 } && VrExtensions.TryParse(text.Substring(0, 2), out vr) ? vr : null;
    }

    private static Vr Guess(DicomTag tag, List<JsonValue>? values) => DicomDictionary.VrOf(tag) is var vr and not Vr.None ? vr
        : values is not { Count: > 0 } ? Vr.UN
        : values[0].Item is not null ? Vr.SQ
        : values[0].Groups is not null ? Vr.PN
        : Vr.LO;

    private List<JsonValue> Values(string path, int depth)
    {
        var values = new List<JsonValue>();
        if (!input.TryRead('['))
        {
            values.Add(Value(path, 0, depth));
            return values;
        }

        for (var first = true; input.Next(']', ref first);)
            values.Add(Value(path, values.Count, depth));

        return values;
    }

    private JsonValue Value(string path, int index, int depth)
    {
        switch (input.Peek())
        {
            case '"':
                return new JsonValue { Text = input.String(), At = input.Position };
            case '{':
                // The groups of a name have names that no tag has.
                return input.StartsName()
                    ? new JsonValue { Groups = Groups(), At = input.Position }
                    : new JsonValue
                    {
                        Item = Dataset($"{path}[{index.ToString(CultureInfo.InvariantCulture)}].", depth + 1),
                        At = input.Position
                    };
            case '[':
                throw input.Error("An array stands inside the array of values");
            default:
                var literal = input.Literal();
                return new JsonValue { Text = literal == "null" ? null : literal, At = input.Position };
        }
    }

    private string Groups()
    {
        var groups = new string[3];
        input.Expect('{', "to begin a name");
        for (var first = true; input.Next('}', ref first);)
        {
            var group = input.String();
            input.Expect(':', "after a name");
            var text = Text() ?? "";
            var place = group switch { "Alphabetic" => 0, "Ideographic" => 1, "Phonetic" => 2, _ => -1 };
            if (place >= 0)
                groups[place] = text;
        }

        return string.Join("=", groups).TrimEnd('=');
    }

    private DicomElement Binary(DicomTag tag, Vr vr, string base64, int at)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw input.Error("The InlineBinary is no base64", at);
        }

        if (vr == Vr.SQ)
            throw input.Error("A sequence has items in Value, not an InlineBinary", at);

        return tag == Tags.PixelData && EncapsulatedBytes.TryParse(tag, vr, bytes, out var fragments)
            ? fragments!
            : DicomValue.Create(tag, vr, bytes);
    }

    /// <summary>A text; the first of an array, which the example of PS3.18 F.4 has; a number as it stands; null for null.</summary>
    private string? Text()
    {
        if (input.Peek() == '"')
            return input.String();

        if (!input.TryRead('['))
            return input.Literal() is var literal && literal == "null" ? null : literal;

        string? found = null;
        for (var first = true; input.Next(']', ref first);)
        {
            var text = input.String();
            found ??= text;
        }

        return found;
    }
}
