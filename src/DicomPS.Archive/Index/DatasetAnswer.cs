using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Archiving.Index;

/// <summary>Answers to queries from datasets that are at hand, such as the items of a worklist.</summary>
public static class DatasetAnswer
{
    /// <summary>
    /// What an identifier asks for of a dataset: every key is there, empty where the dataset has no value; of sequences the
    /// keys of their item, or all where it names none (PS3.4 K.4.1.1.3.2). The texts are in the character set of the identifier
    /// where that can hold them, otherwise in ISO_IR 192.
    /// </summary>
    /// <param name="dataset">The dataset that matched.</param>
    /// <param name="identifier">The keys.</param>
    public static DicomDataset Of(DicomDataset dataset, DicomDataset identifier)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(identifier);
        var answer = new DicomDataset();
        var texts = new List<string>();
        foreach (var key in identifier)
        {
            if (!key.Tag.IsGroupLength && key.Tag != Tags.SpecificCharacterSet && key.Tag != Tags.QueryRetrieveLevel)
                AnswerElements.CopyElement(answer, key, dataset, texts);
        }

        AnswerElements.Declare(answer, identifier, texts);
        return answer;
    }
}
