using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>Says who a user is (PS3.7 D.3.3.7), for callers that say so.</summary>
/// <param name="caller">Who calls.</param>
/// <param name="identity">Who it says that the user is, and the proof.</param>
/// <param name="cancellationToken">Cancelled when the caller has waited too long, and with the server.</param>
/// <returns>The name of the user; null when it is not proved.</returns>
internal delegate ValueTask<string?> IdentityCheck(Caller caller, UserIdentityRq identity, CancellationToken cancellationToken);
