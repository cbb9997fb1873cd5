using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Querying;

/// <summary>The attributes of a worklist item (PS3.4 table K.6-1).</summary>
internal static class WorklistKeys
{
    /// <summary>Whether an attribute belongs into Scheduled Procedure Step Sequence (0040,0100), and not beside it.</summary>
    /// <param name="tag">The attribute.</param>
    public static bool IsOfStep(DicomTag tag) => tag == Tags.Modality || tag == Tags.RequestedContrastAgent
        || (tag.Group == 0x0040 && (tag.Element is (>= 0x0001 and <= 0x0012) or 0x0020 or 0x0400));
}
