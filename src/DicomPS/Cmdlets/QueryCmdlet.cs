using System.Collections;
using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dimse;
using DicomPS.Indexes;
using DicomPS.Matching;
using DicomPS.Pipeline;
using DicomPS.Queries;
using DicomPS.Querying;
using DicomPS.Scripts;

namespace DicomPS.Cmdlets;

/// <summary>The base of the Find cmdlets: gathers keys, asks the node, and writes one object for each answer as it comes.</summary>
public abstract partial class QueryCmdlet : RemoteCmdlet
{
    /// <summary>The parameter set in which -Index names an index instead of a peer.</summary>
    private protected const string ByIndex = "Index";

    // As many rows of the pipeline go into one association; more would keep the rest of the pipeline waiting.
    private const int MostTargets = 200;

    // What says how a peer is called; an index is read.
    private static readonly HashSet<string> WithoutMeaning = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(CallingAETitle), nameof(ConnectTimeout), nameof(AssociationTimeout), nameof(ResponseTimeout), nameof(Timeout), nameof(Tls),
        nameof(SkipCertificateCheck), nameof(Credential), nameof(Priority),
        nameof(Certificate), nameof(CertificateThumbprint), nameof(TrustedThumbprint), nameof(TracePath), nameof(IncludePatientData),
        nameof(DatedQueryCmdlet.Split), nameof(DatedQueryCmdlet.Associations), nameof(DatedQueryCmdlet.TimeZone),
        nameof(ModelQueryCmdlet.View), nameof(ModelQueryCmdlet.Repository), nameof(ModelQueryCmdlet.Relational),
        nameof(ModelQueryCmdlet.Model), nameof(OnProgress),
    };

    private readonly QueryTargets _targets = new();
    private readonly DoubtedRows _doubted = new();
    private readonly RefusalTeller _refusals = new("query", "queries", "");
    private readonly Dictionary<DicomNode, OutageTeller> _outages = [];
    private readonly HashSet<(DicomNode Node, string Subject)> _told = [];
    private QueryProperties? _properties;
    private readonly Dictionary<object, long> _unjudged = [];
    private HashSet<string> _typed = [];
    private DicomNode[] _current = [];

    /// <summary>The peers: AETITLE@host:port, a registered name, a hashtable, or a node; several are asked side by side.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByNode, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNullOrEmpty]
    public DicomNode[] Node { get; set; } = [];

    /// <summary>Further keys by keyword or tag. A value may hold wildcards; a hashtable is the item of a sequence.</summary>
    [Parameter]
    [ValidateNotNull]
    [KeyTableTransform]
    [ArgumentCompleter(typeof(KeyTableCompleter))]
    public KeyTable? Key { get; set; }

    /// <summary>Further attributes to return, by keyword or tag; they become properties.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(KeywordCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Property { get; set; } = [];

    /// <summary>Matches names also when they are spelt or ordered differently, where the peer agrees to it.</summary>
    [Parameter]
    public SwitchParameter FuzzyName { get; set; }

    /// <summary>Gives only answers that are seen to fit every key, and fails where that cannot be seen.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>The priority that the peer is asked to give the requests; most pass over it.</summary>
    [Parameter]
    public DicomPriority Priority { get; set; }

    /// <summary>What is asked for.</summary>
    private protected abstract QueryLevel Level { get; }

    /// <summary>The model of another service that is asked; null for images and the worklist.</summary>
    private protected virtual ObjectModel? Object => null;

    /// <summary>The keys that come from the command line alone.</summary>
    private protected abstract void AddKeys(QueryKeyTable keys);

    /// <summary>The keys that may come from the pipeline, row by row.</summary>
    private protected abstract void AddTarget(QueryKeyTable keys);

    /// <summary>The request with the options that not every level has.</summary>
    private protected abstract QueryRequest Complete(QueryRequest request);

    /// <summary>Whether the row of the pipeline is an answer that does not fit what was asked for.</summary>
    private protected virtual bool IsDoubted => false;

    /// <summary>Whether such rows are asked about all the same.</summary>
    private protected virtual bool IsForced => false;

    /// <summary>The index that -Index names where a level has it, or null.</summary>
    private protected virtual IndexPlace? Place => null;

    /// <summary>How many associations may work side by side.</summary>
    private protected virtual int AssociationCount => 1;

    /// <summary>Whether a parameter was written on the command line and not bound from the pipeline.</summary>
    private protected bool Typed(string parameter) => _typed.Contains(parameter);

    /// <summary>Whether a parameter was written as a script block, which says its value of each row: { $_.PatientID }.</summary>
    private protected bool IsPerRow(string parameter) => _perRow.Contains(parameter);

    private protected override void Begin()
    {
        _typed = new HashSet<string>(MyInvocation.BoundParameters.Keys, StringComparer.OrdinalIgnoreCase);
        if (ParameterSetName == ByIndex && _typed.FirstOrDefault(WithoutMeaning.Contains) is { } meant)
        {
            Terminate(new ModuleException(ErrorIds.ParameterWithoutMeaning, ErrorCategory.InvalidArgument,
                $"-{meant} means nothing with -Index: an index is no peer, and nobody is called by DICOM.",
                "Leave it out, or name a peer with -Node.", meant), meant);
        }

        _block = OnProgress is { } block ? new ProgressBlock(this, block) : null;
        if (EmptyKey() is { } empty)
            Terminate(empty, empty.Target);
        FindRowKeys();
        _properties = new QueryProperties(Property, Level, ParameterSetName == ByIndex);
        if (IncludeMissing)
            _report = new RowReport(Level, _properties, WriteObject) { Object = Object };
        // A mistake in the keys is one error before the first row, not one for each.
        _ = Request([]);
    }

    private protected override void Process()
    {
        if (ParameterSetName != ByIndex)
        {
            DicomNode[] nodes = [.. (ParameterSetName == ByHost ? [NodeFromHost()] : Node).Select(WithOverrides).Distinct()];
            // Before other nodes are asked, the rows gathered so far are.
            if (_current.Length > 0 && !nodes.SequenceEqual(_current))
            {
                Ask();
                TellRefusals();
            }

            _current = nodes;
        }

        var keys = new QueryKeyTable();
        AddTarget(keys);
        if (IsRefused(keys.Dataset))
            return;

        // What was not found is asked for again where every row is to come back.
        var isDoubted = IsDoubted && !(IncludeMissing && RowColumns.IsNotFound(InputObject, Level));
        if (isDoubted && IsForced)
        {
            _doubted.Force(keys.Dataset);
        }
        else if (isDoubted)
        {
            if (_doubted.Skip(keys.Dataset) is { } skipped)
                WriteFailure(skipped, skipped.Target);
            Report(keys.Dataset, "It does not match what Find asked for before.");
            return;
        }

        if (_report is not null)
        {
            Report(keys.Dataset, null);
            return;
        }

        _targets.Add(keys.Dataset, Level);
        if (_targets.Count >= MostTargets)
            Ask();
    }

    private protected override void End()
    {
        Ask();
        TellRefusals();
        TellNotAsked();
        if (_doubted.Rest() is { } more)
            WriteFailure(more, null);
        if (_keyless!.Rest() is { } keyless)
            WriteFailure(keyless, null);
        foreach (var rest in _outages.Select(node => node.Value.TakeRest(node.Key)).OfType<ErrorRecord>())
            WriteError(rest);
    }

    // What a peer refuses of one row it refuses of the others: said once, with a number, before another node is asked.
    private void TellRefusals()
    {
        foreach (var more in _refusals.TakeRest())
            WriteError(more);
    }

    private void Ask()
    {
        if (_report is { Count: > 0 })
            AskRows(_report);
        if (_targets.Count == 0)
            return;
        if (IsCancelled)
        {
            _notAsked += _targets.Count;
            _targets.Drain();
            return;
        }

        var asked = _targets.Count;
        var request = Request(_targets.Drain());
        if (ParameterSetName == ByIndex)
            AskIndex(request);
        else
            AskNodes(request, asked);
    }

    private void Give(QueryFound found, object source)
    {
        if (_report is not null)
        {
            GiveRow(found, source);
            return;
        }

        var result = _doubted.Inherit(found.Result);
        if (Strict && result.Matches != true)
        {
            LeaveOut(result, source);
            return;
        }

        SeenValues.Remember(result);
        WriteObject(_properties!.AddTo(result, found.Local));
    }

    // What contradicts a key was warned of; what cannot be judged is an error at the end of the query.
    private void LeaveOut(QueryResult result, object source)
    {
        if (result.Matches is null)
            _unjudged[source] = _unjudged.TryGetValue(source, out var left) ? left + 1 : 1;
    }

    // Strict in what goes out: a peer may answer a broken UID with everything it has, or with nothing.
    private static ModuleException? WrongUid(DicomDataset keys)
    {
        foreach (var element in keys.Where(element => element.Vr == Vr.UI))
        {
            foreach (var uid in keys.GetStrings(element.Tag).Where(uid => !Uid.IsUsable(uid)))
            {
                return new ModuleException(ErrorIds.UidInvalid, ErrorCategory.InvalidArgument,
                    $"'{uid}' is no UID for {Dictionary.DicomDictionary.KeywordOf(element.Tag)}: a UID has digits and dots, 64 at most, "
                    + "and no wildcards.",
                    "It was not asked for. Copy the UID as it is; Tab completes those that this session has seen.", uid);
            }
        }

        return null;
    }

    private void AskIndex(QueryRequest request)
    {
        var place = Place!;
        var path = place.ToString();
        try
        {
            Drain(token => IndexFile.FindAsync(place, request, token), value =>
            {
                if (value is QueryFound found)
                    Give(found, path);
                else if (value is QueryTargetEnded ended)
                    _report?.End(ended.Target, null);
            });
            TellUnjudged(path, path, []);
        }
        catch (DicomException e) when (e is not ModuleException)
        {
            throw IndexErrors.Of(e, path);
        }
    }

    private QueryRequest Request(IReadOnlyList<DicomDataset> rows)
    {
        var keys = new QueryKeyTable();
        AddKeys(keys);
        if (Key is not null)
            keys.AddTable(Key);
        return Complete(new QueryRequest
        {
            Level = Level,
            Keys = keys.Dataset,
            Targets = rows,
            ReturnKeys = _properties!.Tags,
            FuzzyNames = FuzzyName,
        });
    }

    private void Write(QueryValue value, DicomNode node, QueryRequest request, int asked)
    {
        switch (value)
        {
            case QueryFound found:
                Give(found, node);
                break;
            case QueryTargetEnded ended:
                _report?.End(ended.Target, ended.IsComplete ? null : Said(node, ended.Problem));
                break;
            case QueryNotice { Subject: { } subject } when !_told.Add((node, subject)):
                break;
            case QueryNotice notice:
                WriteWarning($"{node}: {notice.Message}{(notice.Advice is null ? "" : " " + notice.Advice)}");
                break;
            case QueryFailed { IsUnreachable: true } failed:
                _failure ??= Said(node, failed.Problem);
                WriteUnreachable(failed.Problem, node, asked);
                break;
            case QueryFailed failed when _refusals.Counts(failed.Problem, node):
                break;
            case QueryFailed failed:
                WriteFailure(failed.Problem, node);
                break;
            case QuerySummary summary:
                WriteVerbose($"{node}: {summary.Text}");
                WriteInformation(summary, ["DicomQuery"]);
                if (request.Split != QuerySplit.None && !summary.IsComplete)
                    WriteWarning($"{node}: {summary.Text}");
                TellUnjudged(node, $"{node}", summary.NotReturned);
                break;
        }
    }

    private void TellUnjudged(object target, string name, IReadOnlyList<string> missing)
    {
        if (!_unjudged.TryGetValue(target, out var count))
            return;
        var left = count == 1 ? "1 answer was left out: it" : $"{count} answers were left out: they";
        var why = missing.Count > 0 ? $"the peer returned no {string.Join(", ", missing)}"
            : "a key is not returned, or is spelt in another way than it was asked for";
        _unjudged.Remove(target);
        WriteFailure(new ModuleException(ErrorIds.AnswerNotJudged, ErrorCategory.InvalidResult,
            $"{name}: {left} cannot be held against every key, because {why}.",
            "Ask without -Strict and look at the property Matches, or use keys that the peer returns.", target), target);
    }

    private OutageTeller OutageOf(DicomNode node)
    {
        if (!_outages.TryGetValue(node, out var outage))
            _outages[node] = outage = new OutageTeller("query", "queries", "Pipe in the same rows again.");
        return outage;
    }

    // The rows behind are not asked one timeout after the other; said in full once, then counted.
    private void WriteUnreachable(DicomException problem, DicomNode node, int asked)
    {
        var outage = _outages[node];
        if (outage.Counts(problem, isReason: true, asked))
            return;
        if (outage.TakeRest(node, problem, isReason: true) is { } rest)
            WriteError(rest);
        WriteFailure(problem, node);
        outage.Counts(problem, isReason: true, asked - 1);
    }
}
