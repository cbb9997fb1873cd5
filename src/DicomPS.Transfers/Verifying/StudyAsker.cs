using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Transfers.Verifying;

/// <summary>
/// Asks a node what it has of a study (PS3.4 C.4.1), each time over an association of its own, so that a lane never has two open to one
/// node.
/// </summary>
internal sealed class StudyAsker(Func<DicomNode, AssociationOptions> call, DicomNode node)
{
    /// <summary>What the node has of a study.</summary>
    /// <param name="study">Its UID.</param>
    /// <param name="withInstances">Whether each instance is listed; otherwise their number is enough, where the node tells it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomException">The node could not be asked, or did not answer in full.</exception>
    public async Task<StudyContents> AskAsync(string study, bool withInstances, CancellationToken cancellationToken)
    {
        var found = await FindAsync<Study>(QueryLevel.Study, Keys(study), [], cancellationToken).ConfigureAwait(false);
        if (!found.Any(one => one.StudyInstanceUID == study))
            return new StudyContents { Count = 0, Instances = new Dictionary<string, string>() };
        // Who has a study and says that there is nothing in it does not count.
        if (!withInstances && found.Count == 1 && found[0].Instances is { } told and > 0)
            return new StudyContents { Count = told };
        var series = await FindAsync<Series>(QueryLevel.Series, Keys(study), [], cancellationToken).ConfigureAwait(false);
        if (!withInstances && series.Count > 0 && series.All(one => one.Instances > 0))
            return new StudyContents { Count = series.Sum(one => (long)one.Instances!.Value) };
        var targets = series.Select(one => one.SeriesInstanceUID).OfType<string>().Distinct().Select(SeriesKeys).ToList();
        var count = 0L;
        var instances = new Dictionary<string, string>(StringComparer.Ordinal);
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (targets.Count > 0)
        {
            foreach (var one in await FindAsync<Instance>(QueryLevel.Image, Keys(study), targets, cancellationToken).ConfigureAwait(false))
            {
                if (one.SOPInstanceUID is not { } uid)
                    continue;
                // Of two patients with the same UIDs each has its own.
                count++;
                instances[uid] = one.SeriesInstanceUID ?? "";
                if (one.SOPClassUID is { Length: > 0 } sopClass)
                    classes[uid] = sopClass;
            }
        }

        return new StudyContents { Count = count, Instances = instances, Classes = classes };
    }

    private async Task<List<T>> FindAsync<T>(QueryLevel level, DicomDataset keys, IReadOnlyList<DicomDataset> targets,
        CancellationToken cancellationToken) where T : QueryResult
    {
        var options = new QueryJobOptions { Association = call(node), Node = node, RetryCount = 0 };
        var job = new QueryJob(options, new QueryRequest { Level = level, Keys = keys, Targets = targets });
        var found = new List<T>();
        var isComplete = false;
        await foreach (var value in job.RunAsync(cancellationToken).ConfigureAwait(false))
        {
            switch (value)
            {
                case QueryFailed failed:
                    throw failed.Problem;
                case QueryFound { Result: T result }:
                    found.Add(result);
                    break;
                case QuerySummary summary:
                    isComplete = summary.IsComplete;
                    break;
            }
        }

        return isComplete ? found : throw new DicomException($"{node} did not answer in full what it has of a study.")
        {
            Stage = DicomStage.Dimse,
            IsTransient = true,
        };
    }

    private static DicomDataset Keys(string study)
    {
        var keys = new DicomDataset();
        keys.Set(Tags.StudyInstanceUID, DicomDictionary.VrOf(Tags.StudyInstanceUID), study);
        return keys;
    }

    private static DicomDataset SeriesKeys(string series)
    {
        var keys = new DicomDataset();
        keys.Set(Tags.SeriesInstanceUID, DicomDictionary.VrOf(Tags.SeriesInstanceUID), series);
        return keys;
    }
}
