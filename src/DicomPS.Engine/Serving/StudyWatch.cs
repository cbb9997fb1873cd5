using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Scp;

namespace DicomPS.Serving;

/// <summary>How far a study is that is being received.</summary>
/// <param name="Received">How many instances of it were stored since it was complete last.</param>
/// <param name="OpenAssociations">How many associations that brought some of it are open.</param>
/// <param name="QuietFor">How long ago the last instance came.</param>
public sealed record StudyProgress(int Received, int OpenAssociations, TimeSpan QuietFor);

/// <summary>
/// Knows which studies are being received and says when one is complete: quiet for a while, and no association open that brought
/// some of it; or the modality has said COMPLETED (MPPS), and all that it named is here. DICOM itself has no other message.
/// Any thread may use it; memory is bounded, so of more studies at once than it can hold, the one that was quiet for longest is
/// complete early.
/// </summary>
/// <param name="quietPeriod">How long a study must be quiet, zero or more.</param>
/// <param name="clock">The time since any fixed moment; it must not go back.</param>
internal sealed class StudyWatch(TimeSpan quietPeriod, Func<TimeSpan> clock)
{
    /// <summary>How many studies it holds at once, those that were complete before counted.</summary>
    public const int Capacity = 4096;

    private const int MostSeries = 256, MostNames = 16;

    private readonly object _gate = new();
    private readonly Dictionary<string, Entry> _studies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Sender> _senders = new(StringComparer.Ordinal);

    // Both with the one that was quiet for longest first.
    private readonly LinkedList<Entry> _open = new(), _complete = new();
    private readonly List<CompletedStudy> _early = [];

    // What modalities have named and has not come yet, by study.
    private readonly Dictionary<string, HashSet<string>> _expected = new(StringComparer.Ordinal);

    /// <summary>
    /// An instance came over an association and is about to be put in its place. Until it ends, the study is being received.
    /// </summary>
    /// <param name="association">The peer's address and port.</param>
    /// <param name="header">The first elements of the instance; without a Study Instance UID it is none of a study's.</param>
    public void Coming(string association, DicomDataset header)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (header.GetString(Tags.StudyInstanceUID) is not { Length: > 0 } uid)
            return;
        lock (_gate)
        {
            var entry = Open(association, uid);
            if (entry.Series.Count >= MostSeries
                || (header.GetString(Tags.SeriesInstanceUID) is { } series && entry.Series.Contains(series)))
                return;
            entry.Learn((Study)QueryResults.One(QueryLevel.Study, header, null, header, null));
            if (header.GetText(Tags.Modality) is { Length: > 0 } modality && entry.Modalities.Count < MostNames)
                entry.Modalities.Add(modality);
        }
    }

    /// <summary>An instance is stored.</summary>
    /// <param name="instance">The instance.</param>
    public void Stored(ReceivedInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        if (instance.StudyInstanceUID is not { Length: > 0 } uid)
            return;
        lock (_gate)
        {
            Open(instance.RemoteEndPoint, uid).Count(instance);
            Arrived(uid, [instance.SOPInstanceUID ?? ""]);
        }
    }

    /// <summary>A modality has made all that it wanted to make of a study, and says what that is.</summary>
    /// <param name="studyInstanceUid">The study.</param>
    /// <param name="instances">The SOP instance UIDs that have to be here.</param>
    public void Expect(string studyInstanceUid, IEnumerable<string> instances)
    {
        lock (_gate)
        {
            // What would not be remembered waits for the quiet period, as without a word of the modality.
            if (_expected.Count >= Capacity)
                _expected.Clear();
            _expected[studyInstanceUid] = new HashSet<string>(instances, StringComparer.Ordinal);
        }
    }

    /// <summary>Some of what a modality has named is here.</summary>
    /// <param name="studyInstanceUid">The study.</param>
    /// <param name="instances">Their SOP instance UIDs.</param>
    public void Arrived(string studyInstanceUid, IEnumerable<string> instances)
    {
        lock (_gate)
        {
            if (!_expected.TryGetValue(studyInstanceUid, out var missing))
                return;
            missing.ExceptWith(instances);
            if (missing.Count > 0)
                return;
            _expected.Remove(studyInstanceUid);
            if (_studies.TryGetValue(studyInstanceUid, out var entry) && entry.IsOpen)
                entry.IsWhole = true;
        }
    }

    /// <summary>An instance came over an association and was not stored.</summary>
    /// <param name="association">The peer's address and port.</param>
    public void Failed(string association)
    {
        lock (_gate)
            SenderOf(association).Failed++;
    }

    /// <summary>An association is over.</summary>
    /// <param name="association">The peer's address and port.</param>
    /// <param name="isReleased">Whether it was released in good order.</param>
    public void Ended(string association, bool isReleased)
    {
        lock (_gate)
        {
            if (!_senders.TryGetValue(association, out var sender))
                return;
            _senders.Remove(association);
            foreach (var entry in sender.Studies)
            {
                entry.Senders.Remove(association);
                entry.Failed += sender.Failed;
                entry.Aborted += isReleased ? 0 : 1;
            }
        }
    }

    /// <summary>The studies that are complete now; each is told once.</summary>
    public IReadOnlyList<CompletedStudy> CollectDue() =>
        Collect(
        entry => entry.IsWhole || (entry.Senders.Count == 0 && clock() - entry.LastAt >= quietPeriod));

    /// <summary>All studies that are being received, as far as they came: nothing comes any more.</summary>
    public IReadOnlyList<CompletedStudy> CollectAll() => Collect(_ => true);

    /// <summary>How long until a study is complete if nothing more comes; null when none waits for that alone.</summary>
    public TimeSpan? UntilNext()
    {
        lock (_gate)
        {
            var first = _open.FirstOrDefault(entry => entry.Senders.Count == 0);
            return _open.Any(entry => entry.IsWhole) ? TimeSpan.Zero
                : first is null ? null : first.LastAt + quietPeriod - clock() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>How far a study is; null when it is not being received.</summary>
    /// <param name="studyInstanceUid">The study.</param>
    public StudyProgress? Find(string studyInstanceUid)
    {
        lock (_gate)
        {
            return _studies.TryGetValue(studyInstanceUid, out var entry) && entry.IsOpen
                ? new StudyProgress(entry.Received, entry.Senders.Count, clock() - entry.LastAt) : null;
        }
    }

    /// <summary>How many studies are being received.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    private List<CompletedStudy> Collect(Func<Entry, bool> isDue)
    {
        lock (_gate)
        {
            List<CompletedStudy> taken = [.. _early];
            _early.Clear();
            foreach (var entry in _open.Where(isDue).ToList())
            {
                if (Close(entry) is { } study)
                    taken.Add(study);
            }

            return taken;
        }
    }

    private Entry Open(string association, string uid)
    {
        if (!_studies.TryGetValue(uid, out var entry))
        {
            MakeRoom();
            _studies[uid] = entry = new Entry(uid);
        }
        else
        {
            (entry.IsOpen ? _open : _complete).Remove(entry.Place);
        }

        entry.LastAt = clock();
        entry.IsOpen = true;
        _open.AddLast(entry.Place);
        entry.Senders.Add(association);
        SenderOf(association).Studies.Add(entry);
        return entry;
    }

    private CompletedStudy? Close(Entry entry)
    {
        foreach (var association in entry.Senders)
            SenderOf(association).Studies.Remove(entry);
        _open.Remove(entry.Place);
        var study = entry.Finish();
        if (entry.Batch == 0)
            _studies.Remove(entry.Uid);
        else
            _complete.AddLast(entry.Place);
        return study;
    }

    private void MakeRoom()
    {
        if (_studies.Count < Capacity)
            return;
        if (_complete.First is null && Close(_open.First!.Value) is { } early)
            _early.Add(early);
        if (_complete.First is { Value: var oldest } && _studies.Remove(oldest.Uid))
            _complete.RemoveFirst();
    }

    private Sender SenderOf(string association)
    {
        if (!_senders.TryGetValue(association, out var sender))
            _senders[association] = sender = new Sender();
        return sender;
    }

    /// <summary>An association, as long as it is open.</summary>
    private sealed class Sender
    {
        public HashSet<Entry> Studies { get; } = [];

        public int Failed { get; set; }
    }

    /// <summary>A study: what came since it was complete last, and what is known of it.</summary>
    private sealed class Entry
    {
        private readonly List<string> _names = [];
        private Study _known;
        private int _instances;
        private long _bytes;
        private DateTime? _first, _last;
        private string? _path;

        public Entry(string uid)
        {
            Uid = uid;
            Place = new LinkedListNode<Entry>(this);
            _known = new Study { StudyInstanceUID = uid };
        }

        public string Uid { get; }

        public LinkedListNode<Entry> Place { get; }

        public bool IsOpen { get; set; }

        /// <summary>Whether all is here that the modality has named.</summary>
        public bool IsWhole { get; set; }

        public TimeSpan LastAt { get; set; }

        public HashSet<string> Senders { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Series { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Modalities { get; } = new(StringComparer.Ordinal);

        public int Batch { get; private set; }

        public int Received { get; private set; }

        public int Failed { get; set; }

        public int Aborted { get; set; }

        // What an instance leaves empty, such as a report without a study date, another may say.
        public void Learn(Study said) => _known = _known with
        {
            PatientName = _known.PatientName ?? said.PatientName,
            PatientID = _known.PatientID ?? said.PatientID,
            PatientBirthDate = _known.PatientBirthDate ?? said.PatientBirthDate,
            PatientSex = _known.PatientSex ?? said.PatientSex,
            StudyDate = _known.StudyDate ?? said.StudyDate,
            AccessionNumber = _known.AccessionNumber ?? said.AccessionNumber,
            StudyDescription = _known.StudyDescription ?? said.StudyDescription,
            ReferringPhysician = _known.ReferringPhysician ?? said.ReferringPhysician,
            StudyID = _known.StudyID ?? said.StudyID,
        };

        public void Count(ReceivedInstance instance)
        {
            Received++;
            _instances += instance.Replaced ? 0 : 1;
            _bytes += instance.Bytes;
            _first ??= instance.ReceivedAt;
            _last = instance.ReceivedAt;
            _path = instance.Path;
            if (instance.SeriesInstanceUID is { } series && Series.Count < MostSeries)
                Series.Add(series);
            if (_names.Count < MostNames && !_names.Contains(instance.CallingAETitle))
                _names.Add(instance.CallingAETitle);
        }

        /// <summary>What came, or null when nothing was stored; the next batch begins.</summary>
        public CompletedStudy? Finish()
        {
            var study = Received == 0 ? null : new CompletedStudy(_known with
            {
                Modalities = Modalities.Count > 0 ? string.Join("\\", Modalities) : null,
                Series = Series.Count < MostSeries ? Series.Count : null,
                Instances = _instances,
            })
            {
                Batch = ++Batch,
                Received = Received,
                Failed = Failed,
                Aborted = Aborted,
                Bytes = _bytes,
                FirstReceived = _first,
                LastReceived = _last,
                CallingAETitle = string.Join(", ", _names),
                Path = _path,
            };
            (Received, Failed, Aborted, _bytes, _first, _last, IsOpen, IsWhole) = (0, 0, 0, 0, null, null, false, false);
            Senders.Clear();
            _names.Clear();
            return study;
        }
    }
}
