using DicomPS.Transfers.Planning;
using DicomPS.Transfers.Store;

namespace DicomPS.Transfers;

/// <summary>Rows of a store as what PowerShell shows. Pure.</summary>
internal static class TransferViews
{
    public static Transfer Status(TransferRow transfer, TransferCounts counts, TransferRate rate, int workers, string store)
    {
        double? perHour = rate.Hours is { } hours && rate.Studies > 0 ? Math.Round(rate.Studies / hours, 1) : null;
        return new Transfer
        {
            Name = transfer.Name,
            State = transfer.State == "Active" && counts.All > 0 && counts.Left == 0 ? "Done" : transfer.State,
            Source = transfer.Source.Node,
            Destination = transfer.Destination.Node,
            Method = transfer.Method,
            Verify = transfer.Verify,
            VerifySample = (int)transfer.VerifySample,
            Studies = counts.All,
            Waiting = counts.Waiting,
            Running = counts.Running,
            Transferred = counts.Transferred,
            Done = counts.Done,
            Differs = counts.Differs,
            Failed = counts.Failed,
            Skipped = counts.Skipped,
            Cancelled = counts.Cancelled,
            StudiesPerHour = perHour,
            BytesPerSecond = rate.Bytes is { } bytes && rate.Hours is { } time ? Math.Round(bytes / (time * 3600)) : null,
            Eta = Eta(transfer, counts, perHour, rate.Now),
            Workers = workers,
            Held = Held(transfer, rate.Now),
            Created = transfer.Created,
            Store = store,
        };
    }

    public static TransferItem Item(ItemRow row, string name, string store) => new()
    {
        State = row.State,
        StudyInstanceUID = row.StudyUid,
        PatientName = row.PatientName,
        PatientID = row.PatientId,
        StudyDate = row.StudyDate,
        AccessionNumber = row.AccessionNumber,
        Modalities = row.Modalities,
        StudyDescription = row.Description,
        Instances = row.ExpectedInstances,
        SourceInstances = row.SourceInstances,
        DestinationInstances = row.DestinationInstances,
        Priority = row.Priority,
        Attempts = row.Attempts,
        Due = row.Due,
        Added = row.Added,
        Begun = row.Started,
        Ended = row.Finished,
        Bytes = row.Bytes,
        Reason = row.ErrorKind,
        Error = row.Error,
        Name = name,
        Store = store,
    };

    public static TransferNode Node(NodeRow row, string store) => new()
    {
        Node = row.Node,
        Throttle = row.Throttle,
        PerHour = row.PerHour,
        BytesPerSecond = row.BytesPerSecond,
        RetrieveBy = row.RetrieveBy,
        Between = row.Windows,
        TimeZone = row.TimeZone,
        Opens = row.OpenFrom > row.Now ? RowReading.Moment(row.OpenFrom) : null,
        Running = row.Taken,
        HeldSince = row.HeldSince is { } since ? RowReading.Moment(since) : null,
        Held = row.HeldWhy,
        Store = store,
    };

    public static TransferTest Test(TransferRow transfer, TransferCounts counts, TransferProof proof, string store) => new()
    {
        Name = transfer.Name,
        Verify = transfer.Verify,
        Success = counts.All > 0 && counts.Done + counts.Skipped == counts.All && proof.IsWhole,
        Studies = counts.All,
        Done = counts.Done,
        Skipped = counts.Skipped,
        Differs = counts.Differs,
        Failed = counts.Failed,
        Cancelled = counts.Cancelled,
        Left = counts.Left,
        Attempts = proof.Attempts,
        ChainIntact = proof.IsWhole,
        Advice = proof.Problem is { } problem ? $"{problem} Do not trust these tables."
            : counts.All == 0 ? "It has no studies. Add-DicomTransferItem adds them."
            : counts.Left > 0 ? $"It is not at its end. {Onward(transfer)}"
            : counts.Failed + counts.Differs > 0
                ? "Get-DicomTransferItem -State Failed, Differs says which and why; Reset-DicomTransferItem has tried again "
                    + "what is missing there. What is there and differs is not sent again: delete it at the destination first. "
                    + "Of FewerThanListed nothing is to be deleted: look at the source, as about_DicomPS_Transfers says."
            : counts.Cancelled > 0 ? "Reset-DicomTransferItem -State Cancelled has those moved that were given up."
                + (transfer.State == "Active" ? "" : $" {Onward(transfer)}") : null,
        Store = store,
    };

    public static NewItem New(TransferStudy study) => new()
    {
        StudyUid = study.StudyInstanceUID,
        PatientId = study.PatientID,
        PatientName = study.PatientName,
        StudyDate = study.StudyDate,
        AccessionNumber = study.AccessionNumber,
        Modalities = study.Modalities,
        Description = study.StudyDescription,
        Instances = study.Instances,
        Priority = study.Priority,
        Lacks = study.Lacks,
    };

    /// <summary>What has a transfer go on that is not at its end.</summary>
    public static string Onward(TransferRow transfer) => transfer.State == "Active" ? "Start-DicomTransferWorker goes on."
        : $"It is {transfer.State.ToLowerInvariant()}: Resume-DicomTransfer first, then Start-DicomTransferWorker.";

    private static DateTime? Eta(TransferRow transfer, TransferCounts counts, double? perHour, long now)
    {
        var left = counts.Waiting + counts.Running;
        if (left == 0 || perHour is not > 0 || transfer.State != "Active")
            return null;
        var work = TimeSpan.FromHours(left / perHour.Value);
        var end = now + (long)work.TotalMilliseconds;
        foreach (var node in new[] { transfer.Source, transfer.Destination })
        {
            if (node.Windows is not { } windows)
                continue;
            if (NodeWindows.Parse(windows, node.TimeZone).After(now, work) is not { } open)
                return null;
            end = Math.Max(end, open);
        }

        return RowReading.Moment(end);
    }

    /// <summary>Which of its nodes nothing is begun with, and why; null when both are open.</summary>
    public static string? Held(TransferRow transfer, long now)
    {
        var reasons = new List<string>();
        foreach (var node in new[] { transfer.Source, transfer.Destination })
        {
            if (node.HeldSince is { } since)
                reasons.Add($"{node.Node} is held since {RowReading.Moment(since):yyyy-MM-dd HH:mm}: {node.HeldWhy}");
            else if (node.OpenFrom > now)
                reasons.Add($"{node.Node} opens {RowReading.Moment(node.OpenFrom):yyyy-MM-dd HH:mm} ({node.Windows})");
        }

        return reasons.Count == 0 ? null : string.Join("; ", reasons);
    }
}
