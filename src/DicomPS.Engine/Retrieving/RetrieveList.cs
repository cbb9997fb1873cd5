using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Retrieving;

/// <summary>
/// What the answer to a list of instances says of each one. Where it says nothing of one, that one has to be asked for by
/// itself: peers exist that take the first UID of a list only. Pure.
/// </summary>
internal static class RetrieveList
{
    /// <summary>The facts of one instance; null when the answer does not tell.</summary>
    /// <param name="whole">What is known of the request for all.</param>
    /// <param name="uid">The instance.</param>
    /// <param name="failed">The instances that failed by name.</param>
    /// <param name="arrived">What arrived of this one; null when it was to go elsewhere.</param>
    public static RetrieveFacts? Of(RetrieveFacts whole, string uid, IReadOnlyCollection<string> failed, RetrieveArrivals? arrived)
    {
        var one = whole with
        {
            Asked = 1,
            Announced = null,
            Wavers = false,
            OnlyPending = false,
            Remaining = null,
            Completed = 1,
            Failed = 0,
            Warning = 0,
            FailedUids = 0,
            Arrived = arrived,
        };
        if (arrived is { Stored: > 0, Elsewhere: 0 } or { Kept: > 0 } || (arrived is { Stored: > 0 } && RetrieveJudge.FitsExactly(whole)))
            return one with { IsCancelled = false, Exception = null, StatusCode = 0 };
        // A list that ended before the peer answered it, or by our own hand, leaves nothing to ask for any more.
        if (whole.IsCancelled || whole.StatusCode is null)
            return one with { Completed = null, Failed = null, Warning = null };
        if (failed.Contains(uid))
            return one with { Completed = 0, Failed = 1, FailedUids = 1 };
        return IsWholeElsewhere(whole, failed.Count) ? one with { StatusCode = 0 } : null;
    }

    /// <summary>Whether a refusal of the list stands for each of its instances as well.</summary>
    /// <param name="whole">What is known of the request for all.</param>
    /// <param name="alone">What is known of the request for the first of them by itself.</param>
    public static bool IsRefused(RetrieveFacts whole, RetrieveFacts alone)
    {
        // Who cannot be reached, or lets the association go, is not asked once more for each.
        if (alone.StatusCode is not { } status)
            return true;
        return status == whole.StatusCode && DimseStatus.CategoryOf(status) == DimseStatusCategory.Failure
            && (alone.Completed ?? 0) + (alone.Warning ?? 0) == 0;
    }

    // Away from here the counts have to tell: as many as were asked for, and each failure by its name.
    private static bool IsWholeElsewhere(RetrieveFacts whole, int named) =>
        whole is { Arrived: null, OnlyPending: false, StatusCode: Statuses.Success or Statuses.QrMove.SomeFailed, Asked: { } asked }
            && (whole.Completed ?? whole.Warning) is { }
        && (whole.Completed ?? 0) + (whole.Warning ?? 0) + named == asked && (whole.Failed ?? 0) == named
        && (whole.Announced ?? 0) <= asked;
}
