using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Commitment;

/// <summary>An instance by its SOP class and its own UID.</summary>
/// <param name="SopClassUid">Its SOP class.</param>
/// <param name="SopInstanceUid">Its SOP instance UID.</param>
public sealed record SopReference(string SopClassUid, string SopInstanceUid);

/// <summary>An instance that a peer does not answer for.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Reason">Failure Reason (0008,1197), see <see cref="CommitmentReasons"/>.</param>
public sealed record FailedSopReference(SopReference Instance, ushort Reason);

/// <summary>The Action Information of a storage commitment request (PS3.4 table J.3-1).</summary>
/// <param name="TransactionUid">Transaction UID (0008,1195), new for each request.</param>
/// <param name="Instances">What the peer is to answer for.</param>
public sealed record CommitmentRequest(string TransactionUid, IReadOnlyList<SopReference> Instances);

/// <summary>The Event Information of a storage commitment report (PS3.4 table J.3-2).</summary>
/// <param name="TransactionUid">Transaction UID (0008,1195) of the request.</param>
/// <param name="Committed">What the peer answers for from now on.</param>
/// <param name="Failed">What it does not.</param>
public sealed record CommitmentReport(string TransactionUid, IReadOnlyList<SopReference> Committed,
    IReadOnlyList<FailedSopReference> Failed);

/// <summary>Thrown for a request or report in which something is missing or wrong.</summary>
/// <param name="message">What.</param>
/// <param name="offending">Where.</param>
internal sealed class CommitmentMessageException(string message, DicomTag offending) : DicomException(message)
{
    /// <summary>Invalid Argument Value (PS3.7 C.5.4): of the failures of N-ACTION and N-EVENT-REPORT the one that fits.</summary>
    public const ushort Status = Statuses.InvalidArgumentValue;

    /// <summary>Offending Elements (0000,0901).</summary>
    public IReadOnlyList<uint> OffendingElements { get; } = [offending.Value];
}

/// <summary>Storage commitment requests and reports as datasets, and back (PS3.4 J.3.2.1, J.3.3.1).</summary>
internal static class CommitmentMessages
{
    /// <summary>Request Storage Commitment (PS3.4 J.3.2.1).</summary>
    public const ushort RequestAction = 1;

    /// <summary>Everything is committed (PS3.4 J.3.3.1).</summary>
    public const ushort AllCommitted = 1;

    /// <summary>Failures exist (PS3.4 J.3.3.1).</summary>
    public const ushort FailuresExist = 2;

    /// <summary>
    /// Whether a text has the characters and the length of a UID (PS3.5 9.1); leading zeros occur in what has been stored for years.
    /// </summary>
    public static bool IsUid(string text) => text.Length is > 0 and <= 64 && text.All(c => c is '.' or (>= '0' and <= '9'));

    public static DicomDataset Write(CommitmentRequest request)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.TransactionUID, request.TransactionUid);
        dataset.SetSequence(Tags.ReferencedSOPSequence, [.. request.Instances.Select(Item)]);
        return dataset;
    }

    public static DicomDataset Write(CommitmentReport report)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.TransactionUID, report.TransactionUid);
        if (report.Failed.Count > 0)
            dataset.SetSequence(Tags.FailedSOPSequence, [.. report.Failed.Select(Item)]);
        // Absent when nothing is committed: the standard asks for one item or more.
        if (report.Committed.Count > 0)
            dataset.SetSequence(Tags.ReferencedSOPSequence, [.. report.Committed.Select(Item)]);
        return dataset;
    }

    /// <exception cref="CommitmentMessageException">A part is missing or wrong.</exception>
    public static CommitmentRequest ReadRequest(DicomDataset dataset)
    {
        var transaction = Transaction(dataset);
        return dataset.GetItems(Tags.ReferencedSOPSequence) is { Count: > 0 } items
            ? new CommitmentRequest(transaction, [.. items.Select(Reference)])
            : throw new CommitmentMessageException("The Referenced SOP Sequence is missing or empty", Tags.ReferencedSOPSequence);
    }

    /// <exception cref="CommitmentMessageException">A part is missing or wrong.</exception>
    public static CommitmentReport ReadReport(DicomDataset dataset) => new(
        Transaction(dataset),
        [.. dataset.GetItems(Tags.ReferencedSOPSequence).Select(Reference)],
        [.. dataset.GetItems(Tags.FailedSOPSequence).Select(item =>
            new FailedSopReference(Reference(item), (ushort)(item.GetInt32(Tags.FailureReason) ?? CommitmentReasons.ProcessingFailure)))]);

    private static string Transaction(DicomDataset dataset) => Value(dataset, Tags.TransactionUID) is var uid && IsUid(uid)
        ? uid
        : throw new CommitmentMessageException("TransactionUID is no UID", Tags.TransactionUID);

    // One that is no UID is an instance that nobody has, and no reason to refuse the others.
    private static SopReference Reference(DicomDataset item) =>
        new(Value(item, Tags.ReferencedSOPClassUID), Value(item, Tags.ReferencedSOPInstanceUID));

    private static string Value(DicomDataset dataset, DicomTag tag) =>
        dataset.GetString(tag) ?? throw new CommitmentMessageException($"{DicomDictionary.KeywordOf(tag)} is missing or empty", tag);

    private static DicomDataset Item(SopReference instance)
    {
        var item = new DicomDataset();
        item.Set(Tags.ReferencedSOPClassUID, instance.SopClassUid);
        item.Set(Tags.ReferencedSOPInstanceUID, instance.SopInstanceUid);
        return item;
    }

    private static DicomDataset Item(FailedSopReference failed)
    {
        var item = Item(failed.Instance);
        item.SetInts(Tags.FailureReason, Vr.US, failed.Reason);
        return item;
    }
}

/// <summary>Failure Reason (0008,1197) of storage commitment, a table of PS3.4 J.3.3.1 and PS3.3 C.14.1.1.</summary>
internal static class CommitmentReasons
{
    /// <summary>A failure in processing.</summary>
    public const ushort ProcessingFailure = 0x0110;

    /// <summary>The peer does not have the instance.</summary>
    public const ushort NoSuchInstance = 0x0112;

    /// <summary>The peer has the instance, of another SOP class.</summary>
    public const ushort ClassInstanceConflict = 0x0119;

    /// <summary>The peer does not take instances of the SOP class.</summary>
    public const ushort ClassNotSupported = 0x0122;

    /// <summary>The Transaction UID is in use.</summary>
    public const ushort DuplicateTransaction = 0x0131;

    /// <summary>The peer has no room for it.</summary>
    public const ushort ResourceLimitation = 0x0213;

    /// <summary>A reason in words, such as <c>No such object instance (0112H)</c>.</summary>
    /// <param name="reason">The reason.</param>
    public static string Describe(ushort reason)
    {
        var words = reason switch
        {
            ProcessingFailure => "Processing failure",
            NoSuchInstance => "No such object instance",
            ClassInstanceConflict => "Class/instance conflict",
            ClassNotSupported => "Referenced SOP class not supported",
            DuplicateTransaction => "Duplicate transaction UID",
            ResourceLimitation => "Resource limitation",
            _ => DimseStatus.Describe(StatusTable.General, reason).Meaning,
        };
        return $"{words} ({reason:X4}H)";
    }
}
