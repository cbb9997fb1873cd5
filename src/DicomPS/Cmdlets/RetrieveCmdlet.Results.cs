using DicomPS.Associations;
using DicomPS.Matching;
using DicomPS.Retrieving;

namespace DicomPS.Cmdlets;

// What is written of the results.
public abstract partial class RetrieveCmdlet
{
    private void WriteResult(RetrieveResult result)
    {
        WriteObject(result);
        if (result.GetVerdict() is RetrieveVerdict.Failed or RetrieveVerdict.Partial or RetrieveVerdict.Cancelled)
            WriteProblem(result);
        else if (result.GetVerdict() == RetrieveVerdict.Suspect || result.NotAskedFor > 0)
            WriteWarning($"{Describe(result)}: {result.Advice}");
        else if (result.GetSenders() is { } senders)
            WarnOfSenders(result, senders);
        else if (result.Advice is { } advice)
            WriteVerbose($"{Describe(result)}: {advice}");
    }

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
        var isReason = DeadNode.IsReason(failure, result.Status == "NotSent");
        // An unknown destination and a refused kind of request fail each request in the same way: told once, then counted.
        if (_dead.Counts(failure, isReason) || _refusals.Counts(failure, _target!, result.Destination))
            return;
        TellUnsent(failure, isReason);
        WriteError(ErrorRecords.From(result, Describe(result)));
    }

    private void TellUnsent(DicomException? next = null, bool isReason = false)
    {
        if (_dead.TakeRest(_target!, next, isReason) is { } rest)
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
