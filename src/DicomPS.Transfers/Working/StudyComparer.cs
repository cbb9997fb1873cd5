using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Retrieving;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Working;

/// <summary>
/// Gets instances of a study back from both sides, into spools that are its owner's alone, and holds them against each other. Part by
/// part, so that no more lies there than a series of each side.
/// </summary>
internal sealed class StudyComparer(WorkerOptions options, WorkerPorts ports, TransferRow transfer) : IAsyncDisposable
{
    private readonly StudyRetriever _source = new(options, ports, transfer.Source, null);
    private readonly StudyRetriever _destination = new(options, ports, transfer.Destination, null);
    private SideBytes _fetched;

    /// <summary>How much came, whatever became of it.</summary>
    public SideBytes Fetched => _fetched;

    /// <summary>Compares.</summary>
    /// <param name="study">The study.</param>
    /// <param name="instances">Its instances with their series, which both sides have.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FetchException">A side did not give what it has.</exception>
    public async Task<ComparedInstances> CompareAsync(string study, IReadOnlyDictionary<string, string> instances,
        CancellationToken cancellationToken)
    {
        var chosen = InstanceSample.Choose(study, instances, transfer.VerifySample);
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in chosen)
            wanted[one.Key] = one.Value;
        var rows = new List<DifferenceRow>();
        foreach (var keys in InstanceSample.Requests(study, instances, chosen))
        {
            await options.Room.WaitAsync(cancellationToken).ConfigureAwait(false);
            long taken = 0;
            try
            {
                var here = await FetchAsync(_source, Blame.Source, keys, wanted, cancellationToken).ConfigureAwait(false);
                options.Room.Take(taken = Size(here));
                var there = await FetchAsync(_destination, Blame.Destination, keys, wanted, cancellationToken).ConfigureAwait(false);
                var more = Size(there);
                options.Room.Take(more);
                taken += more;
                foreach (var one in here.Where(one => wanted.Remove(one.Key)))
                {
                    rows.AddRange(Compare(study, instances[one.Key], one.Key, one.Value,
                        there.TryGetValue(one.Key, out var other) ? other : null, cancellationToken));
                }
            }
            finally
            {
                _source.Spool?.Empty();
                _destination.Spool?.Empty();
                options.Room.Free(taken);
            }
        }

        rows.AddRange(wanted.Select(one => Unknown(study, one.Value, one.Key, "The source did not bring it.")));
        return new ComparedInstances(chosen.Count, rows);
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        await _destination.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<Dictionary<string, string>> FetchAsync(StudyRetriever retriever, Blame asked, RetrieveKeys keys,
        Dictionary<string, string> wanted, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var result in await retriever.RetrieveAsync(keys, cancellationToken).ConfigureAwait(false))
            {
                if (retriever.KindOf(result, asked) is { } kind)
                    throw new FetchException(retriever.Sentence(result, kind), kind, asked);
            }
        }
        catch (DicomException problem) when (problem is not FetchException)
        {
            throw new FetchException(problem.Message, FailureKinds.Of(problem, asked), asked);
        }
        finally
        {
            var came = retriever.Spool?.Bytes() ?? 0;
            _fetched = asked == Blame.Source ? _fetched with { Source = _fetched.Source + came }
                : _fetched with { Destination = _fetched.Destination + came };
        }

        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in retriever.Spool!.Files())
        {
            var uid = DicomFileProbe.Read(file).SopInstanceUid;
            if (wanted.ContainsKey(uid))
                files[uid] = file;
        }

        return files;
    }

    private IEnumerable<DifferenceRow> Compare(string study, string series, string instance, string here, string? there,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (there is null)
            return [Unknown(study, series, instance, "The destination did not bring it.")];
        InstanceDifference found;
        try
        {
            var read = Serialization.DatasetReaderOptions.Default;
            found = InstanceComparer.Compare(DicomFile.Open(here, read, cancellationToken), DicomFile.Open(there, read, cancellationToken),
                transfer.Verify == "Bytes");
        }
        catch (Exception problem) when (problem is DicomDataException or IOException)
        {
            return [Unknown(study, series, instance, problem.Message)];
        }

        var rows = new List<DifferenceRow>();
        if (found.Attributes.Count > 0)
        {
            rows.Add(new DifferenceRow
            {
                StudyUid = study,
                SeriesUid = Shown(series),
                InstanceUid = instance,
                Kind = "Different",
                Attributes = string.Join(", ", found.Attributes),
                SourceValue = found.SourceValue,
                DestinationValue = found.DestinationValue,
            });
        }

        if (found.Unknown.Count > 0)
            rows.Add(Unknown(study, series, instance, string.Join(" ", found.Unknown)));
        return rows;
    }

    private static DifferenceRow Unknown(string study, string series, string instance, string why) => new()
    {
        StudyUid = study,
        SeriesUid = Shown(series),
        InstanceUid = instance,
        Kind = "Unknown",
        DestinationValue = why,
    };

    private static string? Shown(string series) => series.Length > 0 ? series : null;

    private static long Size(Dictionary<string, string> files) => files.Values.Sum(file => new FileInfo(file).Length);
}

/// <summary>What came of comparing instances.</summary>
/// <param name="Compared">How many were to be compared.</param>
/// <param name="Rows">What differs, and what could not be compared.</param>
internal sealed record ComparedInstances(int Compared, IReadOnlyList<DifferenceRow> Rows)
{
    /// <summary>Whether something is known to differ.</summary>
    public bool Differs => Rows.Any(row => row.Kind == "Different");

    /// <summary>What was found, in a sentence.</summary>
    public string Sentence()
    {
        var different = Rows.Where(row => row.Kind == "Different").ToList();
        if (different.Count == 0)
            return $"{Rows.Count} of {Compared} instances could not be compared, the first for this reason: {Rows[0].DestinationValue}";
        var names = different.SelectMany(row => row.Attributes!.Split([", "], StringSplitOptions.None)).Distinct().ToList();
        var more = names.Count > 10 ? $" and {names.Count - 10} more" : "";
        return $"{different.Select(row => row.InstanceUid).Distinct().Count()} of {Compared} compared instances differ in "
            + $"{string.Join(", ", names.Take(10))}{more}.";
    }
}

/// <summary>Thrown when a node did not give instances back.</summary>
internal sealed class FetchException(string message, FailureKind kind, Blame asked) : DicomException(message)
{
    /// <summary>Who was asked.</summary>
    public Blame Asked => asked;

    /// <summary>The kind of the failure.</summary>
    public FailureKind Kind => kind;
}
