using DicomPS.Retrieving;

namespace DicomPS.Pipeline;

/// <summary>Two bars of a retrieve, one within the other: the requests, and the instances of those that run.</summary>
internal sealed class RetrieveMeter(ProgressMeter outer, ProgressMeter inner)
{
    private long _finished;
    private long _before;

    /// <summary>Shows where a job stands, when an update is due.</summary>
    public void Show(RetrieveJob job)
    {
        if (!outer.IsDue && !inner.IsDue)
            return;
        var now = job.Progress;
        var seconds = outer.Elapsed.TotalSeconds;
        var done = Math.Max(now.Completed, now.Received);
        if (now.Done != _finished)
            (_finished, _before) = (now.Done, done);

        // What is left of the running requests is known at most; so the share is theirs, and the requests' share counts it in.
        double? share = now.Remaining is { } remaining && done - _before + remaining > 0
            ? (done - _before) / (double)(done - _before + remaining) : null;
        double? whole = now.Requests > 0 ? Math.Min(1, (now.Done + (share ?? 0)) / now.Requests) : null;
        var waiting = now.WaitingUntil is { } opening ? $"waiting until {opening:HH:mm}, " : "";
        var incomplete = now.NotComplete > 0 ? $", {now.NotComplete} not complete" : "";
        // The seconds move the line also while a peer says nothing.
        outer.Update($"{waiting}{now.Done} of {now.Requests} requests{incomplete}, {seconds:0} s", whole,
            now.WaitingUntil is null ? outer.Left(whole) : null);

        var left = now.Remaining is { } open ? $", {open} left" : "";
        var failed = now.Failed > 0 ? $", {now.Failed} failed" : "";
        var size = now.Received > 0 ? $", {ProgressMeter.Size(now.Bytes)}, {ProgressMeter.Size(now.Bytes / seconds)}/s" : "";
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
