using DicomPS.Data;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>What one side answered for one window of time.</summary>
/// <param name="window">The window.</param>
/// <param name="isDateless">Whether only what has no date is looked for.</param>
/// <param name="sweep">What the side has by its windows, where what has no date is looked for at last; null where it is not.</param>
internal sealed class WindowBag(QueryWindow window, bool isDateless, SweepCheck? sweep = null)
{
    // An archive that has so much outside a window does not look at the date.
    private const int MostStrays = 1000;
    private readonly HashSet<string> _doubled = new(StringComparer.Ordinal);
    private int _nameless;
    private int _strays;
    private string? _why;

    /// <summary>The studies by their UIDs.</summary>
    public Dictionary<string, ComparedStudy> Studies { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether several patients have a study of that UID: it is like no other, whatever stands in it.</summary>
    /// <param name="uid">The UID.</param>
    public bool IsDoubled(string uid) => _doubled.Contains(uid);

    /// <summary>Whether all was asked and answered in full.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether it was not asked at all, because the side was lost; then nobody is asked about single studies either.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether it was not asked, or something failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Why it is not complete, in a sentence.</summary>
    public string? Why { get; private set; }

    /// <summary>A window that was not asked.</summary>
    /// <param name="window">The window.</param>
    /// <param name="why">Why.</param>
    public static WindowBag Lost(QueryWindow window, string why) => new(window, false) { IsLost = true, HasFailed = true, Why = why };

    /// <summary>Takes an answer.</summary>
    /// <param name="found">The answer.</param>
    /// <param name="keys">The keys that are compared.</param>
    /// <param name="seen">Which of them the side has ever answered; set here.</param>
    public void Add(QueryFound found, IReadOnlyList<DicomTag> keys, bool[] seen)
    {
        var study = (Study)found.Result;
        if (string.IsNullOrWhiteSpace(study.StudyInstanceUID))
        {
            _nameless += isDateless && study.StudyDate is not null ? 0 : 1;
            return;
        }

        if (isDateless && study.StudyDate is not null)
        {
            sweep?.Meet(study.StudyInstanceUID!, isDated: true);
            return;
        }

        if (isDateless)
            sweep?.Meet(study.StudyInstanceUID!, isDated: false);

        if (study.StudyDate is { } date && (date < window.From || date >= window.To) && ++_strays > MostStrays)
            return;
        if (Studies.TryGetValue(study.StudyInstanceUID!, out var known) && known.Query == found.Query)
        {
            var isOthers = known.Result.PatientID != study.PatientID;
            if (isOthers)
                _doubled.Add(known.Uid);
            _why ??= isOthers ? $"It has study {known.Uid} of two patients, {known.Result.PatientID} and {study.PatientID}: which of them "
                + "the other side has is not known." : $"It answered study {study.StudyInstanceUID} more than once.";
        }

        Studies[study.StudyInstanceUID!] = Of(study, found.Query, keys, seen);
        if (!isDateless)
            sweep?.Know(study.StudyInstanceUID!);
    }

    /// <summary>Makes of an answer what is kept of it.</summary>
    /// <param name="study">The answer.</param>
    /// <param name="query">Which request it answers.</param>
    /// <param name="keys">The keys that are compared.</param>
    /// <param name="seen">Which of them the side has ever answered; set here.</param>
    public static ComparedStudy Of(Study study, int query, IReadOnlyList<DicomTag> keys, bool[] seen)
    {
        var values = new string?[keys.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = KeyValues.Of(study.Dataset!, keys[i]);
            seen[i] |= values[i] is not null;
        }

        return new ComparedStudy(study with { Dataset = null }, values, query);
    }

    /// <summary>Nothing more comes.</summary>
    /// <param name="ended">How it ended.</param>
    public void Close(QueryTargetEnded ended)
    {
        if (_nameless > 0)
            _why ??= $"{_nameless} of its answers name no study.";
        if (_strays > MostStrays)
            _why ??= "It answered more than a thousand studies of other days, so that it may not match by StudyDate.";
        if (isDateless && ended.Problem is null)
            _why ??= sweep?.WhyCut();
        // All studies with a date and nothing else, as many as a peer might stop at: the number is that of the archive.
        var isWhole = ended.IsComplete || (isDateless && ended.IsOnlyRound && Studies.Count == 0 && sweep is { HasAll: true });
        IsComplete = isWhole && _why is null;
        HasFailed = ended.Problem is not null;
        if (!IsComplete)
            Why = _why ?? ended.Problem?.Message ?? ended.Why ?? "It did not answer in full.";
    }
}
