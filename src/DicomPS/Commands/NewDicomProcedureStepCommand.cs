using System.Collections;
using System.Globalization;
using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Dictionary;
using DicomPS.Queries;
using DicomPS.Scu;
using DicomPS.Text;

namespace DicomPS.Commands;

/// <summary>Tells a RIS that a procedure step has begun (MPPS, N-CREATE).</summary>
[Cmdlet(VerbsCommon.New, "DicomProcedureStep", DefaultParameterSetName = ByNode, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ProcedureStep))]
public sealed class NewDicomProcedureStepCommand : ProcedureStepCmdlet
{
    // Of the request and of the scheduled step, what an item of Scheduled Step Attributes Sequence takes over (table F.7.2-1).
    private static readonly DicomTag[] OfRequest =
    [
        Tags.ReferencedStudySequence, Tags.IssuerOfAccessionNumberSequence, Tags.PlacerOrderNumberImagingServiceRequest,
        Tags.FillerOrderNumberImagingServiceRequest, Tags.RequestedProcedureCodeSequence,
    ];

    private static readonly DicomTag[] OfPatient =
        [Tags.IssuerOfPatientID, Tags.IssuerOfPatientIDQualifiersSequence, Tags.ReferencedPatientSequence, Tags.AdmissionID];

    // Type 2: there, with or without a value; what is not there now cannot be set later (note 3).
    private static readonly DicomTag[] Empty =
    [
        Tags.ReferencedPatientSequence, Tags.PerformedStationName, Tags.PerformedLocation, Tags.PerformedProcedureStepDescription,
        Tags.PerformedProcedureTypeDescription, Tags.ProcedureCodeSequence, Tags.PerformedProcedureStepEndDate,
        Tags.PerformedProcedureStepEndTime, Tags.CommentsOnThePerformedProcedureStep,
        Tags.PerformedProcedureStepDiscontinuationReasonCodeSequence, Tags.StudyID, Tags.PerformedProtocolCodeSequence,
        Tags.PerformedSeriesSequence,
    ];

    private static int _numbers;

    /// <summary>The study that the images will have, as the worklist says.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    [ValidateNotNullOrEmpty]
    public string StudyInstanceUID { get; set; } = "";

    /// <summary>Modality of the device.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ModalityCompleter))]
    [ValidateNotNullOrEmpty]
    public string Modality { get; set; } = "";

    /// <summary>The patient's name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? PatientName { get; set; }

    /// <summary>The patient's ID.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string? PatientID { get; set; }

    /// <summary>The patient's date of birth.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [DateTransform(IsMoment = true, KeepEmpty = true)]
    public DateTime? PatientBirthDate { get; set; }

    /// <summary>The patient's sex: M, F or O.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SexCompleter))]
    public string? PatientSex { get; set; }

    /// <summary>The accession number of the order.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string? AccessionNumber { get; set; }

    /// <summary>The ID of the requested procedure.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? RequestedProcedureID { get; set; }

    /// <summary>The description of the requested procedure.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? RequestedProcedureDescription { get; set; }

    /// <summary>The ID of the scheduled step that is performed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ScheduledProcedureStepID")]
    public string? ProcedureStepID { get; set; }

    /// <summary>What is performed, in words.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ScheduledProcedureStepDescription")]
    public string? ProcedureStepDescription { get; set; }

    /// <summary>The AE title of the device that performs it; the calling AE title where nothing says.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PerformedStationAETitle")]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    public string? StationAETitle { get; set; }

    /// <summary>When it began; now without it.</summary>
    [Parameter]
    [DateTransform(IsMoment = true)]
    public DateTime StartDate { get; set; }

    /// <summary>The ID that the device gives the step, of up to 16 characters; made of the time without it.</summary>
    [Parameter]
    [ValidateLength(1, 16)]
    public string? PerformedProcedureStepID { get; set; }

    /// <summary>The SOP instance UID of the step; made without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SOPInstanceUID { get; set; }

    /// <summary>Further attributes of the step by keyword or tag; a hashtable is the item of a sequence.</summary>
    [Parameter]
    [ValidateNotNull]
    [KeyTableTransform]
    [ArgumentCompleter(typeof(KeyTableCompleter))]
    [Alias("Key")]
    public KeyTable? Attribute { get; set; }

    /// <summary>The item of the worklist, whose codes and references are taken over.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    private protected override void Process()
    {
        foreach (var (name, uid) in new[] { (nameof(StudyInstanceUID), StudyInstanceUID), (nameof(SOPInstanceUID), SOPInstanceUID ?? "1") })
        {
            if (Uid.IsUsable(uid.Trim()))
                continue;
            WriteFailure(new ModuleException(ErrorIds.UidInvalid, ErrorCategory.InvalidArgument,
                $"'{uid}' is no UID for {name}; no procedure step was made.", "Pipe in the answers of Find-DicomWorklist.", uid), uid);
            return;
        }

        var node = Peer;
        DicomDataset dataset;
        try
        {
            dataset = Dataset(node.CallingAETitle);
        }
        catch (ArgumentException wrong)
        {
            WriteFailure(wrong, InputObject);
            return;
        }

        var uidOfStep = SOPInstanceUID?.Trim() ?? Uid.New();
        var step = new ProcedureStep { SOPInstanceUID = uidOfStep, Status = "NotSent", Node = node }.With(dataset);
        if (ShouldProcess($"{step.PatientName} ({step.PatientID}) {Modality} {ProcedureStepDescription}", $"Tell {node} that it has begun"))
        {
            Ask(step, "N-CREATE", async (scu, token) =>
            {
                var response = await scu.CreateAsync(step.SOPInstanceUID, dataset, token).ConfigureAwait(false);
                // A peer may give the step a UID of its own where it does not take ours (PS3.7 10.1.5.1.4).
                return (response, response.AffectedSopInstanceUid is { Length: > 0 } uid ? step with { SOPInstanceUID = uid } : step);
            });
        }
    }

    private DicomDataset Dataset(string callingAETitle)
    {
        var known = (InputObject?.BaseObject as QueryResult)?.GetDataset() ?? [];
        var scheduledStep = known.GetItems(Tags.ScheduledProcedureStepSequence).FirstOrDefault() ?? [];
        var scheduled = new DicomDataset();
        Copy(known, scheduled, OfRequest);
        Copy(scheduledStep, scheduled, Tags.ScheduledProtocolCodeSequence);
        scheduled.SetSequence(Tags.ReferencedStudySequence, [.. scheduled.GetItems(Tags.ReferencedStudySequence)]);
        scheduled.SetSequence(Tags.ScheduledProtocolCodeSequence, [.. scheduled.GetItems(Tags.ScheduledProtocolCodeSequence)]);
        Put(scheduled, Tags.StudyInstanceUID, StudyInstanceUID.Trim());
        Put(scheduled, Tags.AccessionNumber, AccessionNumber);
        Put(scheduled, Tags.RequestedProcedureID, RequestedProcedureID);
        Put(scheduled, Tags.RequestedProcedureDescription, RequestedProcedureDescription);
        Put(scheduled, Tags.ScheduledProcedureStepID, ProcedureStepID);
        Put(scheduled, Tags.ScheduledProcedureStepDescription, ProcedureStepDescription);

        var step = new DicomDataset();
        foreach (var tag in Empty)
            Put(step, tag, null);
        Copy(known, step, OfPatient);
        step.SetSequence(Tags.ScheduledStepAttributesSequence, scheduled);
        Put(step, Tags.PatientName, PatientName);
        Put(step, Tags.PatientID, PatientID);
        Put(step, Tags.PatientBirthDate, PatientBirthDate?.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
        Put(step, Tags.PatientSex, PatientSex);
        Put(step, Tags.Modality, Modality.Trim());
        Put(step, Tags.PerformedProcedureStepStatus, ProcedureStepState.InProgress);
        Put(step, Tags.PerformedProcedureStepID, PerformedProcedureStepID ?? NewId());
        Put(step, Tags.PerformedStationAETitle, string.IsNullOrWhiteSpace(StationAETitle) ? callingAETitle : StationAETitle);
        Put(step, Tags.PerformedProcedureStepDescription, ProcedureStepDescription);
        var begun = Given(nameof(StartDate)) ? StartDate : DateTime.Now;
        Put(step, Tags.PerformedProcedureStepStartDate, begun.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
        Put(step, Tags.PerformedProcedureStepStartTime, begun.ToString("HHmmss", CultureInfo.InvariantCulture));
        step.SetCharacterSet("ISO_IR 192");
        if (Attribute is { } more)
        {
            foreach (var element in QueryKeyTable.DatasetOf((IDictionary)more))
                step.Add(element);
        }

        if (ProcedureStepRules.MissingAtStart(step) is { } missing)
            throw new ArgumentException($"{DicomDictionary.KeywordOf(missing)} is missing; a procedure step must have it.");
        if (!HasText(step))
            step.Remove(Tags.SpecificCharacterSet);
        return step;
    }

    private static void Copy(DicomDataset from, DicomDataset to, params DicomTag[] tags)
    {
        foreach (var tag in tags)
        {
            if (from.Find(tag) is DicomSequence sequence)
                to.SetSequence(tag, [.. sequence.Items.Select(item => new DicomDataset(item) { Text = item.Text })]);
            else if (from.GetStrings(tag) is { Length: > 0 } values)
                to.Set(tag, DicomDictionary.VrOf(tag), values);
        }
    }

    private static void Put(DicomDataset dataset, DicomTag tag, string? value) =>
        dataset.Set(tag, DicomDictionary.VrOf(tag), string.IsNullOrWhiteSpace(value) ? [] : value!.Split('\\'));

    // Unique at this device in a day, and within the 16 characters of SH.
    private static string NewId() =>
        $"{DateTime.Now:yyMMddHHmmss}{Interlocked.Increment(ref _numbers) % 10_000:0000}";

    private static bool HasText(DicomDataset dataset) => dataset.Any(element => element is DicomSequence sequence
        ? sequence.Items.Any(HasText) : dataset.GetStrings(element.Tag).Any(text => text.Any(c => c >= 0x80)));
}
