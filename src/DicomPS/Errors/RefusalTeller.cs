using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Dictionary;

namespace DicomPS.Errors;

/// <summary>
/// Refusals that are about the kind of request and not about what it asks for: an unknown destination (A801), an identifier that does
/// not fit (A900), a class that is not served. The first is told in full; those behind it are counted.
/// </summary>
/// <param name="one">What is refused, such as "request".</param>
/// <param name="many">And several.</param>
/// <param name="advice">What holds for those that are only counted.</param>
internal sealed class RefusalTeller(string one, string many, string advice)
{
    private readonly Dictionary<(ushort Status, DicomNode Node, string? About), Told> _told = [];

    /// <summary>Whether a failure is one that has been told before, and is only counted now. The first one is remembered.</summary>
    /// <param name="failure">Why an item failed.</param>
    /// <param name="node">Who refused it.</param>
    /// <param name="about">What it is about besides the node, such as the destination.</param>
    public bool Counts(DicomException? failure, DicomNode node, string? about = null)
    {
        if (failure is not DicomStatusException refusal || !IsAboutTheKind(refusal.Status))
            return false;
        if (_told.TryGetValue((refusal.Status, node, about), out var known))
        {
            known.Further++;
            return true;
        }

        _told[(refusal.Status, node, about)] = new Told(refusal);
        return false;
    }

    private static bool IsAboutTheKind(ushort status) => status is Statuses.QrMove.DestinationUnknown
        or Statuses.QrMove.IdentifierDoesNotMatch or Statuses.SopClassNotSupported or Statuses.NotAuthorized
        or Statuses.UnrecognizedOperation;

    /// <summary>The errors for those that were counted. Then a refusal is to be told again.</summary>
    public IReadOnlyList<ErrorRecord> TakeRest()
    {
        ErrorRecord[] rest = [.. _told.Where(refusal => refusal.Value.Further > 0).Select(refusal => ErrorRecords.Further(
            refusal.Value.First, refusal.Value.Further == 1 ? $"1 further {one} was" : $"{refusal.Value.Further} further {many} were",
            refusal.Key.Node, advice, "refused"))];
        _told.Clear();
        return rest;
    }

    private sealed class Told(DicomStatusException first)
    {
        public DicomStatusException First { get; } = first;

        public long Further { get; set; }
    }
}
