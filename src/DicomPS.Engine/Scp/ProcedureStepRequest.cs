using DicomPS.Data;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>A request about a performed procedure step, which fits what the standard demands.</summary>
/// <param name="Call">The request.</param>
/// <param name="SopInstanceUid">The step.</param>
/// <param name="State">Performed Procedure Step Status (0040,0252) that it will have; null where the server does not know the step and
/// the request does not say.</param>
/// <param name="Changes">What the request says.</param>
/// <param name="Step">The step as it will be; null where the server does not know it.</param>
internal sealed record ProcedureStepRequest(ServiceCall Call, string SopInstanceUid, string? State, DicomDataset Changes,
    DicomDataset? Step);

/// <summary>Decides about a request; a failure keeps the step from being kept.</summary>
/// <param name="request">The request.</param>
/// <param name="cancellationToken">Cancelled by the end of the association.</param>
/// <returns>The response.</returns>
internal delegate Task<CommandSet> ProcedureStepHandler(ProcedureStepRequest request, CancellationToken cancellationToken);
