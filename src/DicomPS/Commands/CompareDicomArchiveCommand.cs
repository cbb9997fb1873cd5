using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Comparing;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Dictionary;
using DicomPS.Jobs;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Querying;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Compares the studies of two archives, and writes an object for each difference.</summary>
[Cmdlet(VerbsData.Compare, "DicomArchive")]
[OutputType(typeof(ArchiveDifference))]
[OutputType(typeof(ArchiveComparisonDay))]
public sealed class CompareDicomArchiveCommand : RemoteCmdlet
{
    private readonly List<ArchiveComparisonDay> _days = [];
    private TransferStores? _stores;

    /// <summary>The archive that is the measure: AETITLE@host:port, a registered name, a hashtable, or a node.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("ReferenceObject", "From", "Old")]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode ReferenceNode { get; set; } = null!;

    /// <summary>The archive that is held against it.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("DifferenceObject", "To", "New")]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode DifferenceNode { get; set; } = null!;

    /// <summary>Down to where they are compared: studies with the numbers that the archives say, series, or each instance.</summary>
    [Parameter]
    public ComparisonLevel Level { get; set; }

    /// <summary>The day of the studies, or a range of days.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform]
    [Alias("Date")]
    public DicomDateRange? StudyDate { get; set; }

    /// <summary>The first day, from its beginning.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform(IsDay = true)]
    public DateTime StartDate { get; set; }

    /// <summary>The last day, to its end.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform(IsDay = true)]
    public DateTime EndDate { get; set; }

    /// <summary>The patient's name, with wildcards * and ?.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? PatientName { get; set; }

    /// <summary>The patient's ID.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string? PatientID { get; set; }

    /// <summary>A modality in the study.</summary>
    [Parameter]
    [Alias("ModalitiesInStudy")]
    [ArgumentCompleter(typeof(ModalityCompleter))]
    public string? Modality { get; set; }

    /// <summary>Further keys by keyword or tag. A value may hold wildcards; a hashtable is the item of a sequence.</summary>
    [Parameter]
    [ValidateNotNull]
    [KeyTableTransform]
    [ArgumentCompleter(typeof(KeyTableCompleter))]
    public KeyTable? Key { get; set; }

    /// <summary>The keys of a study that are compared, by keyword or tag, in place of those of the patient and the study.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(KeywordCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Property { get; set; }

    /// <summary>The windows of days that both are asked for; Auto halves those whose answer looks cut short.</summary>
    [Parameter]
    public QuerySplit Split { get; set; } = QuerySplit.Auto;

    /// <summary>How many associations work side by side with each archive.</summary>
    [Parameter]
    [ValidateRange(1, 16)]
    [Alias("ThrottleLimit")]
    public int Associations { get; set; } = 2;

    /// <summary>The information model; another one is used, and said, where a peer does not accept it.</summary>
    [Parameter]
    [ValidateSet(nameof(InformationModel.StudyRoot), nameof(InformationModel.PatientRoot), nameof(InformationModel.PatientStudyOnly))]
    public InformationModel Model { get; set; } = InformationModel.StudyRoot;

    /// <summary>How often a window that failed is asked again, after all others.</summary>
    [Parameter]
    [ValidateRange(0, 10)]
    public int RetryCount { get; set; } = 2;

    /// <summary>The wait before that; each further one waits twice as long.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gives the studies that are the same too.</summary>
    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    /// <summary>Gives the counts of each day in place of the differences.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>The variable that takes the counts of each day, without the dollar sign.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SummaryVariable { get; set; }

    /// <summary>Keeps how far it is, so that the same command goes on there: a file, or postgresql://HOST:5432/DATABASE.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>Who logs in to PostgreSQL; without it a passfile, a certificate or the system decides.</summary>
    [Parameter]
    [Credential]
    public PSCredential? StoreCredential { get; set; }

    /// <summary>The name of the comparison in the store.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateLength(1, 200)]
    public string Name { get; set; } = "Comparison";

    /// <summary>Forgets what the store has of it, and begins anew.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    // Both archives are named by a node each.
    /// <inheritdoc/>
    public override string HostName { get => base.HostName; set => base.HostName = value; }

    /// <inheritdoc/>
    public override int Port { get => base.Port; set => base.Port = value; }

    /// <inheritdoc/>
    public override string CalledAETitle { get => base.CalledAETitle; set => base.CalledAETitle = value; }

    private protected override void End()
    {
        if (GivenKeys.Empty(MyInvocation.BoundParameters, [nameof(StudyDate), nameof(PatientName), nameof(PatientID), nameof(Modality)],
            "Leave the parameter out to compare all.") is { } empty)
            Terminate(empty, empty.Target);
        if (ReferenceNode.IsSameAs(DifferenceNode))
            WriteWarning($"{ReferenceNode} and {DifferenceNode} are one node: what is held against itself is equal.");
        var options = new ComparisonOptions
        {
            Reference = OptionsOf(ReferenceNode),
            Difference = OptionsOf(DifferenceNode),
            Request = Request(),
            Level = Level,
            Keys = Property is null ? ComparisonOptions.DefaultKeys : [.. Property.Select(QueryKeyTable.TagOf).Distinct()],
            IncludeEqual = IncludeEqual,
            WindowRetries = RetryCount,
            WindowRetryDelay = RetryDelay,
        };
        if (Store is not null)
            options = Kept(options, Store);
        else if (MyInvocation.BoundParameters.Keys.FirstOrDefault(key =>
            key is nameof(StoreCredential) or nameof(Name) or nameof(Restart)) is { } unused)
        {
            Terminate(new ModuleException(ErrorIds.ArgumentInvalid, ErrorCategory.InvalidArgument,
                $"-{unused} is about a store, and none is named.", "Name one with -Store, or leave it out.", unused), unused);
        }

        var comparison = new ArchiveComparison(options);
        var progress = Meter($"Comparing {ReferenceNode.Address} with {DifferenceNode.Address}");
        Drain(comparison.RunAsync, Write, () =>
        {
            var done = comparison.ComparedWindows / (double)comparison.Windows;
            progress.Update($"{comparison.ComparedWindows} of {comparison.Windows} windows, {comparison.Answers} answers", done,
                progress.Left(done));
        });
        progress.Complete();
        if (SummaryVariable is { } name)
            SessionState.PSVariable.Set(name, _days.ToArray());
        if (Summary)
            WriteObject(_days, true);
    }

    private ComparisonOptions Kept(ComparisonOptions options, string store)
    {
        _stores = new TransferStores(this);
        var file = _stores.Open(store, StoreCredential, mayCreate: true, work => Wait(work));
        var journal = (ComparisonFile)Wait(token => file.CompareAsync(Name, options.Describe(), Restart, token));
        if (journal.Begun is { } begun)
        {
            WriteWarning($"It goes on with the comparison '{Name}' that was begun at {begun:yyyy-MM-dd HH:mm:ss}: what that has done is "
                + "not asked for again. -Restart begins anew.");
        }

        return options with { Journal = journal, Today = journal.Today };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _stores?.Close();
        _stores = null;
    }

    private QueryJobOptions OptionsOf(DicomNode node)
    {
        var called = WithOverrides(node);
        return new QueryJobOptions
        {
            Association = OptionsFor(called), Node = called, Associations = Associations, Reach = new PeerReach(), Trace = Note,
        };
    }

    private QueryRequest Request()
    {
        var keys = new QueryKeyTable();
        keys.Add(Tags.PatientName, PatientName);
        keys.Add(Tags.PatientID, PatientID);
        keys.Add(Tags.ModalitiesInStudy, Modality);
        if (Key is not null)
            keys.AddTable(Key);
        var (after, before) = new DayRange
        {
            StartDate = Given(nameof(StartDate)) ? StartDate : null,
            EndDate = Given(nameof(EndDate)) ? EndDate : null,
            Days = (nameof(StudyDate), StudyDate),
        }.Limits();
        return new QueryRequest { Keys = keys.Dataset, After = after, Before = before, Split = Split, Model = Model };
    }

    private void Write(ComparisonValue value)
    {
        switch (value)
        {
            case ComparisonFound found:
                if (!Summary)
                    WriteObject(found.Result);
                break;
            case ComparisonDayEnded day:
                _days.Add(day.Day);
                break;
            case ComparisonNotice notice:
                WriteWarning($"{notice.Node}: {notice.Message}{(notice.Advice is null ? "" : " " + notice.Advice)}");
                break;
            case ComparisonFailed failed:
                WriteFailure(failed.Problem, failed.Node);
                break;
            case ComparisonSummary summary:
                WriteVerbose(summary.Text);
                WriteInformation(summary, ["DicomComparison"]);
                if (!summary.IsComplete)
                {
                    WriteFailure(new ModuleException(ErrorIds.ComparisonIncomplete, ErrorCategory.InvalidResult,
                        $"The archives could not be compared in full: {summary.Text} What is not known is not equal.",
                        "Look at the objects whose Difference is Unknown: their Reason says what is missing. Compare these days again, or "
                        + "with -Level Instance where an archive does not say how many instances it has.", DifferenceNode), DifferenceNode);
                }

                break;
        }
    }
}
