using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>
/// Compares the series of studies that both sides have, and their instances. What is missing as a whole is told once, at the highest level
/// at which it is.
/// </summary>
/// <param name="options">What is compared.</param>
/// <param name="reference">The side that is the measure.</param>
/// <param name="difference">The other side.</param>
/// <param name="differences">Makes differences of studies.</param>
internal sealed class LowerLevels(ComparisonOptions options, ComparedSide reference, ComparedSide difference, Differences differences)
{
    /// <summary>How many studies are compared at a time.</summary>
    public const int MostStudies = 50;

    // The UIDs of so many series are held at a time.
    private const int MostSeries = 50;

    /// <summary>What differs below each of some studies.</summary>
    /// <param name="studies">The studies of both sides, not more than <see cref="MostStudies"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>For each study what differs.</returns>
    public async Task<IReadOnlyList<List<ArchiveDifference>>> CompareAsync(
        IReadOnlyList<(Study One, Study Other)> studies, CancellationToken cancellationToken)
    {
        var rows = studies.Select(pair => new StudyRows(pair.One, pair.Other, differences)).ToList();
        var mine = SeriesAsync(reference, [.. studies.Select(pair => pair.One)], cancellationToken);
        var its = SeriesAsync(difference, [.. studies.Select(pair => pair.Other)], cancellationToken);
        await Task.WhenAll(mine, its).ConfigureAwait(false);
        var (series, why) = await mine.ConfigureAwait(false);
        var (otherSeries, otherWhy) = await its.ConfigureAwait(false);
        var shared = new List<SharedSeries>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (WhyOf(why[i], otherWhy[i]) is { } unknown)
                rows[i].LeaveUnknown(unknown);
            else
                Match(i, rows[i], series[i], otherSeries[i], shared);
        }

        if (options.Level == ComparisonLevel.Series)
            Count(rows, shared);
        else
            await InstancesAsync(rows, shared, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.End())];
    }

    private void Match(int index, StudyRows rows, Dictionary<string, Series> mine, Dictionary<string, Series> its,
        List<SharedSeries> shared)
    {
        foreach (var one in mine)
        {
            if (its.TryGetValue(one.Key, out var other))
            {
                shared.Add(new SharedSeries(index, one.Value, other));
                if (Differences.IsAway(other.Availability))
                    rows.Add(ArchiveDifferenceKind.Offline, one.Value, other, $"{difference.Name} says that it is {other.Availability}.");
            }
            else
            {
                rows.Add(ArchiveDifferenceKind.Missing, one.Value, null, $"{difference.Name} does not have the series.");
                rows.Listed(one.Value.Instances);
            }
        }

        foreach (var other in its.Where(other => !mine.ContainsKey(other.Key)))
            rows.Add(ArchiveDifferenceKind.Extra, null, other.Value, $"{reference.Name} does not have the series.");
    }

    private void Count(List<StudyRows> rows, List<SharedSeries> shared)
    {
        foreach (var (study, one, other) in shared)
        {
            rows[study].Listed(one.Instances);
            if (one.Instances is not { } wanted || other.Instances is not { } given)
                rows[study].Uncounted($"{(one.Instances is null ? reference : difference).Name} does not say how many instances its series "
                    + "have (NumberOfSeriesRelatedInstances).");
            else if (wanted == 0 && given == 0)
                rows[study].Uncounted($"Both say that they have no instance of the series {one.SeriesInstanceUID}.");
            else if (given < wanted)
                rows[study].Add(ArchiveDifferenceKind.Partial, one, other,
                    $"{difference.Name} has {given} of {wanted} instances of the series.");
            else if (given > wanted)
                rows[study].Add(ArchiveDifferenceKind.Different, one, other, $"{difference.Name} has {given} instances of the series, and "
                    + $"{reference.Name} {wanted}.", DicomDictionary.KeywordOf(Tags.NumberOfSeriesRelatedInstances));
        }
    }

    private async Task InstancesAsync(List<StudyRows> rows, List<SharedSeries> shared, CancellationToken cancellationToken)
    {
        for (var at = 0; at < shared.Count; at += MostSeries)
        {
            var some = shared.GetRange(at, Math.Min(MostSeries, shared.Count - at));
            var mine = InstancesAsync(reference, [.. some.Select(series => (rows[series.Study].One, series.One))], cancellationToken);
            var its = InstancesAsync(difference, [.. some.Select(series => (rows[series.Study].Other, series.Other))], cancellationToken);
            await Task.WhenAll(mine, its).ConfigureAwait(false);
            var (instances, why) = await mine.ConfigureAwait(false);
            var (otherInstances, otherWhy) = await its.ConfigureAwait(false);
            for (var i = 0; i < some.Count; i++)
            {
                var study = rows[some[i].Study];
                if (WhyOf(why[i], otherWhy[i]) is { } unknown)
                    study.LeaveUnknown(unknown);
                else
                    Match(study, some[i], instances[i], otherInstances[i]);
            }
        }
    }

    private void Match(StudyRows rows, SharedSeries series, HashSet<string> mine, HashSet<string> its)
    {
        rows.Listed(mine.Count);
        // Where neither lists any there was nothing to compare.
        if (mine.Count == 0 && its.Count == 0)
            rows.LeaveUnknown($"Neither lists an instance of the series {series.One.SeriesInstanceUID}.");
        var (lacks, isExtra) = ($"{difference.Name} does not have the instance.", $"{reference.Name} does not have the instance.");
        foreach (var uid in mine.Where(uid => !its.Contains(uid)))
            rows.Add(ArchiveDifferenceKind.Missing, series.One, series.Other, lacks, instance: uid);
        foreach (var uid in its.Where(uid => !mine.Contains(uid)))
            rows.Add(ArchiveDifferenceKind.Extra, series.One, series.Other, isExtra, instance: uid);
    }

    private async Task<(Dictionary<string, Series>[] Series, string?[] Why)> SeriesAsync(
        ComparedSide side, Study[] studies, CancellationToken cancellationToken)
    {
        var series = Array.ConvertAll(studies, _ => new Dictionary<string, Series>(StringComparer.Ordinal));
        var nameless = new bool[studies.Length];
        var request = Below(QueryLevel.Series, [.. studies.Select(study => KeysOf(study))]);
        var why = await side.AskAsync(request, found =>
        {
            var one = (Series)found.Result;
            if (one.Matches == false)
                return;
            if (string.IsNullOrWhiteSpace(one.SeriesInstanceUID))
                nameless[found.Target] = true;
            else
                series[found.Target][one.SeriesInstanceUID!] = one with { Dataset = null };
        }, cancellationToken).ConfigureAwait(false);
        return (series, WithNameless(why, nameless));
    }

    private async Task<(HashSet<string>[] Instances, string?[] Why)> InstancesAsync(
        ComparedSide side, (Study Study, Series Series)[] series, CancellationToken cancellationToken)
    {
        var instances = Array.ConvertAll(series, _ => new HashSet<string>(StringComparer.Ordinal));
        var nameless = new bool[series.Length];
        var request = Below(QueryLevel.Image, [.. series.Select(one => KeysOf(one.Study, one.Series))]);
        var why = await side.AskAsync(request, found =>
        {
            var one = (Instance)found.Result;
            if (one.Matches == false)
                return;
            if (string.IsNullOrWhiteSpace(one.SOPInstanceUID))
                nameless[found.Target] = true;
            else
                instances[found.Target].Add(one.SOPInstanceUID!);
        }, cancellationToken).ConfigureAwait(false);
        return (instances, WithNameless(why, nameless));
    }

    private static string?[] WithNameless(string?[] why, bool[] nameless) =>
        [.. why.Select((text, i) => text ?? (nameless[i] ? "An answer names nothing." : null))];

    private QueryRequest Below(QueryLevel level, DicomDataset[] targets) =>
        new() { Level = level, Model = options.Request.Model, Targets = targets, TellsTargets = true };

    // Each side by its own words: in Patient Root the patient is a key, and may be another one there.
    private DicomDataset KeysOf(Study study, Series? series = null)
    {
        var keys = new DicomDataset();
        if (options.Request.Model != InformationModel.StudyRoot && study.PatientID is { } patient)
            keys.Set(Tags.PatientID, Vr.LO, patient);
        keys.Set(Tags.StudyInstanceUID, Vr.UI, study.StudyInstanceUID!);
        if (series is not null)
            keys.Set(Tags.SeriesInstanceUID, Vr.UI, series.SeriesInstanceUID!);
        return keys;
    }

    private string? WhyOf(string? mine, string? its) =>
        mine is not null ? $"{reference.Name}: {mine}" : its is not null ? $"{difference.Name}: {its}" : null;
}
