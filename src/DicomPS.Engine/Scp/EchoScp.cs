using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>Answers C-ECHO (PS3.4 A, PS3.7 9.1.5).</summary>
public static class EchoScp
{
    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    public static ServiceRow Row { get; } = new(
        Uids.Verification, CommandField.CEchoRequest, (call, _) => call.Reply(Statuses.Success),
        Statuses.ProcessingFailure, Statuses.ProcessingFailure);
}
