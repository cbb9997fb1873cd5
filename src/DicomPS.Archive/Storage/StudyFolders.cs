using System.Security.Cryptography;
using System.Text;
using DicomPS.Archiving.Index;

namespace DicomPS.Archiving.Storage;

/// <summary>
/// Which folder a study of a patient has: that of its UID, or, when that has another patient's study of the same UID, one with the
/// mark of the patient behind. So a folder never has two patients.
/// </summary>
internal sealed class StudyFolders(ArchiveIndex index)
{
    // What is forgotten is asked again.
    private const int Most = 4096;
    private readonly Dictionary<string, RowOwner> _owners = new(StringComparer.Ordinal);

    /// <summary>The folder, relative to the archive's.</summary>
    public async Task<string> FolderOfAsync(string studyUid, IndexRow? patient, CancellationToken cancellationToken)
    {
        var plain = ArchiveFolder.Safe(studyUid);
        var me = new RowOwner(patient?.PatientID, patient?.Issuer, studyUid, null, null);
        RowOwner? owner;
        lock (_owners)
            _owners.TryGetValue(studyUid, out owner);
        if (owner is null)
        {
            owner = await index.OwnerAsync(plain, cancellationToken).ConfigureAwait(false) ?? me;
            lock (_owners)
            {
                if (_owners.Count >= Most)
                    _owners.Clear();
                // Of two that come at once with the same UID, the first has the folder.
                if (_owners.TryGetValue(studyUid, out var first))
                    owner = first;
                else
                    _owners[studyUid] = owner;
            }
        }

        return IsSame(owner, me) ? plain : $"{plain}~{Mark(me)}";
    }

    /// <summary>The study is gone: its folder is free.</summary>
    public void Forget(string studyUid)
    {
        lock (_owners)
            _owners.Remove(studyUid);
    }

    /// <summary>Whether two studies are one: of the same patient, where an issuer that is not said is any.</summary>
    public static bool IsSame(RowOwner one, RowOwner other) => one.StudyUid == other.StudyUid && one.PatientId == other.PatientId
        && (one.PatientId is null || one.Issuer is null || other.Issuer is null || one.Issuer == other.Issuer);

    private static string Mark(RowOwner patient)
    {
        if (patient.PatientId is null)
            return "none";
        using var hash = SHA256.Create();
        var bytes = hash.ComputeHash(Encoding.UTF8.GetBytes($"{patient.PatientId}\\{patient.Issuer}"));
        return BitConverter.ToString(bytes, 0, 8).Replace("-", "").ToLowerInvariant();
    }
}
