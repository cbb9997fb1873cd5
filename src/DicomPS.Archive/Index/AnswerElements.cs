using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Text;

namespace DicomPS.Archiving.Index;

/// <summary>Puts elements into answers: every key that was asked for is there, empty where nothing is known (PS3.4 C.4.1.1.3.2).</summary>
internal static class AnswerElements
{
    /// <summary>Sets an element from the text of its column.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="column">What it is.</param>
    /// <param name="text">The text, or null.</param>
    /// <param name="texts">Takes every text that a character set has to hold.</param>
    public static void SetText(DicomDataset answer, AnswerColumn column, string? text, List<string> texts)
    {
        var (tag, vr) = (column.Key.Tag, column.Vr == Vr.None ? Vr.UN : column.Vr);
        var values = string.IsNullOrEmpty(text) ? [] : MatchText.Split(text!, vr);
        if (column.IsSet)
            values = [.. values.Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).OrderBy(v => v, StringComparer.Ordinal)];
        try
        {
            if (vr is Vr.UN or Vr.OB or Vr.OW or Vr.OF or Vr.OD or Vr.OL or Vr.OV)
                answer.Set(tag, vr, ReadOnlyMemory<byte>.Empty);
            else
                answer.Set(tag, vr, values);
            if (vr.IsText() && text is { })
                texts.Add(text);
        }
        catch (ArgumentException)
        {
            // A number that is none, in a file or an answer of somebody: unknown is the honest answer.
            answer.Set(tag, vr);
        }
    }

    /// <summary>Sets a sequence: of each item what the key's item names, or all of it when that names nothing.</summary>
    public static void SetItems(DicomDataset answer, DicomElement key, IReadOnlyList<DicomDataset> items, List<string> texts)
    {
        var wanted = key is DicomSequence { Items: [{ Count: > 0 } item, ..] } ? item : null;
        answer.SetSequence(key.Tag, [.. items.Select(from => Copy(from, wanted, texts))]);
    }

    /// <summary>
    /// Copies an element of a file's dataset into an answer, texts as characters, so that they can be written in another character set.
    /// </summary>
    public static void CopyElement(DicomDataset answer, DicomElement key, DicomDataset from, List<string> texts)
    {
        switch (from.Find(key.Tag))
        {
            case DicomSequence sequence:
                SetItems(answer, key is DicomSequence ? key : sequence, sequence.Items, texts);
                break;
            case DicomValue value when value.Vr.IsText():
                var strings = from.GetStrings(key.Tag);
                answer.Set(key.Tag, value.Vr, strings);
                texts.AddRange(strings);
                break;
            case DicomValue value:
                answer.Add(value);
                break;
            default:
                Empty(answer, key);
                break;
        }
    }

    /// <summary>
    /// Declares the character set of an answer: that of the identifier if it can hold the texts, otherwise UTF-8; none for ASCII.
    /// </summary>
    public static void Declare(DicomDataset answer, DicomDataset identifier, List<string> texts)
    {
        texts.RemoveAll(text => text.All(c => c < 0x80));
        if (texts.Count == 0)
            return;
        var set = SpecificCharacterSet.ForText(string.Join("\\", texts), identifier.Text as SpecificCharacterSet);
        answer.Text = set;
        answer.Set(Tags.SpecificCharacterSet, Vr.CS, set.Terms);
    }

    private static DicomDataset Copy(DicomDataset from, DicomDataset? wanted, List<string> texts)
    {
        var copy = new DicomDataset();
        foreach (var element in wanted ?? from)
        {
            if (element.Tag != Tags.SpecificCharacterSet)
                CopyElement(copy, element, from, texts);
        }

        return copy;
    }

    private static void Empty(DicomDataset answer, DicomElement key)
    {
        var vr = MatchText.VrOf(key);
        if (vr == Vr.SQ)
            answer.SetSequence(key.Tag);
        else
            answer.Set(key.Tag, vr == Vr.None ? Vr.UN : vr, ReadOnlyMemory<byte>.Empty);
    }
}
