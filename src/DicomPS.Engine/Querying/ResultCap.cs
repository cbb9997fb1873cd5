using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Querying;

/// <summary>Whether an answer looks cut short. Many peers stop at a limit, and not all of them say so.</summary>
internal static class ResultCap
{
    /// <summary>Why an answer looks cut short, or null when it does not.</summary>
    /// <param name="status">The final status.</param>
    /// <param name="answers">How many matches came.</param>
    public static string? Why(ushort? status, long answers) => status switch
    {
        Statuses.QrFind.LimitReached => $"the peer says that it reached its limit of answers after {answers} (B001)",
        Statuses.QrFind.OutOfResources => $"the peer ran out of resources after {answers} answers (A700)",
        _ => DimseStatus.CategoryOf(status) switch
        {
            // Nobody cancelled it from this side.
            DimseStatusCategory.Cancel => $"the peer ended the query by itself after {answers} answers (FE00)",
            DimseStatusCategory.Success when IsRound(answers) =>
                $"exactly {answers} answers came, a number at which peers are known to stop without saying so",
            _ => null,
        },
    };

    /// <summary>100, 200, 250 and 500, and the same with noughts behind.</summary>
    public static bool IsRound(long count)
    {
        while (count >= 1000 && count % 10 == 0)
            count /= 10;
        return count is 100 or 200 or 250 or 500;
    }
}
