using System.Collections;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Scripts;

/// <summary>What a block of -OnCreate or -OnSet is asked: its first argument, and $_.</summary>
public sealed class DicomProcedureStepRequest
{
    private readonly ServiceCall _call;
    private readonly CancellationToken _cancelled;

    internal DicomProcedureStepRequest(ProcedureStepRequest request, CancellationToken cancelled)
    {
        _call = request.Call;
        _cancelled = cancelled;
        SOPInstanceUID = request.SopInstanceUid;
        PerformedProcedureStepStatus = request.State;
        Changes = request.Changes;
        Step = request.Step;
        Keys = DicomRequest.KeysOf(request.Changes);
    }

    /// <summary>N-CREATE for a new step, N-SET for a change.</summary>
    public string Operation => _call.Command.Operation;

    /// <summary>The SOP instance UID of the step.</summary>
    public string SOPInstanceUID { get; }

    /// <summary>
    /// Performed Procedure Step Status (0040,0252) as it will be: IN PROGRESS, COMPLETED or DISCONTINUED; null where the server does not
    /// know the step and the request does not say.
    /// </summary>
    public string? PerformedProcedureStepStatus { get; }

    /// <summary>Patient ID (0010,0020); null where it is not known.</summary>
    public string? PatientID => Step?.GetString(Tags.PatientID);

    /// <summary>Patient's Name (0010,0010); null where it is not known.</summary>
    public string? PatientName => Step?.GetString(Tags.PatientName);

    /// <summary>Modality (0008,0060); null where it is not known.</summary>
    public string? Modality => Step?.GetString(Tags.Modality);

    /// <summary>
    /// Accession Number (0008,0050) of what is performed, several with a backslash between them; null where it is not known.
    /// </summary>
    public string? AccessionNumber => Scheduled(Tags.AccessionNumber);

    /// <summary>Scheduled Procedure Step ID (0040,0009) of what is performed; null where it is not known.</summary>
    public string? ProcedureStepID => Scheduled(Tags.ScheduledProcedureStepID);

    /// <summary>Study Instance UID (0020,000D) of what is performed; null where it is not known.</summary>
    public string? StudyInstanceUID => Scheduled(Tags.StudyInstanceUID);

    /// <summary>What the request says, by keyword: text, texts where there are several, and items of sequences as tables.</summary>
    public IDictionary Keys { get; }

    /// <summary>What the request says, as a dataset.</summary>
    public DicomDataset Changes { get; }

    /// <summary>The whole step as it will be, as a dataset; null where the server does not know it.</summary>
    public DicomDataset? Step { get; }

    /// <summary>The AE title of the peer.</summary>
    public string CallingAETitle => _call.Association.Request.CallingAETitle;

    /// <summary>The AE title that the peer called.</summary>
    public string CalledAETitle => _call.Association.Request.CalledAETitle;

    /// <summary>The peer's address and port.</summary>
    public string RemoteEndPoint => _call.Association.RemoteEndPoint.ToString();

    /// <summary>Whether nobody waits for the answer any more.</summary>
    public bool IsCancelled => _cancelled.IsCancellationRequested;

    /// <summary>The request in words.</summary>
    public override string ToString() =>
        SafeText.Clean($"{Operation} {PerformedProcedureStepStatus} of {SOPInstanceUID} from {CallingAETitle}");

    private string? Scheduled(DicomTag tag)
    {
        var values = (Step ?? Changes).GetItems(Tags.ScheduledStepAttributesSequence).Select(item => item.GetString(tag))
            .OfType<string>().Distinct().ToList();
        return values.Count == 0 ? null : string.Join("\\", values);
    }
}
