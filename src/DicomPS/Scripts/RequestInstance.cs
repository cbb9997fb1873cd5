using System.Collections;
using System.Collections.Specialized;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Scripts;

/// <summary>The instance of a C-STORE request.</summary>
public sealed class RequestInstance
{
    private readonly ReceivedInstance _received;

    internal RequestInstance(IncomingInstance instance) => (_received, Header) = (instance.Received, instance.Header);

    /// <summary>A temporary file that holds the instance; it is deleted after the block, unless the block moves it.</summary>
    public string Path => _received.Path;

    /// <summary>The elements before the pixels, as a dataset.</summary>
    public DicomDataset Header { get; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID => _received.PatientID;

    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName => _received.PatientName;

    /// <summary>Study Instance UID (0020,000D).</summary>
    public string? StudyInstanceUID => _received.StudyInstanceUID;

    /// <summary>Series Instance UID (0020,000E).</summary>
    public string? SeriesInstanceUID => _received.SeriesInstanceUID;

    /// <summary>SOP Instance UID (0008,0018).</summary>
    public string SOPInstanceUID => _received.SOPInstanceUID;

    /// <summary>The SOP class by name.</summary>
    public string SOPClass => _received.SOPClass;

    /// <summary>SOP Class UID (0008,0016).</summary>
    public string SOPClassUID => _received.SOPClassUID;

    /// <summary>The transfer syntax UID.</summary>
    public string TransferSyntaxUID => _received.TransferSyntaxUID;

    /// <summary>The bytes of the dataset.</summary>
    public long Bytes => _received.Bytes;

    /// <summary>The AE title that asked the sender to move the instance here; null when it came unasked.</summary>
    public string? MoveOriginatorAETitle => _received.MoveOriginatorAETitle;

    /// <summary>The message id of the C-MOVE that the instance is sent for; otherwise null.</summary>
    public int? MoveOriginatorMessageID => _received.MoveOriginatorMessageID;

    /// <summary>The instance in words.</summary>
    public override string ToString() => SafeText.Clean($"{SOPClass} {SOPInstanceUID}");
}
