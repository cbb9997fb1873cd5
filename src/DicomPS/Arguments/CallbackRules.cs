using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using DicomPS.Scp;

namespace DicomPS.Arguments;

/// <summary>The rules of -Allow on a port that a peer calls back, where the peer itself can be meant.</summary>
internal static class CallbackRules
{
    /// <summary>The rule for the addresses of the peer that is asked, and of what -From names.</summary>
    public const string Node = "Node";

    // Where a name has no address nobody is let in by it, rather than anybody.
    private static readonly AddressRange Nobody = AddressRange.Parse("0.0.0.0");

    /// <summary>What is wrong with rules here; null for nothing.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="isTls">Whether the port speaks TLS.</param>
    public static ModuleException? Mistake(IReadOnlyList<AccessRule> rules, bool isTls) =>
        !isTls && rules.FirstOrDefault(rule => rule.Thumbprints.Count > 0) is { } certified
            ? Invalid($"The rule '{certified}' of -Allow wants a certificate of its callers, and the port speaks plain TCP.",
                "-LocalTls has it speak TLS.", certified)
        : rules.FirstOrDefault(rule => rule.Users.Count > 0) is { } named
            ? Invalid($"The rule '{named}' of -Allow names users, and this port checks none.", "Leave User out of the rule.", named)
        : null;

    /// <summary>The rules, with addresses in the place of <see cref="Node"/>.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="hosts">Names and addresses of the peer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<AccessRule>> ResolveAsync(IReadOnlyList<AccessRule> rules, IReadOnlyList<string> hosts,
        CancellationToken cancellationToken)
    {
        if (!rules.Any(IsNode))
            return rules;
        var addresses = new List<AddressRange>();
        foreach (var host in hosts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            addresses.AddRange(await AddressesAsync(host).ConfigureAwait(false));
        }

        return [.. rules.Select(rule => IsNode(rule) ? rule with { Titles = [], Addresses = addresses.Count > 0 ? addresses : [Nobody] }
            : rule)];
    }

    private static bool IsNode(AccessRule rule) => rule.Titles is [Node] && rule.Addresses.Count == 0;

    private static async Task<IEnumerable<AddressRange>> AddressesAsync(string host)
    {
        try
        {
            var found = IPAddress.TryParse(host.Trim('[', ']'), out var address) ? [address]
                : await Dns.GetHostAddressesAsync(host).ConfigureAwait(false);
            // This machine calls itself by either.
            return found.SelectMany(one => IPAddress.IsLoopback(one) ? new[] { one, IPAddress.Loopback, IPAddress.IPv6Loopback } : [one])
                .Distinct().Select(one => AddressRange.Parse($"{new IPAddress(one.GetAddressBytes())}"));
        }
        catch (Exception unknown) when (unknown is SocketException or ArgumentException)
        {
            // Whoever asks the peer is told that it cannot be found.
            return [];
        }
    }

    private static ModuleException Invalid(string message, string advice, AccessRule rule) =>
        new(ErrorIds.AccessRuleInvalid, ErrorCategory.InvalidArgument, message, advice, rule);
}
