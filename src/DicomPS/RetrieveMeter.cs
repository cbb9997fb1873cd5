using DicomPS.Retrieving;

namespace DicomPS;

/// <summary>Two bars of a retrieve, one within the other: the requests, and the instances of those that run.</summary>
internal sealed class RetrieveMeter(ProgressMeter outer, ProgressMeter inner)
{
    private long finished;
    private long before;

    /// <summary>Shows where a job stands, when an update is due.</summary>
    public void Show(RetrieveJob job)
    {
        if (!outer.IsDue && !inner.IsDue)
            return;
        RetrieveProgress now = job.Progress;
        double seconds = outer.Elapsed.TotalSeconds;
        long done = Math.Max(now.Completed, now.Received);
        if (now.Done != finished)
            (finished, before) = (now.Done, done);

        // What is left of the running requests is known at most; so the share is theirs, and the requests' share counts it in.
        double? share = now.Remaining is { } remaining && done - before + remaining > 0 ? (done - before) / (double)(done - before + remaining) : null;
        double? whole = now.Requests > 0 ? Math.Min(1, (now.Done + (share ?? 0)) / now.Requests) : null;
        string waiting = now.WaitingUntil is { } opening ? $"waiting until {opening:HH:mm}, " : "";
        string incomplete = now.NotComplete > 0 ? $", {now.NotComplete} not complete" : "";
        // The seconds move the line also while a peer says nothing.
        outer.Update($"{waiting}{now.Done} of {now.Requests} requests{incomplete}, {seconds:0} s", whole, now.WaitingUntil is null ? outer.Left(whole) : null);

        string left = now.Remaining is { } open ? $", {open} left" : "";
        string failed = now.Failed > 0 ? $", {now.Failed} failed" : "";
        string size = now.Received > 0 ? $", {ProgressMeter.Size(now.Bytes)}, {ProgressMeter.Size(now.Bytes / seconds)}/s" : "";
        TimeSpan? time = now.Remaining is { } rest && done > 0 ? TimeSpan.FromSeconds(seconds / done * rest) : null;
        inner.Update($"{done} instances{left}{failed}, {done / seconds:0} instances/s{size}", share, time, now.Running);
    }

    /// <summary>Takes both bars away.</summary>
    public void Complete()
    {
        inner.Complete();
        outer.Complete();
    }
}
