using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// What has become of the items of a worklist, as the modalities say by performed procedure steps (PS3.4 F.7): one that is performed or
/// done is offered no more, unless its status is asked for. Any thread may use it.
/// </summary>
internal sealed class WorklistMarks
{
    // Of Scheduled Procedure Step Status (0040,0020).
    private const string Started = "STARTED";

    private readonly object _lock = new();
    private readonly Dictionary<string, Dictionary<string, KeptStep>> _byStudy = new(StringComparer.Ordinal);

    /// <summary>Follows the steps that are kept.</summary>
    /// <param name="steps">The steps.</param>
    public WorklistMarks(ProcedureSteps steps)
    {
        foreach (var step in steps.All)
            Note(step);
        steps.Changed = Note;
    }

    /// <summary>How a query sees the items.</summary>
    /// <param name="items">All of them.</param>
    /// <param name="identifier">The keys of the query.</param>
    /// <returns>Gives an item with its status as it is now; null for one that is not to be offered.</returns>
    public Func<DicomDataset, DicomDataset?> Look(IReadOnlyList<DicomDataset> items, DicomDataset identifier)
    {
        // Who names a status means it, * among them.
        var isAsked = identifier.GetItems(Tags.ScheduledProcedureStepSequence).Append(identifier)
            .Any(keys => keys.GetString(Tags.ScheduledProcedureStepStatus) is { });
        var inStudy = new Lazy<Dictionary<string, int>>(() => items.GroupBy(StudyOf, StringComparer.Ordinal)
            .ToDictionary(study => study.Key, study => study.Count(), StringComparer.Ordinal));
        return item =>
        {
            if (StateOf(item, () => inStudy.Value[StudyOf(item)] == 1) is not { } state)
                return item;
            return isAsked ? With(item, state) : null;
        };
    }

    private string? StateOf(DicomDataset item, Func<bool> isOnly)
    {
        KeptStep[] steps;
        lock (_lock)
        {
            if (!_byStudy.TryGetValue(StudyOf(item), out var known))
                return null;
            steps = [.. known.Values];
        }

        var id = item.GetItems(Tags.ScheduledProcedureStepSequence)[0].GetString(Tags.ScheduledProcedureStepID);
        var states = steps.Where(step => step.Scheduled.Any(Performs)).Select(step => step.State).ToList();
        // One that was given up is to be done all the same, and is offered again.
        return states.Contains(ProcedureStepState.Completed) ? ProcedureStepState.Completed
            : states.Contains(ProcedureStepState.InProgress) ? Started : null;

        // Without an ID on both sides only the sole item of a study is meant for sure: one too many is seen, one too few is not.
        bool Performs(ScheduledReference reference) => reference.StudyInstanceUid == StudyOf(item)
            && (reference.StepId is { } && id is { } ? reference.StepId == id : isOnly());
    }

    private static DicomDataset With(DicomDataset item, string state)
    {
        var step = new DicomDataset(item.GetItems(Tags.ScheduledProcedureStepSequence)[0]) { Text = item.Text };
        step.Set(Tags.ScheduledProcedureStepStatus, state);
        var marked = new DicomDataset(item) { Text = item.Text };
        marked.SetSequence(Tags.ScheduledProcedureStepSequence, step);
        return marked;
    }

    private void Note(KeptStep step)
    {
        lock (_lock)
        {
            foreach (var reference in step.Scheduled)
            {
                if (!_byStudy.TryGetValue(reference.StudyInstanceUid, out var known))
                    _byStudy[reference.StudyInstanceUid] = known = new Dictionary<string, KeptStep>(StringComparer.Ordinal);
                known[step.SopInstanceUid] = step;
            }
        }
    }

    private static string StudyOf(DicomDataset item) => item.GetString(Tags.StudyInstanceUID) ?? "";
}
