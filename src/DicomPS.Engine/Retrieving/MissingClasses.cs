using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;

namespace DicomPS.Retrieving;

/// <summary>
/// Asks a peer of which SOP classes the instances are that a C-GET did not bring: a failed sub-operation is told by its
/// instance at the most, and the peer needs a presentation context of the class (PS3.4 C.4.3.2).
/// </summary>
/// <param name="association">How to reach the peer; without contexts.</param>
/// <param name="cancelGrace">How long the last response to C-CANCEL may take.</param>
/// <param name="has">Whether an instance is here.</param>
internal sealed class MissingClasses(AssociationOptions association, TimeSpan cancelGrace, Func<string, bool> has)
{
    private const int MostQueries = 200;
    private static readonly string[] Syntaxes = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"];
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private int _queries;

    /// <summary>The SOP classes; empty when the peer does not tell.</summary>
    /// <param name="target">What was asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyCollection<string>> FindAsync(RetrieveTarget target, CancellationToken cancellationToken)
    {
        try
        {
            var models = new[] { Uids.StudyRootQueryRetrieveInformationModelFind, Uids.PatientRootQueryRetrieveInformationModelFind };
            var options =
                association with { PresentationContexts = [.. models.Select(model => new PresentationContextProposal(model, Syntaxes))] };
            var scu = await QueryScu.ConnectAsync(options, cancelGrace, cancellationToken).ConfigureAwait(false);
            await using (scu.ConfigureAwait(false))
            {
                if (models.Select(scu.ContextFor).FirstOrDefault(context => context is { }) is { } context)
                    await DescendAsync(scu, context, target, cancellationToken).ConfigureAwait(false);
                await scu.ReleaseAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (DicomException)
        {
            // Who does not answer queries does not tell; what was found until then counts.
        }

        return _found;
    }

    // Each query names one value of every level above its own, as peers without relational queries need it (PS3.4 C.4.1.2.1).
    private async Task DescendAsync(QueryScu scu, AcceptedContext context, RetrieveTarget target, CancellationToken cancellationToken)
    {
        var studies = target.Studies;
        if (studies.Count == 0)
            studies = await UidsAsync(scu, context, "STUDY", Tags.StudyInstanceUID, target.PatientID, null, null, cancellationToken)
                .ConfigureAwait(false);
        foreach (var study in studies)
        {
            var series = target.Series;
            if (series.Count == 0)
                series = await UidsAsync(scu, context, "SERIES", Tags.SeriesInstanceUID, target.PatientID, study, null, cancellationToken)
                    .ConfigureAwait(false);
            foreach (var one in series)
                await UidsAsync(scu, context, "IMAGE", Tags.SOPInstanceUID, target.PatientID, study, one, cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<string>> UidsAsync(
        QueryScu scu, AcceptedContext context, string level, DicomTag wanted, string? patient, string? study, string? series,
        CancellationToken cancellationToken)
    {
        var uids = new List<string>();
        if (++_queries > MostQueries)
            return uids;

        var identifier = new DicomDataset();
        identifier.Set(Tags.QueryRetrieveLevel, level);
        if (patient is { })
            identifier.Set(Tags.PatientID, patient);
        if (study is { })
            identifier.Set(Tags.StudyInstanceUID, study);
        if (series is { })
            identifier.Set(Tags.SeriesInstanceUID, series);
        identifier.Set(wanted, Vr.UI, ReadOnlyMemory<byte>.Empty);
        if (wanted == Tags.SOPInstanceUID)
            identifier.Set(Tags.SOPClassUID, Vr.UI, ReadOnlyMemory<byte>.Empty);

        await foreach (var answer in scu.FindAsync(context, identifier, null, DicomPriority.Medium, cancellationToken)
            .ConfigureAwait(false))
        {
            if (answer.Dataset?.GetString(wanted) is not { Length: > 0 } uid)
                continue;
            uids.Add(uid);
            if (wanted == Tags.SOPInstanceUID && !has(uid) && answer.Dataset.GetString(Tags.SOPClassUID) is { Length: > 0 } sopClass)
                _found.Add(sopClass);
        }

        return uids;
    }
}
