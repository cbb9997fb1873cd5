using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>Windows of which not all is known, those that lie side by side for the same reason as one.</summary>
internal sealed class UnknownDays
{
    private readonly List<(QueryWindow Window, bool IsDateless, string Why)> _windows = [];

    /// <summary>Takes a window.</summary>
    /// <param name="pair">The window.</param>
    /// <param name="why">Why not all of it is known.</param>
    public void Add(WindowPair pair, string why) => _windows.Add((pair.Window, pair.IsDateless, why));

    /// <summary>The days, in order, and then what has no date.</summary>
    public IEnumerable<ArchiveDifference> All()
    {
        (QueryWindow Window, bool IsDateless, string Why)? open = null;
        foreach (var next in _windows.OrderBy(one => one.IsDateless).ThenBy(one => one.Window.From ?? DateTime.MinValue))
        {
            if (open is { } one && one.Why == next.Why && !next.IsDateless && one.Window.To is { } end && end == next.Window.From)
            {
                open = one with { Window = new(one.Window.From, next.Window.To) };
                continue;
            }

            if (open is { } before)
                yield return Differences.Days(before.Window, before.IsDateless, before.Why);
            open = next;
        }

        if (open is { } last)
            yield return Differences.Days(last.Window, last.IsDateless, last.Why);
    }
}
