using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Makes a transfer of many studies from one node to another; the tables of its store are made when there are none.</summary>
[Cmdlet(VerbsCommon.New, "DicomTransfer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Transfer))]
public sealed class NewDicomTransferCommand : ConnectionlessTransferCmdlet
{
    /// <summary>The name of the transfer.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ValidateLength(1, 200)]
    public string Name { get; set; } = "";

    /// <summary>The node that has the studies.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode? From { get; set; }

    /// <summary>The node that is to have them; the source must know its AE title.</summary>
    [Parameter(Mandatory = true, Position = 3)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode? To { get; set; }

    /// <summary>
    /// Move: the source sends by C-MOVE. Forward: a worker fetches, by C-GET or by C-MOVE to its own port, and sends by C-STORE.
    /// </summary>
    [Parameter]
    [ValidateSet("Move", "Forward")]
    public string Method { get; set; } = "Move";

    /// <summary>How deep each study is verified when it was moved.</summary>
    [Parameter]
    [ValidateSet("Counts", "Uids", "Commitment", "Headers", "Bytes")]
    public string Verify { get; set; } = "Counts";

    /// <summary>
    /// Of a hundred instances of each study, how many are got back from both sides with -Verify Headers and Bytes; one at least.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int VerifySample { get; set; } = 100;

    /// <summary>How long after its move a study is verified: many systems index late.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan VerifyDelay { get; set; } = TimeSpan.FromMinutes(10);

    private protected override bool MayCreate => true;

    private protected override void Process()
    {
        if (From!.IsSameAs(To!))
        {
            Terminate(new ModuleException(ErrorIds.ArgumentInvalid, ErrorCategory.InvalidArgument,
                $"{From.Address} is both where the studies are and where they are to go.", "Name two nodes with -From and -To.", To), To);
        }

        if (Name.Trim().Length == 0 || WildcardPattern.ContainsWildcardCharacters(Name))
        {
            Terminate(new ModuleException(ErrorIds.ArgumentInvalid, ErrorCategory.InvalidArgument, $"'{Name}' is no name of a transfer.",
                "Take one that is not blank and has none of * ? [ ], which choose among names elsewhere.", Name), Name);
        }

        if (VerifyDelay == Timeout.InfiniteTimeSpan)
            VerifyDelay = TimeSpan.Zero;
        if (!ShouldProcess(Store, $"Make the transfer {Name} from {From} to {To}"))
            return;
        var (method, verify) = (Spelt(Method, "Move", "Forward"), Spelt(Verify, "Counts", "Uids", "Commitment", "Headers", "Bytes"));
        if (VerifySample < 100 && verify is not ("Headers" or "Bytes"))
            WriteWarning($"-VerifySample does nothing with -Verify {verify}: no instance is got back, and all are asked about.");
        var plan = new TransferPlan(Name, From, To!, method, verify, VerifySample, VerifyDelay);
        var file = File;
        Wait(token => file.AddAsync(plan, token));
        WriteObject(Wait(token => file.StatusAsync(Name, token)));
    }

    // ValidateSet takes any case; the tables and their readers have one.
    private static string Spelt(string given, params string[] words) =>
        words.First(word => word.Equals(given, StringComparison.OrdinalIgnoreCase));
}
