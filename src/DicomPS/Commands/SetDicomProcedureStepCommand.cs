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

/// <summary>Tells a RIS what has become of a procedure step (MPPS, N-SET): more of it, that it is done, or that it was given up.</summary>
[Cmdlet(VerbsCommon.Set, "DicomProcedureStep", DefaultParameterSetName = ByNode, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ProcedureStep))]
public sealed class SetDicomProcedureStepCommand : ProcedureStepCmdlet
{
    /// <summary>The SOP instance UID of the step, as New-DicomProcedureStep gave it.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string SOPInstanceUID { get; set; } = "";

    /// <summary>It is done: COMPLETED. The step changes no more.</summary>
    [Parameter]
    public SwitchParameter Completed { get; set; }

    /// <summary>It was given up: DISCONTINUED. The step changes no more.</summary>
    [Parameter]
    public SwitchParameter Discontinued { get; set; }

    /// <summary>Why it was given up: the code of the standard (CID 9300) or its words.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DiscontinuationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <summary>What it made: instances or series, such as the answers of Get-DicomFile, Find-DicomInstance and Find-DicomSeries.</summary>
    [Parameter]
    [ValidateNotNull]
    public PSObject[]? PerformedSeries { get; set; }

    /// <summary>The protocol of the series that name none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ProtocolName { get; set; }

    /// <summary>Who performed it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PerformingPhysician { get; set; }

    /// <summary>Who operated the device.</summary>
    [Parameter]
    [Alias("OperatorsName")]
    [ValidateNotNullOrEmpty]
    public string? OperatorName { get; set; }

    /// <summary>The AE title that the images can be retrieved from.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    [ValidateNotNullOrEmpty]
    public string? RetrieveAETitle { get; set; }

    /// <summary>When it ended; now without it.</summary>
    [Parameter]
    [DateTransform(IsMoment = true)]
    public DateTime EndDate { get; set; }

    /// <summary>Further attributes of the step by keyword or tag; a hashtable is the item of a sequence.</summary>
    [Parameter]
    [ValidateNotNull]
    [KeyTableTransform]
    [ArgumentCompleter(typeof(KeyTableCompleter))]
    [Alias("Key")]
    public KeyTable? Attribute { get; set; }

    /// <summary>The step, as New-DicomProcedureStep gave it.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    private protected override void Begin()
    {
        if (Completed && Discontinued)
        {
            Terminate(new ArgumentException("A step is completed or discontinued: give one of -Completed and -Discontinued."),
                SOPInstanceUID);
        }

        if (Reason is not null && !Discontinued)
            Terminate(new ArgumentException("-Reason says why a step was given up: it goes with -Discontinued."), Reason);
        if (Reason is not null && DiscontinuationReason.Find(Reason) is null)
            Terminate(new ArgumentException($"'{Reason}' is no reason of the standard; Tab completes them."), Reason);
        if (Completed && PerformedSeries is not { Length: > 0 } && Attribute is null)
        {
            Terminate(new ModuleException(ErrorIds.ProcedureStepIncomplete, ErrorCategory.InvalidArgument,
                "A step that is COMPLETED has one series at least, and -PerformedSeries names none.",
                "Give what it made: -PerformedSeries (Get-DicomFile ./study), or the answers of Find-DicomInstance.", SOPInstanceUID),
                SOPInstanceUID);
        }

        if (!Completed && !Discontinued && PerformedSeries is null && Attribute is null)
        {
            Terminate(new ArgumentException("There is nothing to tell: give -Completed, -Discontinued, -PerformedSeries or -Attribute."),
                SOPInstanceUID);
        }
    }

    private protected override void Process()
    {
        var uid = SOPInstanceUID.Trim();
        if (!Uid.IsUsable(uid))
        {
            WriteFailure(new ModuleException(ErrorIds.UidInvalid, ErrorCategory.InvalidArgument,
                $"'{uid}' is no UID for {nameof(SOPInstanceUID)}; nothing was told.",
                "Pipe in what New-DicomProcedureStep gave.", uid), uid);
            return;
        }

        var node = Peer;
        var known = InputObject?.BaseObject as ProcedureStep;
        DicomDataset changes;
        try
        {
            changes = Changes(InputObject is null ? null : Text(InputObject, "StudyInstanceUID"));
        }
        catch (Exception wrong) when (wrong is ArgumentException or ModuleException)
        {
            WriteFailure(wrong, uid);
            return;
        }

        // What was known of a step stands; what a failure was about it does not.
        var step = ((known ?? new ProcedureStep { SOPInstanceUID = uid, Status = "" }) with
        {
            SOPInstanceUID = uid,
            Status = "NotSent",
            StatusCode = null,
            ErrorComment = null,
            Error = null,
            Node = node,
        }).With(changes);
        var state = Completed ? ProcedureStepState.Completed : Discontinued ? ProcedureStepState.Discontinued : "changed";
        if (ShouldProcess($"{uid} {step.PatientName} ({step.PatientID})", $"Tell {node} that it is {state}"))
            Ask(step, "N-SET", async (scu, token) => (await scu.SetAsync(uid, changes, token).ConfigureAwait(false), step));
    }

    private DicomDataset Changes(string? study)
    {
        var changes = new DicomDataset();
        changes.SetCharacterSet("ISO_IR 192");
        if (Completed || Discontinued)
        {
            var ended = Given(nameof(EndDate)) ? EndDate : DateTime.Now;
            changes.Set(Tags.PerformedProcedureStepStatus,
                Completed ? ProcedureStepState.Completed : ProcedureStepState.Discontinued);
            changes.Set(Tags.PerformedProcedureStepEndDate, ended.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
            changes.Set(Tags.PerformedProcedureStepEndTime, ended.ToString("HHmmss", CultureInfo.InvariantCulture));
        }

        if (Reason is { } reason)
            changes.SetSequence(Tags.PerformedProcedureStepDiscontinuationReasonCodeSequence, DiscontinuationReason.Find(reason)!.ToItem());
        if (PerformedSeries is { } || Discontinued)
            changes.SetSequence(Tags.PerformedSeriesSequence, [.. Series(study)]);
        if (Attribute is { } more)
        {
            foreach (var element in QueryKeyTable.DatasetOf((IDictionary)more))
                changes.Add(element);
        }

        if (ProcedureStepState.IsFinal(changes.GetString(Tags.PerformedProcedureStepStatus))
            && ProcedureStepRules.MissingAtEnd(changes) is { } missing)
        {
            throw new ModuleException(ErrorIds.ProcedureStepIncomplete, ErrorCategory.InvalidArgument,
                $"{DicomDictionary.KeywordOf(missing)} is missing; a procedure step that has ended must have it.",
                "Give the series with -PerformedSeries, and the rest with -Attribute.", SOPInstanceUID);
        }

        return changes;
    }

    private List<DicomDataset> Series(string? study)
    {
        var items = new List<DicomDataset>();
        var series = new Dictionary<string, ProcedureStepSeries>(StringComparer.Ordinal);
        var order = new List<ProcedureStepSeries>();
        foreach (var row in PerformedSeries ?? [])
        {
            if (row.BaseObject is DicomDataset ready)
            {
                items.Add(ready);
                continue;
            }

            var uid = Text(row, "SeriesInstanceUID");
            if (uid is null || !Uid.IsUsable(uid))
            {
                throw new ModuleException(ErrorIds.ProcedureStepIncomplete, ErrorCategory.InvalidData,
                    $"'{row}' of -PerformedSeries has no SeriesInstanceUID.",
                    "Give the answers of Get-DicomFile, Find-DicomInstance or Find-DicomSeries.", row);
            }

            if (study is { } && Text(row, "StudyInstanceUID") is { } other && other != study)
            {
                throw new ModuleException(ErrorIds.ProcedureStepIncomplete, ErrorCategory.InvalidData,
                    $"The series {uid} is of the study {other}, and the step of {study}.",
                    "Name what this step made, and nothing else.", row);
            }

            if (!series.TryGetValue(uid, out var known))
                order.Add(series[uid] = known = New(uid));
            known.Description ??= Text(row, "SeriesDescription");
            known.Protocol ??= Text(row, "ProtocolName");
            known.RetrieveAETitle ??= Text(row, "RetrieveAETitle");
            if (Text(row, "SOPInstanceUID") is not { } instance)
                continue;
            // An instance that cannot be named must not be missing without a word.
            if (Text(row, "SOPClassUID") is not { } sopClass || !Uid.IsUsable(sopClass) || !Uid.IsUsable(instance))
            {
                throw new ModuleException(ErrorIds.ProcedureStepIncomplete, ErrorCategory.InvalidData,
                    $"The instance '{instance}' of -PerformedSeries has no SOPClassUID, or one of its UIDs is none.",
                    "Give the answers of Get-DicomFile or Find-DicomInstance, which have both.", row);
            }

            known.Add(sopClass, instance);
        }

        // A series must be there, though it may have no images (table F.7.2-1, note 2).
        if (Discontinued && order.Count == 0 && items.Count == 0)
            order.Add(New(Uid.New()));
        foreach (var one in order)
        {
            one.Protocol ??= ProtocolName;
            items.Add(one.ToItem());
        }

        return items;

        ProcedureStepSeries New(string uid) => new(uid)
        {
            PerformingPhysician = PerformingPhysician,
            Operator = OperatorName,
            RetrieveAETitle = RetrieveAETitle,
        };
    }

    private static string? Text(PSObject row, string name) =>
        Scripts.Answers.Get(row, name)?.ToString()?.Trim() is { Length: > 0 } text ? text : null;
}
