using DicomPS.Pdus;

namespace DicomPS.Associations;

internal static partial class Negotiation
{
    /// <summary>How many presentation contexts an association can have: the odd numbers of a byte (PS3.8 9.3.2.2).</summary>
    public const int MaximumContexts = 128;

    /// <summary>Makes the request that the options describe.</summary>
    /// <param name="options">Whom to call and what to propose.</param>
    /// <exception cref="ArgumentException">An AE title, a UID or the number of contexts is not what the standard allows.</exception>
    public static AssociateRq Propose(AssociationOptions options)
    {
        CheckTitle(options.CalledAETitle, nameof(options.CalledAETitle));
        CheckTitle(options.CallingAETitle, nameof(options.CallingAETitle));
        var proposals = options.PresentationContexts;
        if (proposals.Count is 0 or > MaximumContexts)
            throw new ArgumentException(
                $"An association has 1 to {MaximumContexts} presentation contexts; {proposals.Count} were proposed. Use several "
                + "associations for more.", nameof(options));

        var contexts = new List<PresentationContextRq>(proposals.Count);
        foreach (var proposal in proposals)
        {
            CheckUid(proposal.AbstractSyntax);
            if (proposal.TransferSyntaxes.Count == 0)
                throw new ArgumentException($"The presentation context for {proposal.AbstractSyntax} has no transfer syntax.",
                    nameof(options));
            foreach (var syntax in proposal.TransferSyntaxes) CheckUid(syntax);
            contexts.Add(new PresentationContextRq((byte)((contexts.Count * 2) + 1), proposal.AbstractSyntax, proposal.TransferSyntaxes));
        }

        return new AssociateRq
        {
            CalledAETitle = options.CalledAETitle.Trim(' '),
            CallingAETitle = options.CallingAETitle.Trim(' '),
            PresentationContexts = contexts,
            UserItems = ProposeUserItems(options),
        };
    }

    private static List<UserItem> ProposeUserItems(AssociationOptions options)
    {
        var items = new List<UserItem>
        {
            new MaximumLength(options.MaximumPduLength),
            new ImplementationClassUid(options.ImplementationClassUid),
        };
        var seen = new HashSet<string>();
        foreach (var proposal in options.PresentationContexts)
        {
            // Roles belong to the SOP class, not to the context (PS3.7 D.3.3.4).
            if ((proposal.ScuRole ?? proposal.ScpRole) is null || !seen.Add(proposal.AbstractSyntax)) continue;
            items.Add(new RoleSelection(proposal.AbstractSyntax, proposal.ScuRole ?? false, proposal.ScpRole ?? false));
        }

        items.Add(new ImplementationVersionName(options.ImplementationVersionName));
        items.AddRange(options.ExtraUserItems);
        if (options.UserIdentity is not null) items.Add(options.UserIdentity);
        return items;
    }

    // AE (PS3.5 6.2): 1 to 16 characters of the default repertoire, not all spaces, no backslash, no control characters
    private static void CheckTitle(string title, string name)
    {
        var trimmed = title.Trim(' ');
        if (trimmed.Length is 0 or > 16 || trimmed.Any(c => c is < ' ' or > '~' or '\\'))
            throw new ArgumentException(
                $"'{title}' is no AE title: it takes 1 to 16 ASCII characters without backslash and control characters.", name);
    }

    // UI (PS3.5 6.2 and 9.1): up to 64 digits and dots
    private static void CheckUid(string uid)
    {
        if (uid.Length is 0 or > 64 || uid.Any(c => c is not ((>= '0' and <= '9') or '.')))
            throw new ArgumentException($"'{uid}' is no UID: it takes 1 to 64 digits and dots.", nameof(uid));
    }
}
