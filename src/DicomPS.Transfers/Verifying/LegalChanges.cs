using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Transfers.Verifying;

/// <summary>
/// What a system that stores an instance may add or change without changing what the instance says; all else counts as a difference.
/// Pure.
/// </summary>
internal static class LegalChanges
{
    private static readonly HashSet<DicomTag> Free =
    [
        // Texts are compared as they read, whatever character set they are spelt in (PS3.5 6.1).
        Tags.SpecificCharacterSet,
        // Where an instance may be had from, and whether at once: of the system that is asked, not of the instance (PS3.4 C.4.1.1.3).
        Tags.RetrieveAETitle, Tags.InstanceAvailability, Tags.AvailableTransferSyntaxUID, Tags.RetrieveURL, Tags.RetrieveURI,
        Tags.StorageMediaFileSetID, Tags.StorageMediaFileSetUID,
        // What was changed when, and by whom (PS3.3 C.12.1.1.9); what was changed itself shows as a difference.
        Tags.OriginalAttributesSequence,
        // Without meaning (PS3.10 7.2).
        Tags.DataSetTrailingPadding,
    ];

    /// <summary>Whether an element may come, go and change.</summary>
    public static bool IsFree(DicomTag tag) => tag.Element == 0 || tag.Group == 2 || Free.Contains(tag);

    /// <summary>
    /// Whether an element that the source does not have may be there: a system may keep notes of its own (PS3.5 7.8). One that the source
    /// has may not be lost: it may be all that a later reading rests on.
    /// </summary>
    public static bool MayBeAdded(DicomTag tag) => tag.IsPrivate || IsFree(tag);
}
