using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;

namespace DicomPS.Scp;

/// <summary>Replaces files by others of the same instance: of the same patient, study, series and SOP Instance UID.</summary>
/// <param name="files">The disk.</param>
internal sealed class SameInstanceFiles(FileSystem files)
{
    // Between the look and the move nobody else may come; which names share a lock does not matter.
    private readonly object[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new object())];

    /// <summary>Replaces a file in one step; false when it is of another instance, and nothing was done then.</summary>
    /// <param name="temporary">The new file.</param>
    /// <param name="target">The file that is there.</param>
    /// <param name="header">The first elements of the new one.</param>
    public bool TryReplace(string temporary, string target, DicomDataset header)
    {
        lock (_locks[(StringComparer.OrdinalIgnoreCase.GetHashCode(target) & int.MaxValue) % _locks.Length])
        {
            if (!IsSame(target, header))
                return false;
            files.Replace(temporary, target);
            return true;
        }
    }

    private bool IsSame(string path, DicomDataset header)
    {
        DicomDataset there;
        try
        {
            var probed = files.Probe(path);
            there = probed.Header;
            if (there.GetString(Tags.SOPInstanceUID) is null)
                there.Set(Tags.SOPInstanceUID, Vr.UI, probed.SopInstanceUid);
        }
        catch (DicomDataException)
        {
            // What nobody can read, such as a file cut short, is nobody's instance.
            return true;
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            // What cannot be read now may be anybody's.
            return false;
        }

        return Same(Tags.SOPInstanceUID) && Same(Tags.SeriesInstanceUID) && Same(Tags.StudyInstanceUID) && Same(Tags.PatientID)
            && (Of(there, Tags.IssuerOfPatientID).Length == 0 || Of(header, Tags.IssuerOfPatientID).Length == 0
                || Same(Tags.IssuerOfPatientID));

        bool Same(DicomTag tag) => Of(there, tag) == Of(header, tag);
    }

    private static string Of(DicomDataset dataset, DicomTag tag) => dataset.GetString(tag) ?? "";
}
