using System.Diagnostics;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Sending;

/// <summary>What is said of a try to send a file.</summary>
/// <param name="node">Where it was to go; null to leave it out.</param>
internal sealed class StoreReports(DicomNode? node)
{
    /// <summary>Out of resources (A7xx) and resource limitation (0213) may pass; everything else is about the file.</summary>
    public static bool IsPassing(ushort status) =>
        status is (>= Statuses.Storage.OutOfResources and <= Statuses.Storage.OutOfResourcesLast) or Statuses.ResourceLimitation;

    /// <summary>Why no accepted context takes a file.</summary>
    public static DicomNetworkException Refused(StoreScu scu, StoreItem item)
    {
        var file = item.File;
        var sopClass = DicomDictionary.NameOf(file.SopClassUid);
        var refused =
            scu.Association.RefusedContexts.FirstOrDefault(
                c => c.AbstractSyntax == file.SopClassUid && c.TransferSyntaxes.Contains(file.TransferSyntax.Uid))
            ?? scu.Association.RefusedContexts.FirstOrDefault(c => c.AbstractSyntax == file.SopClassUid);
        return new DicomNetworkException(
            $"The peer does not take {sopClass} in {file.TransferSyntax.Name}: {refused?.ResultName ?? "no context was accepted"}.")
        {
            Stage = DicomStage.PresentationContext,
            Advice = file.TransferSyntax.IsUncompressed
                ? "The peer does not store this SOP class for this AE title. Ask its administrator to allow it."
                : "The file is compressed and is never decompressed on the way, so that no pixel changes unseen. Enable this transfer "
                + "syntax at the peer, or convert a copy of the file first.",
        };
    }

    /// <summary>The result of a file that the peer has answered.</summary>
    public StoreResult Answered(StoreItem item, long start, AcceptedContext context, CommandSet response)
    {
        var said = DimseStatus.Describe(StatusTable.Storage, response.Status);
        var result = Describe(item, start, said.ToString(), said.IsDone) with
        {
            StatusCode = response.Status,
            ErrorComment = response.ErrorComment,
            OffendingElement = response.OffendingElements is { Count: > 0 } tags
                ? string.Join(", ", tags.Select(tag => DicomDictionary.KeywordOf(new DicomTag(tag)))) : null,
            TransferSyntax = TransferSyntax.Find(context.TransferSyntax).Name,
            TransferSyntaxUID = context.TransferSyntax,
        };
        if (said.IsDone)
            return result;
        var isPassing = IsPassing(response.Status!.Value);
        var problem = DimseRefusal.Exception("The peer answered C-STORE with status", StatusTable.Storage, response.Status.Value,
            response.ErrorComment, isTransient: isPassing, advice: isPassing
                ? "The peer is short of space or memory. Free some there, then send the file again."
                : "The peer looked at the file and refused it; its log says more. Sending it again unchanged will not help.");
        return result with { Error = problem.Message, Advice = problem.Advice, Exception = problem };
    }

    /// <summary>The result of a file that has no answer: it was not sent, or what became of it is unknown.</summary>
    public StoreResult Failure(StoreItem item, long start, DicomException problem)
    {
        var status = item.MayHaveArrived ? "Unknown" : "NotSent";
        return Describe(item, start, status, false) with
        {
            Error = problem.Message,
            Advice = item.MayHaveArrived
                ? ("The association broke before the answer: the peer may or may not have the file. Sending it again is safe. "
                    + problem.Advice).TrimEnd()
                : problem.Advice,
            Exception = problem,
        };
    }

    private StoreResult Describe(StoreItem item, long start, string status, bool success)
    {
        var now = DateTime.Now;
        var took = TimeSpan.FromSeconds((Stopwatch.GetTimestamp() - start) / (double)Stopwatch.Frequency);
        return new StoreResult
        {
            Path = item.File.Path,
            StudyUid = item.Study,
            PatientId = item.File.Header.GetString(Tags.PatientID),
            Success = success,
            Status = status,
            SOPInstanceUID = item.File.SopInstanceUid,
            SOPClassUID = item.File.SopClassUid,
            SOPClass = DicomDictionary.NameOf(item.File.SopClassUid),
            TransferSyntax = item.File.TransferSyntax.Name,
            TransferSyntaxUID = item.File.TransferSyntax.Uid,
            Bytes = item.Bytes,
            Started = now - took,
            Finished = now,
            Duration = took,
            Attempts = item.Attempts,
            Node = node,
        };
    }
}
