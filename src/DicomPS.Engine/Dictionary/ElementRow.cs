using DicomPS.Data;

namespace DicomPS.Dictionary;

/// <summary>One element of a dataset as a row of a table, with what the dictionary knows about it.</summary>
public sealed record ElementRow
{
    /// <summary>The tag.</summary>
    public required DicomTag Tag { get; init; }

    /// <summary>The keyword, such as PatientID; null when the standard has none.</summary>
    public string? Keyword { get; init; }

    /// <summary>The name in the standard; the private creator in brackets for a private element.</summary>
    public string? Name { get; init; }

    /// <summary>The value representation, such as LO.</summary>
    public string? VR { get; init; }

    /// <summary>How many values; items of a sequence; 1 for a stream of bytes or words.</summary>
    public int VM { get; init; }

    /// <summary>The value as text, cut after a thousand characters; how many bytes or items when it is no text.</summary>
    public string? Value { get; init; }

    /// <summary>Bytes of the value as it was read; null for a sequence.</summary>
    public long? Length { get; init; }

    /// <summary>How many sequences are around it.</summary>
    public int Depth { get; init; }

    /// <summary>The number of its item in the sequence around it, from 0; null at the outermost level.</summary>
    public int? Item { get; init; }

    /// <summary>Whether it is the first element of its item, which a tree marks.</summary>
    public bool StartsItem { get; init; }

    /// <summary>Whether a vendor and not the standard gives the meaning (PS3.5 7.8).</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Who owns a private element; null when nobody says so.</summary>
    public string? PrivateCreator { get; init; }

    /// <summary>Where it is, such as (0040,0275)[0].(0008,1110).</summary>
    public required string ElementPath { get; init; }

    /// <summary>The file; null for a dataset that is in none.</summary>
    public string? Path { get; init; }

    /// <summary>The element in one line.</summary>
    public override string ToString() => SafeText.Clean($"{Tag} {VR} {Name}: {Value}");
}
