using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Pdus;

namespace DicomPS.Scripts;

/// <summary>Agrees to what peers ask for by extended negotiation, and reads what was agreed.</summary>
internal static class QueryAgreements
{
    private static readonly QueryOption[] OfFind =
        [QueryOption.Relational, QueryOption.DateTime, QueryOption.FuzzyName, QueryOption.TimeZone, QueryOption.View];

    private static readonly QueryOption[] OfRetrieve = [QueryOption.Relational, QueryOption.View];

    /// <summary>
    /// The answer to a proposal: 1 where it asks for what is offered, 0 elsewhere; null where the class has no such options.
    /// </summary>
    /// <param name="proposal">The proposal.</param>
    /// <param name="offered">What the blocks can do.</param>
    public static SopClassExtendedNegotiation? Agree(SopClassExtendedNegotiation proposal, ISet<QueryOption> offered)
    {
        var options = OptionsOf(proposal.SopClassUid);
        if (options.Length == 0)
            return null;
        var answer = new byte[proposal.Information.Length];
        for (var i = 0; i < answer.Length && i < options.Length; i++)
            answer[i] = proposal.Information.Span[i] == 1 && offered.Contains(options[i]) ? (byte)1 : (byte)0;
        return new SopClassExtendedNegotiation(proposal.SopClassUid, answer);
    }

    /// <summary>What was agreed for a SOP class of an association.</summary>
    /// <param name="association">The association.</param>
    /// <param name="sopClassUid">The SOP class.</param>
    public static string[] Of(Association association, string sopClassUid)
    {
        var agreed = association.Response.UserItems.OfType<SopClassExtendedNegotiation>()
            .FirstOrDefault(item => item.SopClassUid == sopClassUid)?.Information ?? default;
        return [.. OptionsOf(sopClassUid).Where((_, i) => i < agreed.Length && agreed.Span[i] == 1).Select(option => $"{option}")];
    }

    private static QueryOption[] OptionsOf(string sopClassUid)
    {
        var keyword = DicomDictionary.SopClasses(SopClassService.Qr).Concat(DicomDictionary.SopClasses(SopClassService.BasicWorklist))
            .FirstOrDefault(row => row.Uid == sopClassUid)?.Keyword ?? "";
        return keyword.EndsWith("Find", StringComparison.Ordinal) || keyword.EndsWith("Query", StringComparison.Ordinal) ? OfFind
            : keyword.EndsWith("Move", StringComparison.Ordinal) || keyword.EndsWith("Get", StringComparison.Ordinal) ? OfRetrieve
            : [];
    }
}
