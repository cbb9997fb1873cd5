using System.Security.Cryptography;
using System.Text;
using DicomPS.Retrieving;

namespace DicomPS.Transfers.Verifying;

/// <summary>
/// Chooses which instances of a study are got back from both sides: as many of a hundred as the transfer says and one at least, by a hash
/// of their UIDs, so that it is the same ones whoever looks, and nobody knows beforehand which. Pure.
/// </summary>
internal static class InstanceSample
{
    /// <summary>Chooses.</summary>
    /// <param name="study">The study.</param>
    /// <param name="instances">Its instances with the series of each.</param>
    /// <param name="percent">1 to 100.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Choose(string study, IReadOnlyDictionary<string, string> instances,
        long percent)
    {
        if (percent >= 100)
            return [.. instances];
        var count = (int)Math.Max(1, (instances.Count * percent + 99) / 100);
        using var sha = SHA256.Create();
        return [.. instances.OrderBy(one => Hash(sha, study, one.Key), StringComparer.Ordinal).Take(count)];
    }

    /// <summary>
    /// The requests that bring what was chosen: a series as a whole where all of it was, else lists of instances. A node that does not
    /// tell the series of its instances is asked for the study.
    /// </summary>
    /// <param name="study">The study.</param>
    /// <param name="instances">Its instances with the series of each.</param>
    /// <param name="chosen">Those that were chosen.</param>
    public static IReadOnlyList<RetrieveKeys> Requests(string study, IReadOnlyDictionary<string, string> instances,
        IReadOnlyList<KeyValuePair<string, string>> chosen)
    {
        if (chosen.Any(one => one.Value.Length == 0))
            return [new RetrieveKeys { StudyInstanceUID = [study] }];
        var sizes = instances.GroupBy(one => one.Value, StringComparer.Ordinal)
            .ToDictionary(series => series.Key, series => series.Count(), StringComparer.Ordinal);
        return [.. chosen.GroupBy(one => one.Value, StringComparer.Ordinal).SelectMany(series =>
        {
            var keys = new RetrieveKeys { StudyInstanceUID = [study], SeriesInstanceUID = [series.Key] };
            return series.Count() == sizes[series.Key] ? [keys]
                : RetrieveTarget.Split(keys with { SOPInstanceUID = [.. series.Select(one => one.Key)] });
        })];
    }

    private static string Hash(SHA256 sha, string study, string instance) =>
        Convert.ToBase64String(sha.ComputeHash(Encoding.ASCII.GetBytes($"{study}/{instance}")));
}
