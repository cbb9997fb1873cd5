using System.Globalization;
using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Pipeline;
using DicomPS.Queries;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>
/// Adds studies to a transfer: what Find found, rows of a CSV file, or UIDs. What is there already stays as it is, unless it is done and
/// has more instances by now; so it can be run again any time.
/// </summary>
[Cmdlet(VerbsCommon.Add, "DicomTransferItem", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Transfer))]
public sealed class AddDicomTransferItemCommand : ConnectionlessTransferCmdlet
{
    private const int BatchSize = 2000;
    private const int MostNamed = 3, MostShown = 32;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private List<TransferStudy> _batch = [];
    private Task<(int Added, long Stuck)>? _writing;
    private ProgressMeter? _meter;
    private TransferFile? _file;
    private long _read;
    private long _added;
    private long _skipped;
    private readonly SortedDictionary<string, long> _others = new(StringComparer.OrdinalIgnoreCase);
    private readonly KeylessRows _keyless = new([nameof(StudyInstanceUID)], "added", "a study is added by", "", isQuery: false);
    private readonly List<string> _clashes = [];
    private long _clashing;
    private readonly List<string> _uncounted = [];
    private long _uncountable;
    private long _stuck;
    private bool _isOn;

    /// <summary>The store: a file of this machine, or postgresql://HOST:5432/DATABASE.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public new string Store
    {
        get => base.Store;
        set => base.Store = value;
    }

    /// <summary>The transfer.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Study Instance UIDs.</summary>
    [Parameter(Position = 2, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ScalarTransform]
    [AllowEmptyString]
    [AllowNull]
    public string[]? StudyInstanceUID { get; set; }

    /// <summary>The rows of the pipeline themselves: one without a Study Instance UID is named.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Patient ID, kept for lists and reports.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? PatientID { get; set; }

    /// <summary>Patient's name, kept for lists and reports.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? PatientName { get; set; }

    /// <summary>Study date, kept for lists and reports.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public object? StudyDate { get; set; }

    /// <summary>Accession number, kept for lists and reports.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? AccessionNumber { get; set; }

    /// <summary>Modalities, kept for lists and reports.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Modalities { get; set; }

    /// <summary>Study description, kept for lists and reports.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? StudyDescription { get; set; }

    /// <summary>How many instances the source said that the study has.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ReferenceInstances")]
    public object? Instances { get; set; }

    /// <summary>What Compare-DicomArchive says of a study. Only what is Missing or Partial is added.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Difference { get; set; }

    /// <summary>What Compare-DicomArchive speaks of: the study, or a series or an instance of it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Level { get; set; }

    /// <summary>What Find says of an answer: whether it fits what was asked for. What does not is left out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [MatchTransform]
    public bool? Matches { get; set; }

    /// <summary>Studies with a higher one come first; one that waits already gets the higher of both.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int Priority { get; set; }

    private protected override void Begin()
    {
        if (StudyInstanceUID is null && !MyInvocation.ExpectingInput)
        {
            Terminate(new ModuleException(ErrorIds.ArgumentInvalid, ErrorCategory.InvalidArgument, "No study was named.",
                "Pipe in what Find-DicomStudy found or rows with a column StudyInstanceUID, or give -StudyInstanceUID.", null), null);
        }

        _isOn = ShouldProcess($"{Name} in {Store}", "Add studies");
        _meter = Meter($"Adding to {Name}");
        if (_isOn)
        {
            _file = File;
            // That there is one is found out before anything is read.
            Wait(token => _file.StatusAsync(Name, token));
        }
    }

    private protected override void Process()
    {
        if (Matches == false)
        {
            _skipped++;
            return;
        }

        if (Text(Difference) is { } difference && !IsMended(difference))
        {
            _others[difference] = _others.TryGetValue(difference, out var count) ? count + 1 : 1;
            return;
        }

        if (StudyInstanceUID is null && InputObject is not null)
        {
            var keyless = _keyless.Problem(InputObject);
            if (!_keyless.Counts(InputObject, keyless))
                WriteFailure(keyless, keyless.Target);
            return;
        }

        var instances = Count();
        foreach (var uid in StudyInstanceUID ?? [""])
        {
            var study = (uid ?? "").Trim(' ', '\0');
            if (!Uid.IsUsable(study))
            {
                WriteFailure(new ModuleException(study.Length == 0 ? ErrorIds.RowWithoutKey : ErrorIds.UidInvalid,
                    ErrorCategory.InvalidData, study.Length == 0 ? "A row has no Study Instance UID, and was not added."
                        : $"'{study}' is no UID, and was not added.",
                    "Pipe what Find-DicomStudy found, or rows with a column StudyInstanceUID.", uid), uid);
                continue;
            }

            _read++;
            _meter!.Count(_read, null, "studies");
            if (_isOn)
                Keep(study, instances);
        }
    }

    private protected override void End()
    {
        if (_keyless.Rest() is { } rest)
            WriteFailure(rest, null);
        if (_skipped > 0)
            WriteWarning($"{_skipped} answers were left out: Find asked for something else, as they show.");
        if (_others.Count > 0)
        {
            WriteWarning("What a transfer does not mend was left out: "
                + $"{string.Join(", ", _others.Select(kind => $"{kind.Value} {kind.Key}"))}. It adds what is Missing or Partial.");
        }

        if (_uncountable > 0)
        {
            WriteWarning($"{_uncountable} {(_uncountable == 1 ? "row has" : "rows have")} no number of instances where one is expected: "
                + string.Join(", ", _uncounted) + (_uncountable > _uncounted.Count ? ", ..." : "") + ". They are taken without it, and "
                + "nobody sees when the source has fewer than were listed. Mend the column Instances, and add them again.");
        }

        if (!_isOn)
            return;
        Write();
        Settle();
        if (_stuck > 0)
        {
            WriteWarning($"{_stuck} of these studies failed, differ or were given up before, and stay so: "
                + "Get-DicomTransferItem -State Failed, Differs, Cancelled says why, and Reset-DicomTransferItem has them moved again.");
        }

        if (_clashing > 0)
        {
            WriteWarning($"{_clashing} {(_clashing == 1 ? "study" : "studies")} came with another Patient ID than the transfer has: "
                + string.Join(", ", _clashes) + (_clashing > _clashes.Count ? ", ..." : "") + ". A Study Instance UID is of one patient; "
                + "what is moved under it may be of both. Look at the study at its source; the transfer keeps the ID that it has.");
        }

        _meter!.Complete();
        WriteVerbose($"{_read} studies came, {_added} were added or wait again, {_read - _added} were there already.");
        WriteObject(Wait(token => _file!.StatusAsync(Name, token)));
    }

    private void Keep(string study, long? instances)
    {
        // Series and instances name their study again and again.
        if (_seen.Count >= BatchSize)
            _seen.Clear();
        if (!_seen.Add($"{study}\n{instances}\n{Text(PatientID)}"))
            return;
        _batch.Add(new TransferStudy(study)
        {
            PatientID = Text(PatientID),
            PatientName = Text(PatientName),
            StudyDate = DateText(StudyDate),
            AccessionNumber = Text(AccessionNumber),
            Modalities = Text(Modalities),
            StudyDescription = Text(StudyDescription),
            Instances = instances,
            Priority = Priority,
            Lacks = Text(Difference) is not null,
        });
        if (_batch.Count >= BatchSize)
            Write();
    }

    // One batch is written while the next one comes.
    private void Write()
    {
        Settle();
        if (_batch.Count == 0)
            return;
        var (file, batch) = (_file!, _batch);
        _batch = [];
        _writing = Task.Run(() => file.AddItemsAsync(Name, batch, Clash, StopToken));
    }

    // By one writer at a time, and read when it is done.
    private void Clash(string study, string known, string given)
    {
        if (_clashing++ < MostNamed)
            _clashes.Add($"{study} ({known}, now {given})");
    }

    private void Settle()
    {
        if (_writing is not { } writing)
            return;
        _writing = null;
        var (added, stuck) = Wait(_ => writing);
        _added += added;
        _stuck += stuck;
    }

    // A number that cannot be read is told: without it nobody sees that the source has fewer by now.
    private long? Count()
    {
        // The number of a series says nothing of its study.
        if ((Text(Level) ?? (Text(Difference) is null ? "Study" : null)) is not { } level || !IsOf(level, "Study") || IsOfSeries())
            return null;
        var given = Text(Convert.ToString(Instances is PSObject wrapped ? wrapped.BaseObject : Instances, CultureInfo.InvariantCulture));
        if (given is null)
            return null;
        // A spreadsheet writes 12 as 12.0 or 1.2E1.
        if (decimal.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number is >= 0 and <= int.MaxValue && decimal.Truncate(number) == number)
            return (long)number;
        if (_uncountable++ < MostNamed)
            _uncounted.Add($"'{SafeText.Clean(given.Length > MostShown ? given.Substring(0, MostShown) + "..." : given)}'");
        return null;
    }

    private bool IsOfSeries() => new[] { "SeriesInstanceUID", "SOPInstanceUID" }
        .Any(name => InputObject?.Properties[name]?.Value is { } uid && Text($"{uid}") is not null);

    private static bool IsMended(string difference) =>
        IsOf(difference, nameof(ArchiveDifferenceKind.Missing)) || IsOf(difference, nameof(ArchiveDifferenceKind.Partial));

    private static bool IsOf(string? word, string name) => string.Equals(word?.Trim(), name, StringComparison.OrdinalIgnoreCase);

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    private static string? DateText(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        DateTime date => date.ToString(date.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ss",
            CultureInfo.InvariantCulture),
        var other => Text(Convert.ToString(other, CultureInfo.InvariantCulture)),
    };
}
