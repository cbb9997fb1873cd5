using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Says how much a node may be asked by the workers of a store, all together, and when; what is not given stays.</summary>
[Cmdlet(VerbsCommon.Set, "DicomTransferNode", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TransferNode))]
public sealed class SetDicomTransferNodeCommand : ConnectionlessTransferCmdlet
{
    /// <summary>The node, a source or a destination.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode? Node { get; set; }

    /// <summary>How many studies may be under way with it, each over an association.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    [Alias("Associations")]
    public int Throttle { get; set; }

    /// <summary>How many studies may be begun in an hour; 0 for any number.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int PerHour { get; set; }

    /// <summary>How many bytes a second on average, where a worker sends them itself (-Method Forward); 0 for any number.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue / 1000)]
    public long BytesPerSecond { get; set; }

    /// <summary>
    /// How a worker has instances of the node, for -Method Forward and for -Verify Headers and Bytes: Get, by C-GET, as long as nothing
    /// else was said; Move, by C-MOVE to the worker's own port.
    /// </summary>
    [Parameter]
    [ValidateSet("Get", "Move")]
    public string? RetrieveBy { get; set; }

    /// <summary>The hours in which studies are begun, such as 'Mon-Fri 19:00-06:30', 'Sat-Sun'; an empty text for all.</summary>
    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Between { get; set; }

    /// <summary>The time zone of these hours, such as Europe/Berlin; that of this machine without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    private protected override bool MayCreate => true;

    private protected override void Process()
    {
        var given = MyInvocation.BoundParameters;
        if (TimeZone is not null && Between is null)
        {
            Terminate(new ModuleException(ErrorIds.TransferWindowInvalid, ErrorCategory.InvalidArgument,
                "-TimeZone says of which zone the hours of -Between are, and -Between is not given.", "Give both.", TimeZone), TimeZone);
        }

        if (!ShouldProcess($"{Node} in {Store}", "Set the limits"))
            return;
        var limits = new TransferLimits(Node!)
        {
            Throttle = given.ContainsKey(nameof(Throttle)) ? Throttle : null,
            PerHour = given.ContainsKey(nameof(PerHour)) ? PerHour : null,
            BytesPerSecond = given.ContainsKey(nameof(BytesPerSecond)) ? BytesPerSecond : null,
            Between = Between is null ? null : string.Join("; ", Between.Where(window => !string.IsNullOrWhiteSpace(window))),
            TimeZone = TimeZone,
            // As the tables and their readers spell it.
            RetrieveBy = RetrieveBy is null ? null : RetrieveBy.Equals("Move", StringComparison.OrdinalIgnoreCase) ? "Move" : "Get",
        };
        WriteObject(Wait(token => File.SetNodeAsync(limits, token)));
    }
}
