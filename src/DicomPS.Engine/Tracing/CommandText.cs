using System.Globalization;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Tracing;

/// <summary>A command in one line (PS3.7 9.3, 10.3): operation, ids, SOP class, status and counts by name. Never patients' data.</summary>
internal static class CommandText
{
    /// <summary>The operation with its ids, such as C-FIND request 3, or C-FIND response to 3.</summary>
    public static string Title(CommandSet command) =>
        command.Field == CommandField.CCancelRequest ? $"C-CANCEL of {Id(command.RespondedTo)}"
        : command.IsResponse ? $"{Operation(command)} response to {Id(command.RespondedTo)}"
        : $"{Operation(command)} request {command.MessageId}";

    /// <summary>The whole line.</summary>
    public static string Describe(CommandSet command)
    {
        var parts = new List<string> { Title(command) };
        if (command.IsResponse)
            parts.Add(Status(command));
        if ((command.AffectedSopClassUid ?? command.RequestedSopClassUid) is { } sopClass)
            parts.Add(TraceText.Name(sopClass));
        if ((command.AffectedSopInstanceUid ?? command.RequestedSopInstanceUid) is { } instance)
            parts.Add($"instance {TraceText.Clean(instance)}");
        if (command.MoveDestination is { } destination)
            parts.Add($"to {TraceText.Clean(destination)}");
        if (command.MoveOriginatorAETitle is { } originator)
            parts.Add($"for C-MOVE {command.MoveOriginatorMessageId} of {TraceText.Clean(originator)}");
        if (command.Priority is { } priority and not DicomPriority.Medium)
            parts.Add($"priority {priority}");
        if (command.EventTypeId is { } happened)
            parts.Add($"event {happened}");
        if (command.ActionTypeId is { } action)
            parts.Add($"action {action}");
        AddCounts(parts, command);
        if (command.OffendingElements is { Count: > 0 } offending)
            parts.Add($"offending {string.Join(" ", offending.Take(16).Select(tag => DicomDictionary.KeywordOf(new(tag))))}");
        if (command.ErrorComment is { } comment)
            parts.Add($"error comment {DatasetLines.Hidden(comment, null)}");
        if (command.HasDataset)
            parts.Add("with dataset");
        return string.Join(", ", parts);
    }

    /// <summary>The status in words and in hexadecimal.</summary>
    public static string Status(CommandSet command) =>
        command.Status is { } status
            ? $"{DimseStatus.Describe(Table(command), status)} ({status.ToString("X4", CultureInfo.InvariantCulture)})"
            : "no status";

    private static string Id(ushort? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "no message id";

    private static void AddCounts(List<string> parts, CommandSet command)
    {
        (ushort? Count, string Name)[] counts = [(command.Remaining, "remaining"), (command.Completed, "completed"),
            (command.Failed, "failed"), (command.Warning, "with warning")];
        var told = counts.Where(count => count.Count is not null).Select(count => $"{count.Count} {count.Name}").ToArray();
        if (told.Length > 0)
            parts.Add($"sub-operations {string.Join(" ", told)}");
    }

    private static string Operation(CommandSet command) =>
        Enum.IsDefined(typeof(CommandField), command.Field) ? command.Operation
            : $"command {((ushort)command.Field).ToString("X4", CultureInfo.InvariantCulture)}";

    // The tables of DimseStatus by operation, and where it serves several services by SOP class.
    private static StatusTable Table(CommandSet command)
    {
        var sopClass = command.AffectedSopClassUid ?? command.RequestedSopClassUid ?? "";
        if (sopClass.StartsWith("1.2.840.10008.5.1.4.34.6", StringComparison.Ordinal))
            return StatusTable.UnifiedProcedureStep;
        return (CommandField)((ushort)command.Field & 0x7FFF) switch
        {
            CommandField.CStoreRequest => StatusTable.Storage,
            CommandField.CFindRequest => sopClass == Uids.ModalityWorklistInformationModelFind ? StatusTable.ModalityWorklist
                : sopClass.StartsWith("1.2.840.10008.5.1.4.37.", StringComparison.Ordinal) ? StatusTable.RelevantPatient
                : StatusTable.QrFind,
            CommandField.CMoveRequest => StatusTable.QrMove,
            CommandField.CGetRequest => StatusTable.QrGet,
            _ => StatusTable.General,
        };
    }
}
