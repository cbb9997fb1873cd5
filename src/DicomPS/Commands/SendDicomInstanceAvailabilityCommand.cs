using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;

namespace DicomPS.Commands;

/// <summary>Tells a peer where instances can be had (Instance Availability Notification, N-CREATE), one notification a study.</summary>
[Cmdlet(VerbsCommunications.Send, "DicomInstanceAvailability", DefaultParameterSetName = ByNode, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(AvailabilityResult))]
public sealed class SendDicomInstanceAvailabilityCommand : RemoteCmdlet
{
    // A peer holds a notification in memory; more make several of it.
    private const int MostInstances = 10_000;

    private readonly Dictionary<string, List<AvailableInstance>> _studies = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    /// <summary>The peer: AETITLE@host:port, a registered name, a hashtable, or a node.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByNode)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode? Node { get; set; }

    /// <summary>Study Instance UID.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    [ValidateNotNullOrEmpty]
    public string StudyInstanceUID { get; set; } = "";

    /// <summary>Series Instance UID.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    [ValidateNotNullOrEmpty]
    public string SeriesInstanceUID { get; set; } = "";

    /// <summary>SOP Instance UID.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    [ValidateNotNullOrEmpty]
    public string SOPInstanceUID { get; set; } = "";

    /// <summary>SOP Class UID.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SopClassCompleter))]
    [ValidateNotNullOrEmpty]
    public string SOPClassUID { get; set; } = "";

    /// <summary>Where the instances are: ONLINE, NEARLINE, OFFLINE, or UNAVAILABLE, which is for good.</summary>
    [Parameter]
    [ValidateSet("ONLINE", "NEARLINE", "OFFLINE", "UNAVAILABLE")]
    public string Availability { get; set; } = "ONLINE";

    /// <summary>The AE titles that they can be retrieved from.</summary>
    [Parameter(Mandatory = true)]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] RetrieveAETitle { get; set; } = [];

    private protected override void Begin() => Array.ForEach(RetrieveAETitle, NodeArgument.CheckAETitle);

    private protected override void Process()
    {
        foreach (var (name, uid) in new[]
        {
            (nameof(StudyInstanceUID), StudyInstanceUID), (nameof(SeriesInstanceUID), SeriesInstanceUID),
            (nameof(SOPInstanceUID), SOPInstanceUID), (nameof(SOPClassUID), SOPClassUID),
        })
        {
            if (Uid.IsUsable(uid.Trim()))
                continue;
            WriteFailure(new ModuleException(ErrorIds.UidInvalid, ErrorCategory.InvalidArgument,
                $"'{uid}' is no UID for {name}; the instance was not told of.",
                "Pipe in the answers of Find-DicomInstance or Get-DicomFile, which have all four.", uid), uid);
            return;
        }

        var study = StudyInstanceUID.Trim();
        if (!_studies.TryGetValue(study, out var instances))
        {
            _studies[study] = instances = [];
            _order.Add(study);
        }

        instances.Add(new AvailableInstance(SeriesInstanceUID.Trim(), SOPClassUID.Trim(), SOPInstanceUID.Trim(), Availability,
            RetrieveAETitle));
    }

    private protected override void End()
    {
        var node = WithOverrides(ParameterSetName == ByHost ? NodeFromHost() : Node!);
        var notices = _order.SelectMany(study => Cut(_studies[study]).Select(part => new AvailabilityNotice(study, part)))
            .Where(notice => ShouldProcess($"{notice.Instances.Count} instance(s) of {notice.StudyInstanceUid}",
                $"Tell {node} that they are {Availability}")).ToList();
        if (notices.Count == 0)
            return;
        var progress = Meter($"Telling {node}");
        var done = 0;
        try
        {
            foreach (var result in Wait(token => SendAsync(node, notices, () => Interlocked.Increment(ref done), token),
                () => progress.Count(done, notices.Count, "studies")))
            {
                WriteObject(result.Result);
                if (result.Problem is { } problem)
                    WriteFailure(problem, node);
            }
        }
        finally
        {
            progress.Complete();
        }
    }

    private async Task<List<(AvailabilityResult Result, DicomException? Problem)>> SendAsync(DicomNode node,
        List<AvailabilityNotice> notices, Action told, CancellationToken token)
    {
        var results = new List<(AvailabilityResult, DicomException?)>();
        AvailabilityScu? scu = null;
        DicomException? broken = null;
        try
        {
            foreach (var notice in notices)
            {
                var result = new AvailabilityResult
                {
                    StudyInstanceUID = notice.StudyInstanceUid,
                    Instances = notice.Instances.Count,
                    Availability = Availability,
                    RetrieveAETitle = string.Join("\\", RetrieveAETitle),
                    Status = "NotSent",
                    Node = node,
                };
                var isFirst = broken is null;
                try
                {
                    if (broken is null)
                    {
                        scu ??= await AvailabilityScu.ConnectAsync(OptionsFor(node), token).ConfigureAwait(false);
                        result = result with { Status = "Unknown" };
                        var response = await scu.SendAsync(notice, token).ConfigureAwait(false);
                        var said = DimseStatus.Describe(StatusTable.General, response.Status);
                        var refused = said.IsDone ? null : DimseRefusal.Exception("The peer answered N-CREATE with status",
                            StatusTable.General, response.Status!.Value, response.ErrorComment);
                        result = result with
                        {
                            Success = said.IsDone,
                            Status = said.ToString(),
                            StatusCode = response.Status,
                            ErrorComment = response.ErrorComment,
                            Error = refused?.Message,
                        };
                        results.Add((result, refused));
                        told();
                        continue;
                    }
                }
                catch (DicomException problem)
                {
                    broken = problem;
                }

                // Said once; the others have their result.
                results.Add((result with { Error = broken!.Message }, isFirst ? broken : null));
            }

            if (scu is not null && broken is null)
                await scu.Association.LeaveAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            if (scu is not null)
                await scu.DisposeAsync().ConfigureAwait(false);
        }

        return results;
    }

    private static IEnumerable<AvailableInstance[]> Cut(List<AvailableInstance> instances)
    {
        for (var at = 0; at < instances.Count; at += MostInstances)
            yield return [.. instances.Skip(at).Take(MostInstances)];
    }
}
