using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Jobs;

namespace DicomPS.Errors;

/// <summary>A node that is dead for one item is dead for the next ten thousand: said in full once, then counted.</summary>
/// <param name="one">What an item is called, such as "file".</param>
/// <param name="many">And several.</param>
/// <param name="advice">What to do with those that were not sent.</param>
internal sealed class OutageTeller(string one, string many, string advice)
{
    private DicomException? _told;
    private long _further;
    private bool _isWarned;

    /// <summary>What the jobs of this node know of it, where it has several.</summary>
    public PeerReach Reach { get; } = new();

    /// <summary>Whether a failure is about the node and not about the item that met it.</summary>
    /// <param name="failure">Why an item failed.</param>
    /// <param name="isUnsent">Whether nothing of it was sent.</param>
    public static bool IsReason(DicomException? failure, bool isUnsent) =>
        isUnsent && failure?.Stage is DicomStage.NameLookup or DicomStage.Tcp or DicomStage.Tls or DicomStage.Association;

    /// <summary>Whether a failure has been told of an item before, and is only counted now.</summary>
    /// <param name="failure">Why items failed.</param>
    /// <param name="isReason">Whether that is about the node.</param>
    /// <param name="items">How many they are.</param>
    public bool Counts(DicomException? failure, bool isReason, int items = 1)
    {
        if (!isReason || failure!.Message != _told?.Message)
            return false;
        _further += items;
        return true;
    }

    /// <summary>The error for those that were counted; null when there are none. Then a failure is to be told again.</summary>
    /// <param name="node">The node.</param>
    /// <param name="next">The failure that is told now, if one is.</param>
    /// <param name="isReason">Whether that is about the node.</param>
    public ErrorRecord? TakeRest(DicomNode node, DicomException? next = null, bool isReason = false)
    {
        var rest = _further > 0
            ? ErrorRecords.Further(_told!, _further == 1 ? $"1 further {one} was" : $"{_further} further {many} were", node, advice)
            : null;
        _further = 0;
        _told = isReason ? next : null;
        return rest;
    }

    /// <summary>
    /// The warning for a node that served and cannot be reached now, once for each time that this happens; null otherwise.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="trouble">Why it cannot be reached.</param>
    public string? Warning(DicomNode node, string? trouble)
    {
        var isNew = trouble is not null && !_isWarned;
        _isWarned = trouble is not null;
        return isNew ? $"{node} cannot be reached any more: {trouble} It is tried again for a while." : null;
    }
}
