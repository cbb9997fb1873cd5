using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Matching;
using DicomPS.Retrieving;

namespace DicomPS.Cmdlets;

// What is written of the results.
public abstract partial class RetrieveCmdlet
{
    private void WriteResult(RetrieveResult result)
    {
        Mark(result);
        WriteAudit(result);
        WriteObject(result);
        // Whoever cancels knows it; the warning at the end says it once.
        if (IsCancelled && result.GetVerdict() == RetrieveVerdict.Cancelled)
        {
            if (result.Attempts == 0)
                _notBegun++;
            return;
        }

        if (result.GetVerdict() is RetrieveVerdict.Failed or RetrieveVerdict.Partial or RetrieveVerdict.Cancelled)
            WriteProblem(result);
        else if (result.GetVerdict() == RetrieveVerdict.Suspect || result.NotAskedFor > 0)
            WriteWarning($"{Describe(result)}: {result.Advice}");
        else if (result.GetSenders() is { } senders)
            WarnOfSenders(result, senders);
        else if (result.Advice is { } advice)
            WriteVerbose($"{Describe(result)}: {advice}");
    }

    // What was asked for has its result, also where nothing can be sent, so that the results are as many as the rows. A command line
    // that lacks a key asks for nothing yet.
    private void WriteUnusable(RetrieveKeys keys, DicomNode node, ArgumentException why)
    {
        var named = Describe(keys);
        var problem = new ModuleException(ErrorIds.RetrieveKeysInvalid, ErrorCategory.InvalidArgument, why.Message,
            "Nothing was sent. Give the keys that the model and the level need, or choose them with -Model and -Level.",
            named.Length > 0 ? named : node, why);
        if (!IsWhatIf && named.Length > 0 && (MyInvocation.ExpectingInput || !named.Split('\\').All(Uid.IsUsable)))
            WriteObject(OptionsOf(node).Unusable(keys, problem));
        WriteFailure(problem, node);
    }

    // One that is no UID does not hold the others of a list up.
    private static List<RetrieveKeys>? Parted(RetrieveKeys keys)
    {
        var deepest = keys.SOPInstanceUID.Count > 0 ? keys.SOPInstanceUID
            : keys.SeriesInstanceUID.Count > 0 ? keys.SeriesInstanceUID : keys.StudyInstanceUID;
        var uids = deepest.SelectMany(uid => (uid ?? "").Split('\\')).Select(uid => uid.Trim(' ', '\0')).Where(uid => uid.Length > 0)
            .ToLookup(Uid.IsUsable);
        if (uids[false].Count() is 0 or 1 && !uids[true].Any())
            return null;
        var parts = uids[false].Select(uid => With(keys, [uid])).ToList();
        if (uids[true].Any())
            parts.Add(With(keys, [.. uids[true]]));
        return parts.Count > 1 ? parts : null;
    }

    private static RetrieveKeys With(RetrieveKeys keys, string[] uids) => keys.SOPInstanceUID.Count > 0
        ? keys with { SOPInstanceUID = uids }
        : keys.SeriesInstanceUID.Count > 0 ? keys with { SeriesInstanceUID = uids } : keys with { StudyInstanceUID = uids };

    // One warning tells of all: what the counts of the peer bear out is the same for each request.
    private void WarnOfSenders(RetrieveResult result, string senders)
    {
        if (_warned.Add($"{result.Node}|{senders}"))
        {
            WriteWarning(
                $"{Describe(result)}: {result.FromElsewhere} of {result.Received} instances came from {senders}, which is no address of "
                + $"{result.Node}, without naming the request. "
                + "The counts of the peer fit. If these are its senders, name them with -From, here or with Set-DicomNode; the property "
                + "FromElsewhere counts them in each result.");
        }
    }

    private void WriteProblem(RetrieveResult result)
    {
        var failure = result.GetException();
        var isReason = OutageTeller.IsReason(failure, result.Status == "NotSent");
        // An unknown destination and a refused kind of request fail each request in the same way: told once, then counted.
        if (_outage.Counts(failure, isReason) || _refusals.Counts(failure, _target!, result.Destination))
            return;
        TellUnsent(failure, isReason);
        WriteError(ErrorRecords.From(result, Describe(result)));
    }

    private void TellUnsent(DicomException? next = null, bool isReason = false)
    {
        if (_outage.TakeRest(_target!, next, isReason) is { } rest)
            WriteError(rest);
        if (next is not null)
            return;
        foreach (var more in _refusals.TakeRest())
            WriteError(more);
    }

    // A stopped pipeline takes no objects any more, but the screen is still there.
    private void TellWhatWasDone(RetrieveResult result)
    {
        var line = SafeText.Clean($"{Describe(result)}: {result.Verdict}. {result.Advice}");
        if (result.GetVerdict() == RetrieveVerdict.Complete)
            _screen?.WriteLine(line);
        else
            _screen?.WriteWarningLine(line);
    }

    private static string Describe(RetrieveTarget wanted) =>
        Describe($"{wanted.Level}", wanted.PatientID, Last(wanted.Studies, wanted.Series, wanted.Instances));

    private static string Describe(RetrieveResult result) =>
        Describe(result.Level, result.PatientID, result.SOPInstanceUID ?? result.SeriesInstanceUID ?? result.StudyInstanceUID);

    private static string Describe(string level, string? patient, string? uids) =>
        $"{level} {(level == nameof(QueryLevel.Patient) ? patient : uids)}";

    private static string Describe(RetrieveKeys keys) =>
        Last(keys.StudyInstanceUID, keys.SeriesInstanceUID, keys.SOPInstanceUID) is { Length: > 0 } uids ? uids : keys.PatientID ?? "";

    private static string? Last(params IReadOnlyList<string>[] keys) =>
        keys.LastOrDefault(uids => uids.Count > 0) is { } deepest ? string.Join("\\", deepest) : null;
}
