using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Dates;
using DicomPS.Scp;
using DicomPS.Servers;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>
/// Gets what running servers refused, what failed on them and what is worth a look: when, who, from where, why, and what to do.
/// </summary>
[Cmdlet(VerbsCommon.Get, "DicomScpEvent", DefaultParameterSetName = ByObject)]
[OutputType(typeof(ScpEvent))]
public sealed class GetDicomScpEventCommand : DicomCmdlet
{
    private const string ByObject = "InputObject";
    private const string ById = "Id";
    private readonly List<RunningServer> _servers = [];

    /// <summary>Servers as the Start- and Get- cmdlets write them, running or stopped; all that run in this process without it.</summary>
    [Parameter(Position = 0, ParameterSetName = ByObject, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerIdCompleter))]
    public RunningServer[]? InputObject { get; set; }

    /// <summary>Ids of servers that run in this process.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById)]
    [ArgumentCompleter(typeof(ServerIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The latest so many events only.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Last { get; set; } = int.MaxValue;

    /// <summary>Only what happened since then.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform(IsMoment = true, IsRecent = true)]
    public DateTime After { get; set; }

    /// <summary>Only events of these kinds.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ServerEventKind[]? Kind { get; set; }

    private protected override void Process()
    {
        var chosen = ParameterSetName == ById ? ServerKind.WithIds<RunningServer>(this, Id) : InputObject ?? RunningServer.All;
        _servers.AddRange(chosen.Except(_servers));
    }

    private protected override void End()
    {
        var events = _servers.SelectMany(server => server.GetEvents())
            .Where(happened => happened.Time >= After && Kind?.Any(kind => kind.ToString() == happened.Kind) != false)
            .OrderBy(happened => happened.Time)
            .ToArray();
        WriteObject(events.Skip(Math.Max(0, events.Length - Last)), enumerateCollection: true);
    }
}
