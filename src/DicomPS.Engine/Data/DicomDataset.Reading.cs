namespace DicomPS.Data;

/// <content>Typed reading. What is absent, empty or unreadable is null or an empty array, never an exception.</content>
public sealed partial class DicomDataset
{
    /// <summary>The first value as text, trimmed as the VR has it; numbers and tags are printed. Null when there is none.</summary>
    /// <param name="tag">The tag.</param>
    public string? GetString(DicomTag tag) => First(GetStrings(tag)) is { Length: > 0 } text ? text : null;

    /// <summary>All values as text, trimmed as the VR has it; numbers and tags are printed. An empty value between others stays.</summary>
    /// <param name="tag">The tag.</param>
    public string[] GetStrings(DicomTag tag) => Read(tag, this, static (value, self) => ValueDecoder.Strings(value, self.Text)) ?? [];

    /// <summary>All values as one text, with backslashes between them. Null when there is none.</summary>
    /// <param name="tag">The tag.</param>
    public string? GetText(DicomTag tag)
    {
        var values = GetStrings(tag);
        return values.Length == 0 ? null : values.Length == 1 ? values[0] : string.Join("\\", values);
    }

    /// <summary>The first whole number, from a number or from text; null when there is none or it has more than 32 bits.</summary>
    /// <param name="tag">The tag.</param>
    public int? GetInt32(DicomTag tag) => GetInt64(tag) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : null;

    /// <summary>The first whole number, from a number or from text; null when there is none.</summary>
    /// <param name="tag">The tag.</param>
    public long? GetInt64(DicomTag tag) => GetInt64s(tag) is { Length: > 0 } values ? values[0] : null;

    /// <summary>All whole numbers, from numbers or from text; those of UV as signed.</summary>
    /// <param name="tag">The tag.</param>
    public long[] GetInt64s(DicomTag tag) => Read(tag, 0, static (value, _) => ValueDecoder.Integers(value)) ?? [];

    /// <summary>The first number, from a number or from text; null when there is none.</summary>
    /// <param name="tag">The tag.</param>
    public double? GetDouble(DicomTag tag) => GetDoubles(tag) is { Length: > 0 } values ? values[0] : null;

    /// <summary>All numbers, from numbers or from text.</summary>
    /// <param name="tag">The tag.</param>
    public double[] GetDoubles(DicomTag tag) => Read(tag, 0, static (value, _) => ValueDecoder.Doubles(value)) ?? [];

    /// <summary>The first number with the digits that DS has; null when there is none or it does not fit.</summary>
    /// <param name="tag">The tag.</param>
    public decimal? GetDecimal(DicomTag tag)
    {
        if (GetString(tag) is { } text && NumberText.TryParse(text, out decimal value))
            return value;

        return null;
    }

    /// <summary>The first person name, with its three component groups; null when there is none.</summary>
    /// <param name="tag">The tag.</param>
    public PersonName? GetPersonName(DicomTag tag) => GetString(tag) is { } text ? PersonName.Parse(text) : null;

    /// <summary>The tags of an AT element.</summary>
    /// <param name="tag">The tag.</param>
    public DicomTag[] GetTags(DicomTag tag) => Read(tag, 0, static (value, _) => ValueDecoder.Tags(value)) ?? [];

    /// <summary>A date (DA), or the date of a DT.</summary>
    /// <param name="tag">The tag.</param>
    public DateTime? GetDate(DicomTag tag) =>
        GetString(tag) is { } text ? DateTimeText.ParseDate(text) ?? DateTimeText.ParseDateTime(text)?.Date : null;

    /// <summary>A time of day (TM).</summary>
    /// <param name="tag">The tag.</param>
    public TimeSpan? GetTime(DicomTag tag) => GetString(tag) is { } text ? DateTimeText.ParseTime(text) : null;

    /// <summary>A date and time (DT), as the clock on the wall showed it: an offset from UTC is not applied.</summary>
    /// <param name="tag">The tag.</param>
    public DateTime? GetDateTime(DicomTag tag) => GetString(tag) is { } text ? DateTimeText.ParseDateTime(text) : null;

    /// <summary>A date and its time from two elements; midnight when the time is missing.</summary>
    /// <param name="dateTag">The tag of the date.</param>
    /// <param name="timeTag">The tag of the time.</param>
    public DateTime? GetDateTime(DicomTag dateTag, DicomTag timeTag) =>
        GetDate(dateTag) is { } date ? date + (GetTime(timeTag) ?? TimeSpan.Zero) : null;

    /// <summary>The items of a sequence.</summary>
    /// <param name="tag">The tag.</param>
    public IReadOnlyList<DicomDataset> GetItems(DicomTag tag) => Find(tag) is DicomSequence sequence ? sequence.Items : [];

    /// <summary>The bytes of a value: as they were read, or text encoded with <see cref="Text"/>. Empty when there is none.</summary>
    /// <param name="tag">The tag.</param>
    /// <exception cref="InvalidOperationException">The value was left in its file; nothing smaller would be the truth.</exception>
    /// <exception cref="ArgumentException">The value is text that was set here and that <see cref="Text"/> cannot write.</exception>
    public ReadOnlyMemory<byte> GetBytes(DicomTag tag) => Find(tag) is DicomValue value ? value.Encode(Text) : default;

    private static string? First(string[] values) => values.Length > 0 ? values[0] : null;

    private T? Read<T, TState>(DicomTag tag, TState state, Func<DicomValue, TState, T> read)
        where T : class
    {
        if (Find(tag) is not DicomValue value)
            return null;

        if (value.IsInMemory)
            return read(value, state);

        try
        {
            return read(value, state);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DicomDataException or OverflowException)
        {
            // The file that held the value is gone or is another one now.
            return null;
        }
    }
}
