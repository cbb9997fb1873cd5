using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Scp;
using DicomPS.Text;

namespace DicomPS.Retrieving;

/// <summary>One request in the terms of the standard: model, level and the unique keys that the two need (PS3.4 C.4.2.1.4). Pure.</summary>
/// <param name="Model">The model.</param>
/// <param name="Level">The level.</param>
/// <param name="PatientID">Patient ID, where model and level need it; otherwise null.</param>
/// <param name="Studies">Study Instance UIDs, where they are needed; otherwise empty.</param>
/// <param name="Series">Series Instance UIDs, where they are needed; otherwise empty.</param>
/// <param name="Instances">SOP Instance UIDs, where they are needed; otherwise empty.</param>
internal sealed record RetrieveTarget(
    InformationModel Model, QueryLevel Level, string? PatientID,
    IReadOnlyList<string> Studies, IReadOnlyList<string> Series, IReadOnlyList<string> Instances)
{
    // Which keys a model needs at a level, the standard's tables C.6.1-1 and following: P patient, S study, E series, I instance.
    private static readonly (InformationModel Model, QueryLevel Level, string Keys)[] Rows =
    [
        (InformationModel.PatientRoot, QueryLevel.Patient, "P"),
        (InformationModel.PatientRoot, QueryLevel.Study, "PS"),
        (InformationModel.PatientRoot, QueryLevel.Series, "PSE"),
        (InformationModel.PatientRoot, QueryLevel.Image, "PSEI"),
        (InformationModel.StudyRoot, QueryLevel.Study, "S"),
        (InformationModel.StudyRoot, QueryLevel.Series, "SE"),
        (InformationModel.StudyRoot, QueryLevel.Image, "SEI"),
        (InformationModel.PatientStudyOnly, QueryLevel.Patient, "P"),
        (InformationModel.PatientStudyOnly, QueryLevel.Study, "PS"),
        (InformationModel.CompositeInstanceRoot, QueryLevel.Image, "I"),
        (InformationModel.WithoutBulkData, QueryLevel.Image, "I"),
    ];

    /// <summary>The model of another service, whose objects are asked for by SOP Instance UID alone; null for images.</summary>
    public ObjectModel? Object { get; init; }

    /// <summary>
    /// Model and level for a set of keys: the deepest level that there is a key for, and Patient Root where there is a
    /// Patient ID, Study Root where there is none.
    /// </summary>
    /// <param name="keys">The keys; empty values count as absent.</param>
    /// <exception cref="ArgumentException">A key that model and level need is missing, or is no single value above the level, or is no
    /// UID.</exception>
    public static RetrieveTarget For(RetrieveKeys keys)
    {
        var patient = string.IsNullOrWhiteSpace(keys.PatientID) ? null : keys.PatientID!.Trim();
        var studies = Uids(keys.StudyInstanceUID, nameof(keys.StudyInstanceUID));
        var series = Uids(keys.SeriesInstanceUID, nameof(keys.SeriesInstanceUID));
        var instances = Uids(keys.SOPInstanceUID, nameof(keys.SOPInstanceUID));
        if (keys.Object is { } other)
        {
            return instances.Count > 0
                ? new RetrieveTarget(InformationModel.CompositeInstanceRoot, QueryLevel.Image, null, [], [], instances) { Object = other }
                : throw new ArgumentException($"Objects of the service {other} are retrieved by SOPInstanceUID, which is missing.");
        }

        if (patient is null && studies.Count + series.Count + instances.Count == 0)
            throw new ArgumentException(
                "There is nothing to retrieve: none of PatientID, StudyInstanceUID, SeriesInstanceUID and SOPInstanceUID has a value.");

        var level = LevelOf(keys, studies, series, instances);
        var model = ModelOf(keys);
        var row = Array.Find(Rows, r => r.Model == model && r.Level == level);
        if (row.Keys is null)
        {
            var levels = string.Join(", ", Rows.Where(r => r.Model == model).Select(r => QueryLevels.TextOf(r.Level)));
            throw new ArgumentException(
                $"The model {InformationModels.NameOf(model)} has no level {QueryLevels.TextOf(level)}; it has {levels}.");
        }

        var target = new RetrieveTarget(
            model, level, row.Keys.Contains('P') ? patient : null,
            row.Keys.Contains('S') ? studies : [], row.Keys.Contains('E') ? series : [], row.Keys.Contains('I') ? instances : []);
        Require(row.Keys.Contains('P'), patient is null ? 0 : 1, "PatientID", target, QueryLevel.Patient);
        Require(row.Keys.Contains('S'), studies.Count, "StudyInstanceUID", target, QueryLevel.Study);
        Require(row.Keys.Contains('E'), series.Count, "SeriesInstanceUID", target, QueryLevel.Series);
        Require(row.Keys.Contains('I'), instances.Count, "SOPInstanceUID", target, QueryLevel.Image);
        return target;
    }

    /// <summary>The level of keys, also of those that make no request.</summary>
    internal static QueryLevel LevelOf(RetrieveKeys keys) =>
        LevelOf(keys, keys.StudyInstanceUID, keys.SeriesInstanceUID, keys.SOPInstanceUID);

    private static QueryLevel LevelOf(RetrieveKeys keys, IReadOnlyList<string> studies, IReadOnlyList<string> series,
        IReadOnlyList<string> instances) => keys.Level
            ?? (keys.Model is InformationModel.CompositeInstanceRoot or InformationModel.WithoutBulkData || instances.Count > 0
                ? QueryLevel.Image
            : series.Count > 0 ? QueryLevel.Series
            : studies.Count > 0 || string.IsNullOrWhiteSpace(keys.PatientID) ? QueryLevel.Study : QueryLevel.Patient);

    /// <summary>The model of keys, also of those that make no request.</summary>
    internal static InformationModel ModelOf(RetrieveKeys keys) =>
        keys.Model ?? (string.IsNullOrWhiteSpace(keys.PatientID) ? InformationModel.StudyRoot : InformationModel.PatientRoot);

    /// <summary>How many instances one request names at the most: more make identifiers that peers refuse.</summary>
    internal const int LongestList = 100;

    /// <summary>
    /// The requests that keys make. Each study and each series has one of its own, because the answer to a list does not say
    /// which of them brought nothing; instances go in lists, whose answers <see cref="RetrieveList"/> takes apart.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <exception cref="ArgumentException">A key is missing or wrong.</exception>
    public static IEnumerable<RetrieveKeys> Split(RetrieveKeys keys)
    {
        var target = For(keys);
        return target.Level switch
        {
            QueryLevel.Study => target.Studies.Select(uid => keys with { StudyInstanceUID = [uid] }),
            QueryLevel.Series => target.Series.Select(uid => keys with { SeriesInstanceUID = [uid] }),
            QueryLevel.Image => Enumerable.Range(0, (target.Instances.Count + LongestList - 1) / LongestList)
                .Select(at => keys with { SOPInstanceUID = [.. target.Instances.Skip(at * LongestList).Take(LongestList)] }),
            _ => [keys],
        };
    }

    /// <summary>
    /// The same request in the other models that have all the keys that they need, for peers that do not accept the first.
    /// </summary>
    /// <param name="keys">The keys that this target was made of.</param>
    public IReadOnlyList<RetrieveTarget> Alternatives(RetrieveKeys keys)
    {
        // Whoever names a model means it.
        if (keys.Model is { } || keys.Object is { })
            return [];
        var others = new List<RetrieveTarget>();
        foreach (var row in Rows.Where(r => r.Level == Level && r.Model != Model && r.Model <= InformationModel.PatientStudyOnly))
        {
            if (!row.Keys.Contains('P') || PatientID is { })
                others.Add(this with { Model = row.Model, PatientID = row.Keys.Contains('P') ? PatientID : null });
        }

        return others;
    }

    /// <summary>
    /// The identifier of the request (PS3.4 C.4.2.1.4.1): the level and its unique keys, several UIDs as a list. The other services
    /// have no level.
    /// </summary>
    public DicomDataset ToIdentifier()
    {
        var identifier = new DicomDataset();
        if (Object is null)
            identifier.Set(Tags.QueryRetrieveLevel, QueryLevels.TextOf(Level));
        if (PatientID is { } patient)
        {
            if (patient.Any(c => c > '~'))
                identifier.SetCharacterSet("ISO_IR 192");
            identifier.Set(Tags.PatientID, patient);
        }

        if (Studies.Count > 0)
            identifier.Set(Tags.StudyInstanceUID, [.. Studies]);
        if (Series.Count > 0)
            identifier.Set(Tags.SeriesInstanceUID, [.. Series]);
        if (Instances.Count > 0)
            identifier.Set(Tags.SOPInstanceUID, [.. Instances]);
        return identifier;
    }

    /// <summary>The SOP class that carries the request.</summary>
    /// <param name="method">C-MOVE or C-GET.</param>
    /// <exception cref="ArgumentException">The model is not for C-MOVE, or not for retrieval.</exception>
    public string SopClassUid(RetrieveMethod method) => Object is { } other
        ? (method == RetrieveMethod.Move ? other.Move : other.Get)
            ?? throw new ArgumentException($"The service {other} is for queries; it has no objects to retrieve.")
        : (Model, method) switch
        {
            (InformationModel.PatientRoot, RetrieveMethod.Move) => Dictionary.Uids.PatientRootQueryRetrieveInformationModelMove,
            (InformationModel.PatientRoot, _) => Dictionary.Uids.PatientRootQueryRetrieveInformationModelGet,
            (InformationModel.StudyRoot, RetrieveMethod.Move) => Dictionary.Uids.StudyRootQueryRetrieveInformationModelMove,
            (InformationModel.StudyRoot, _) => Dictionary.Uids.StudyRootQueryRetrieveInformationModelGet,
            (InformationModel.PatientStudyOnly, RetrieveMethod.Move) => Dictionary.Uids.PatientStudyOnlyQueryRetrieveInformationModelMove,
            (InformationModel.PatientStudyOnly, _) => Dictionary.Uids.PatientStudyOnlyQueryRetrieveInformationModelGet,
            (InformationModel.CompositeInstanceRoot, RetrieveMethod.Move) => Dictionary.Uids.CompositeInstanceRootRetrieveMove,
            (InformationModel.CompositeInstanceRoot, _) => Dictionary.Uids.CompositeInstanceRootRetrieveGet,
            (InformationModel.WithoutBulkData, RetrieveMethod.Get) => Dictionary.Uids.CompositeInstanceRetrieveWithoutBulkDataGet,
            _ => throw new ArgumentException("Instances without bulk data come with C-GET only, not with C-MOVE."),
        };

    /// <summary>
    /// What an instance belongs to that was not asked for, in words; null when it is one of those wanted. What it does not
    /// say of itself is not held against it, and at the level PATIENT nothing is: after a merge the files carry the old id.
    /// </summary>
    /// <param name="study">Its Study Instance UID, or null.</param>
    /// <param name="series">Its Series Instance UID, or null.</param>
    /// <param name="instance">Its SOP Instance UID.</param>
    public string? Stranger(string? study, string? series, string? instance)
    {
        static bool IsOther(IReadOnlyList<string> wanted, string? uid) => wanted.Count > 0 && uid is { } && !wanted.Contains(uid);
        if (IsOther(Studies, study))
            return $"study {study}";
        if (IsOther(Series, series))
            return $"series {series}";
        return IsOther(Instances, instance) ? $"instance {instance}" : null;
    }

    /// <summary>Whether an instance says itself that it is of what was asked for.</summary>
    /// <param name="instance">An instance that arrived.</param>
    public bool Covers(ReceivedInstance instance) => Stranger(instance) is null && Level switch
    {
        QueryLevel.Patient => IsOfPatient(instance.PatientID),
        QueryLevel.Study => instance.StudyInstanceUID is { },
        QueryLevel.Series => instance.SeriesInstanceUID is { },
        _ => true,
    };

    /// <summary>The same of an instance that arrived.</summary>
    /// <param name="instance">The instance.</param>
    public string? Stranger(ReceivedInstance instance) =>
        Stranger(instance.StudyInstanceUID, instance.SeriesInstanceUID, instance.SOPInstanceUID);

    /// <summary>Whether a Patient ID is the one that was asked for; true where none was, or none is said.</summary>
    /// <param name="patient">The Patient ID of an instance.</param>
    public bool IsOfPatient(string? patient) =>
        PatientID is null || patient is null || string.Equals(patient.Trim(), PatientID.Trim(), StringComparison.OrdinalIgnoreCase);

    private static void Require(bool isNeeded, int count, string key, RetrieveTarget target, QueryLevel own)
    {
        if (!isNeeded)
            return;
        var place = $"{InformationModels.NameOf(target.Model)} at the level {QueryLevels.TextOf(target.Level)}";
        if (count == 0)
            throw new ArgumentException($"{place} needs {key}, which is missing.");
        // A list of UIDs is for the level itself (PS3.4 C.4.2.1.4.1).
        if (count > 1 && own != target.Level)
            throw new ArgumentException(
                $"{place} needs exactly one {key}; there are {count}. Ask for each in a request of its own.");
    }

    private static IReadOnlyList<string> Uids(IReadOnlyList<string> given, string name)
    {
        var uids = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in given)
        {
            foreach (var part in (value ?? "").Split('\\'))
            {
                var uid = part.Trim(' ', '\0');
                if (uid.Length == 0 || !seen.Add(uid))
                    continue;
                if (!Uid.IsUsable(uid))
                    throw new ArgumentException($"'{uid}' is no UID for {name}: a UID has digits and dots, 64 at most, and no wildcards.");
                uids.Add(uid);
            }
        }

        return uids;
    }
}
