using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>Windows of which not all is known, those that lie side by side for the same reason as one.</summary>
internal sealed class UnknownDays
{
    private QueryWindow _window;
    private bool _isDateless;
    private string? _why;

    /// <summary>Takes a window.</summary>
    /// <param name="pair">The window.</param>
    /// <param name="why">Why not all of it is known.</param>
    /// <returns>What came before and does not go with it, or null.</returns>
    public ArchiveDifference? Add(WindowPair pair, string why)
    {
        if (_why == why && !pair.IsDateless && !_isDateless && _window.To is not null && _window.To == pair.Window.From)
        {
            _window = new(_window.From, pair.Window.To);
            return null;
        }

        var before = Rest();
        (_window, _isDateless, _why) = (pair.Window, pair.IsDateless, why);
        return before;
    }

    /// <summary>What is left, or null.</summary>
    public ArchiveDifference? Rest()
    {
        var rest = _why is null ? null : Differences.Days(_window, _isDateless, _why);
        _why = null;
        return rest;
    }
}
