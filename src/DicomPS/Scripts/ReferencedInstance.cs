using DicomPS.Commitment;
using DicomPS.Dictionary;
using DicomPS.Scu;

namespace DicomPS.Scripts;

/// <summary>An instance that a request names: of storage commitment, or of an Instance Availability Notification.</summary>
public sealed class ReferencedInstance
{
    internal ReferencedInstance(SopReference reference) =>
        (SOPClassUID, SOPInstanceUID) = (reference.SopClassUid, reference.SopInstanceUid);

    internal ReferencedInstance(string study, AvailableInstance instance)
    {
        StudyInstanceUID = study;
        SeriesInstanceUID = instance.SeriesInstanceUid;
        SOPClassUID = instance.SopClassUid;
        SOPInstanceUID = instance.SopInstanceUid;
        Availability = instance.Availability;
        RetrieveAETitle = string.Join("\\", instance.RetrieveAETitle);
    }

    /// <summary>Study Instance UID (0020,000D); null where the request does not say.</summary>
    public string? StudyInstanceUID { get; }

    /// <summary>Series Instance UID (0020,000E); null where the request does not say.</summary>
    public string? SeriesInstanceUID { get; }

    /// <summary>The SOP class by name.</summary>
    public string SOPClass => DicomDictionary.NameOf(SOPClassUID);

    /// <summary>Referenced SOP Class UID (0008,1150).</summary>
    public string SOPClassUID { get; }

    /// <summary>Referenced SOP Instance UID (0008,1155).</summary>
    public string SOPInstanceUID { get; }

    /// <summary>Instance Availability (0008,0056): ONLINE, NEARLINE, OFFLINE or UNAVAILABLE; null where the request does not say.</summary>
    public string? Availability { get; }

    /// <summary>Retrieve AE Title (0008,0054), several with a backslash between them; null where the request does not say.</summary>
    public string? RetrieveAETitle { get; }

    /// <summary>The instance in words.</summary>
    public override string ToString() => SafeText.Clean($"{SOPInstanceUID}{(Availability is null ? "" : $" {Availability}")}");
}
