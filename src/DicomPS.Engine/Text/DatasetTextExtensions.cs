using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Text;

/// <summary>The character set of a dataset, declared and in use together.</summary>
public static class DatasetTextExtensions
{
    /// <summary>
    /// Declares the character sets of a dataset in Specific Character Set (0008,0005), spelt as the standard spells them, and writes its
    /// texts with them from now on (PS3.3 C.12.1.1.2). Texts that were read with another set are converted, also those of items that do
    /// not declare their own; when one cannot be, nothing is changed.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="terms">The defined terms; a first empty one for the default repertoire with code extensions. None takes the element
    /// out.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A term is unknown or outside the standard, or a text has a character that the sets do not
    /// have; the message names it.</exception>
    public static void SetCharacterSet(this DicomDataset dataset, params string[] terms)
    {
        if (dataset is null)
            throw new ArgumentNullException(nameof(dataset));

        if (terms is null)
            throw new ArgumentNullException(nameof(terms));

        foreach (var term in terms)
            RefuseOutsideStandard(term);

        var set = SpecificCharacterSet.Parse(terms, out _);
        var conversions = new List<Action>();
        Convert(dataset, set, conversions);
        dataset.Text = set;
        foreach (var conversion in conversions)
            conversion();

        if (set.Terms.Length == 0)
            dataset.Remove(Tags.SpecificCharacterSet);
        else
            dataset.Set(Tags.SpecificCharacterSet, Vr.CS, set.Terms);
    }

    private static void RefuseOutsideStandard(string term)
    {
        if (string.IsNullOrWhiteSpace(term) || (CharacterSets.Find(term.Trim()) ?? TermSpelling.Understand(term)) is { IsStandard: true })
            return;

        throw new ArgumentException(
            $"\"{term}\" is no defined term of Specific Character Set (0008,0005), so no peer is bound to know it. Use ISO_IR 192 "
            + "(UTF-8), or one of PS3.3 C.12.1.1.2.",
            nameof(term));
    }

    // As a rule the item inherits the set; one that was read with a codec of its own does not.
    private static void Follow(DicomDataset item, SpecificCharacterSet set)
    {
        if (item.Text != set)
            item.Text = set;
    }

    // Everything is converted before anything is put in place.
    private static void Convert(DicomDataset dataset, SpecificCharacterSet set, List<Action> conversions)
    {
        foreach (var element in dataset)
        {
            if (element is DicomSequence sequence)
            {
                foreach (var item in sequence.Items)
                {
                    if (!item.Contains(Tags.SpecificCharacterSet))
                    {
                        Convert(item, set, conversions);
                        conversions.Add(() => Follow(item, set));
                    }
                }
            }
            else if (element is DicomValue { IsUnencodedText: false, Length: > 0 } value && value.Vr.IsText())
            {
                var text = value.DecodeText(dataset.Text);
                byte[] bytes;
                try
                {
                    bytes = set.Encode(text, value.Vr);
                }
                catch (ArgumentException exception)
                {
                    throw new ArgumentException($"{value.Tag} cannot be converted. {exception.Message}", exception);
                }

                conversions.Add(() => dataset.Set(value.Tag, value.Vr, bytes));
            }
        }
    }
}
