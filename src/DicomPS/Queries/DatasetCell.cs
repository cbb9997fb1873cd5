using System.Globalization;
using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Queries;

/// <summary>
/// The value of an attribute as a cell of a row: a date, a number or a text. The same for answers of a query and for files.
/// </summary>
internal static class DatasetCell
{
    public static object? Of(DicomDataset dataset, DicomTag tag, Vr vr)
    {
        switch (dataset.Find(tag))
        {
            case null:
                return null;
            case DicomSequence sequence:
                return sequence.Items.Count == 0 ? null : Describe(sequence);
        }

        var values = dataset.GetStrings(tag);
        if (values.Length == 1)
        {
            switch (vr)
            {
                case Vr.DA when dataset.GetDate(tag) is { } date:
                    return date;
                case Vr.DT when dataset.GetDateTime(tag) is { } moment:
                    return moment;
                case Vr.IS or Vr.US or Vr.SS or Vr.UL or Vr.SL when dataset.GetInt64(tag) is { } number:
                    return number is >= int.MinValue and <= int.MaxValue ? (object)(int)number : number;
                case Vr.DS or Vr.FL or Vr.FD when dataset.GetDouble(tag) is { } number:
                    return number;
            }
        }

        return dataset.GetText(tag);
    }

    // Such as "CodeValue=T-A0100; CodeMeaning=Brain | CodeValue=...": a cell of a table has room for no more.
    private static string Describe(DicomSequence sequence)
    {
        var text = new StringBuilder();
        foreach (var item in sequence.Items)
        {
            if (text.Length > 0)
                text.Append(" | ");
            text.Append(string.Join("; ",
                item.Select(element => string.Format(CultureInfo.InvariantCulture, "{0}={1}", DicomDictionary.KeywordOf(element.Tag),
                element is DicomSequence inner ? $"({Describe(inner)})" : item.GetText(element.Tag)))));
        }

        return text.ToString();
    }
}
