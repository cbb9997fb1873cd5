using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>The windows of time that both sides are asked about one after the other.</summary>
internal static class WindowPlan
{
    // Up to here a window is a day, beyond it a week: few enough queries, and few enough studies in each.
    private const int MostDays = 62;
    private static readonly DateTime Epoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
    private static readonly DateTime Digital = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    /// <summary>The windows of a request; without any limit, the last one is for what has no date.</summary>
    /// <param name="request">What is compared.</param>
    /// <param name="today">The day on which it is asked.</param>
    public static IReadOnlyList<QueryWindow> Of(QueryRequest request, DateTime today)
    {
        var whole = new QueryWindow(request.After, request.Before);
        return request.Split switch
        {
            QuerySplit.None => [whole],
            QuerySplit.Auto when whole.IsUnlimited => [.. Open(whole, today), whole],
            QuerySplit.Auto when whole.From is null => [.. Open(whole, today)],
            QuerySplit.Auto => [.. Weeks(whole, today)],
            var split => [.. whole.Cut(split, today)],
        };
    }

    /// <summary>Whether a window is the one for what has no date.</summary>
    /// <param name="windows">All windows.</param>
    /// <param name="index">The place of the window.</param>
    public static bool IsDateless(IReadOnlyList<QueryWindow> windows, int index) => windows.Count > 1 && windows[index].IsUnlimited;

    private static IEnumerable<QueryWindow> Weeks(QueryWindow window, DateTime today)
    {
        var end = window.To ?? today.Date.AddDays(1);
        return window.Cut(end - window.From > TimeSpan.FromDays(MostDays) ? QuerySplit.Week : QuerySplit.Day, today);
    }

    // Little lies before the time in which archives came up.
    private static IEnumerable<QueryWindow> Open(QueryWindow window, DateTime today)
    {
        var at = Epoch;
        if (window.To <= at)
        {
            yield return window;
            yield break;
        }

        yield return new(null, at);
        while (at < Digital)
        {
            var next = at.AddYears(1);
            if (window.To <= next)
            {
                yield return new(at, window.To);
                yield break;
            }

            yield return new(at, next);
            at = next;
        }

        foreach (var week in Weeks(new(at, window.To), today))
            yield return week;
    }
}
