using System.Globalization;
using DicomPS.Associations;

namespace DicomPS.Scp;

/// <summary>The text form of a rule: TITLE@ADDRESS:SERVICES.</summary>
internal static class AccessRuleText
{
    private static readonly char[] Comma = [','];

    public static AccessRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.Trim();
        if (rest.Length == 0)
            throw new FormatException("A rule cannot be empty: '*' lets any caller do everything.");
        var rule = new AccessRule();
        var at = rest.IndexOf('@');
        // The colons of an address of IPv6 are none of the rule's.
        var colon = rest.LastIndexOf(':');
        if (colon > at && !AddressRange.LooksLikeAddress(Last(rest, at)))
        {
            rule = rule with { Services = Services(rest.Substring(colon + 1)) };
            rest = rest.Substring(0, colon);
        }

        var caller = rest.Split('@');
        if (caller.Length > 2)
            throw new FormatException($"'{text}' has more than one @: TITLE@ADDRESS:SERVICES. A hashtable takes a title that has one.");
        var (titles, addresses) = caller.Length == 2 ? (caller[0], caller[1])
            : AddressRange.LooksLikeAddress(First(rest)) ? ("", rest) : (rest, "");
        if (caller.Length == 2 && string.IsNullOrWhiteSpace(addresses))
            throw new FormatException($"'{text}' has no address after the @.");
        return rule with { Titles = Titles(Parts(titles)), Addresses = Addresses(Parts(addresses)) };
    }

    /// <summary>Checks titles; <c>*</c> alone is any, and no title at all.</summary>
    public static IReadOnlyList<string> Titles(IReadOnlyList<string> titles)
    {
        foreach (var title in titles)
        {
            try
            {
                // A wildcard counts as the one character that it stands for at least.
                DicomNode.CheckAETitle(title);
            }
            catch (ArgumentException)
            {
                throw new FormatException(
                    $"'{title}' is no AE title: 1 to 16 characters of ASCII without a backslash, with * and ? as wildcards.");
            }
        }

        return titles.Contains("*") ? [] : titles;
    }

    public static IReadOnlyList<AddressRange> Addresses(IReadOnlyList<string> addresses) =>
        addresses.Contains("*") ? [] : [.. addresses.SelectMany(Ranges)];

    /// <summary>Reads the names of services.</summary>
    public static AccessServices Services(string text)
    {
        var services = AccessServices.None;
        foreach (var name in Parts(text))
        {
            var known = name == "*" ? nameof(AccessServices.All)
                : AccessOf.Names.FirstOrDefault(one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase))
                ?? throw new FormatException($"'{name}' is no service: {string.Join(", ", AccessOf.Names)}.");
            services |= (AccessServices)Enum.Parse(typeof(AccessServices), known);
        }

        return services != AccessServices.None ? services
            : throw new FormatException($"A rule that names no service lets nobody do anything: {string.Join(", ", AccessOf.Names)}.");
    }

    /// <summary>Whether a text is like a pattern with * and ?; without steps back, so that no pattern takes long.</summary>
    public static bool IsLike(string text, string pattern)
    {
        var (t, p, star, mark) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, mark) = (p++, t);
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
                (t, p) = (t + 1, p + 1);
            else if (star >= 0)
                (p, t) = (star + 1, ++mark);
            else
                return false;
        }

        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    public static string Show(AccessRule rule)
    {
        var text = rule.Titles.Count == 0 && rule.Addresses.Count > 0 ? "" : rule.Titles.Count == 0 ? "*" : string.Join(",", rule.Titles);
        if (rule.Addresses.Count > 0)
            text += $"@{string.Join(",", rule.Addresses)}";
        if (rule.Services != AccessServices.All)
            text += $":{Show(rule.Services)}";
        string[] more = [.. new[]
        {
            rule.Thumbprints.Count > 0 ? $"certificate {string.Join(", ", rule.Thumbprints)}" : null,
            rule.Users.Count > 0 ? $"user {string.Join(", ", rule.Users)}" : null,
            rule.MaximumAssociations is { } associations ? $"{associations.ToString(CultureInfo.InvariantCulture)} associations" : null,
            rule.MaximumInstancesPerDay is { } instances ? $"{instances.ToString(CultureInfo.InvariantCulture)} instances a day" : null,
            rule.MaximumBytesPerDay is { } bytes ? $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes a day" : null,
        }.OfType<string>()];
        return more.Length == 0 ? text : $"{text} ({string.Join("; ", more)})";
    }

    public static string Show(AccessServices services) => services == AccessServices.All ? nameof(AccessServices.All)
        : string.Join(",", AccessOf.Names.Where(name => name != nameof(AccessServices.All)
            && (services & (AccessServices)Enum.Parse(typeof(AccessServices), name)) != 0));

    private static IEnumerable<AddressRange> Ranges(string text) => string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase)
        ? [AddressRange.Parse("127.0.0.0/8"), AddressRange.Parse("::1")] : [AddressRange.Parse(text)];

    private static string[] Parts(string text) =>
        [.. text.Split(Comma, StringSplitOptions.RemoveEmptyEntries).Select(part => part.Trim()).Where(part => part.Length > 0)];

    private static string First(string list) => list.Split(',')[0].Trim();

    private static string Last(string rest, int at) => rest.Substring(at + 1).Split(',').Last().Trim();
}
