using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Arguments;

/// <summary>Why a procedure step was given up (PS3.16 CID 9300).</summary>
/// <param name="Code">Code Value (0008,0100), of the scheme DCM.</param>
/// <param name="Meaning">Code Meaning (0008,0104).</param>
internal sealed record DiscontinuationReason(string Code, string Meaning)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DiscontinuationReason> All { get; } =
    [
        new("110500", "Doctor canceled procedure"), new("110501", "Equipment failure"), new("110502", "Incorrect procedure ordered"),
        new("110503", "Patient allergic to media/contrast"), new("110504", "Patient died"),
        new("110505", "Patient refused to continue procedure"), new("110506", "Patient taken for treatment or surgery"),
        new("110507", "Patient did not arrive"), new("110508", "Patient pregnant"),
        new("110509", "Change of procedure for correct charging"), new("110510", "Duplicate order"), new("110511", "Nursing unit cancel"),
        new("110512", "Incorrect side ordered"), new("110513", "Discontinued for unspecified reason"),
        new("110514", "Incorrect worklist entry selected"), new("110515", "Patient condition prevented continuing"),
        new("110516", "Equipment change"),
    ];

    /// <summary>The reason that a code or its words name; null for none.</summary>
    public static DiscontinuationReason? Find(string text) => All.FirstOrDefault(reason => reason.Code == text.Trim()
        || string.Equals(reason.Meaning, text.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>The reason as the item of a code sequence.</summary>
    public DicomDataset ToItem()
    {
        var item = new DicomDataset();
        item.Set(Tags.CodeValue, Code);
        item.Set(Tags.CodingSchemeDesignator, "DCM");
        item.Set(Tags.CodeMeaning, Meaning);
        return item;
    }
}
