using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Scu;

namespace DicomPS.Commands;

/// <summary>Asks a peer for procedure steps (MPPS Retrieve, N-GET).</summary>
[Cmdlet(VerbsCommon.Get, "DicomProcedureStep", DefaultParameterSetName = ByNode)]
[OutputType(typeof(ProcedureStep))]
public sealed class GetDicomProcedureStepCommand : ProcedureStepCmdlet
{
    /// <summary>The SOP instance UIDs of the steps.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] SOPInstanceUID { get; set; } = [];

    private protected override Task<ProcedureStepScu> ConnectAsync(AssociationOptions options, CancellationToken token) =>
        ProcedureStepScu.ConnectToRetrieveAsync(options, token);

    private protected override void Process()
    {
        var node = Peer;
        foreach (var uid in SOPInstanceUID.Select(text => text.Trim()))
        {
            if (!Uid.IsUsable(uid))
            {
                WriteFailure(new ModuleException(ErrorIds.UidInvalid, ErrorCategory.InvalidArgument,
                    $"'{uid}' is no UID for {nameof(SOPInstanceUID)}.", "New-DicomProcedureStep gives the one of a step.", uid), uid);
                continue;
            }

            var step = new ProcedureStep { SOPInstanceUID = uid, Status = "NotSent", Node = node };
            Ask(step, "N-GET", async (scu, token) =>
            {
                var (response, dataset) = await scu.GetAsync(uid, token).ConfigureAwait(false);
                return (response, dataset is null ? step : step.With(dataset));
            });
        }
    }
}
