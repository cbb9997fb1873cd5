using System.Collections;
using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Archives;

/// <summary>Where an archive may move to: what -Destination names, then the registered nodes, as they are when the request comes.</summary>
internal sealed class MoveDestinations
{
    private readonly Dictionary<string, DicomNode> _own = new(StringComparer.Ordinal);
    private readonly NodeStore _store = new();
    private readonly string _callingAETitle;
    private readonly Func<AssociationOptions, AssociationOptions> _calls;

    /// <summary>Reads -Destination.</summary>
    /// <param name="table">
    /// AE titles, each with <c>host:port</c>, an address, a name or a node; or the parts of one node; or null.
    /// </param>
    /// <param name="callingAETitle">How the archive introduces itself to them.</param>
    /// <param name="calls">What the options of a call to them are changed to.</param>
    /// <exception cref="DicomException">An entry is no destination.</exception>
    public MoveDestinations(Hashtable? table, string callingAETitle, Func<AssociationOptions, AssociationOptions> calls)
    {
        _callingAETitle = callingAETitle;
        _calls = calls;
        if (table is not null && IsNode(table))
        {
            var node = NodeArgument.Resolve(table);
            _own[node.AETitle] = node;
            return;
        }

        foreach (System.Collections.DictionaryEntry entry in table ?? [])
        {
            var title = LanguagePrimitives.ConvertTo<string>(entry.Key).Trim();
            var value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            // host:port alone is the rest of an address.
            _own[title] = value is string text && text.IndexOf('@') < 0 && text.IndexOf(':') >= 0
                ? NodeArgument.Resolve($"{title}@{text}")
                : NodeArgument.Resolve(value) with { AETitle = title };
        }
    }

    // The form that a node has everywhere else. Its names are no AE titles: what is behind them is no address.
    private static bool IsNode(Hashtable table)
    {
        var names = new HashSet<string>(table.Keys.OfType<string>(), StringComparer.OrdinalIgnoreCase);
        return (names.Contains("AETitle") || names.Contains("CalledAETitle"))
            && (names.Contains("HostName") || names.Contains("Host") || names.Contains("ComputerName"));
    }

    /// <summary>Whether C-MOVE may send to a destination: what -Destination names, and registered nodes whose name or title fits.</summary>
    /// <param name="title">The AE title of the request.</param>
    /// <param name="allowed">Names and AE titles with wildcards, or None.</param>
    public bool Allows(string title, string[] allowed)
    {
        title = title.Trim();
        if (_own.ContainsKey(title))
            return true;
        if (allowed is [var only] && string.Equals(only, "None", StringComparison.OrdinalIgnoreCase))
            return false;
        return Registered(title, allowed).Count > 0;
    }

    /// <summary>The AE titles of all.</summary>
    /// <param name="allowed">As for <see cref="Allows"/>; null for every registered node.</param>
    public IReadOnlyList<string> All(string[]? allowed) => [.. _own.Keys.Concat(_store.Read().Select(node => node.AETitle)
        .Where(title => allowed is null || Allows(title, allowed))).Distinct().OrderBy(title => title, StringComparer.Ordinal)];

    /// <summary>How to call a destination; null for one that is not known.</summary>
    /// <param name="title">The AE title of the request.</param>
    /// <param name="allowed">As for <see cref="Allows"/>; null for every registered node.</param>
    /// <exception cref="ServiceException">Several nodes at different places have that title: images go to neither.</exception>
    public AssociationOptions? Find(string title, string[]? allowed)
    {
        title = title.Trim();
        if (!_own.TryGetValue(title, out var node))
        {
            var nodes = Registered(title, allowed);
            node = nodes.FirstOrDefault();
            if (nodes.Find(other => !other.IsSameAs(node!)) is { } other)
            {
                throw new ServiceException(Statuses.QrMove.DestinationUnknown, $"'{title}' is the title of several registered nodes")
                {
                    Advice = $"{node!.Name} and {other.Name} have that AE title at different addresses, and C-MOVE names no more than the "
                        + $"title. Say which is meant with -Destination @{{ {title} = '{node.HostName}:{node.Port}' }}, or give one "
                        + "another title.",
                };
            }
        }

        return node is null ? null : _calls(AssociationOptions.For(node with { CallingAETitle = _callingAETitle }));
    }

    private List<DicomNode> Registered(string title, string[]? allowed)
    {
        var patterns = allowed?.Select(pattern => new WildcardPattern(pattern, WildcardOptions.IgnoreCase)).ToList();
        return [.. _store.Read().Where(node => node.AETitle == title
            && (patterns?.Exists(one => one.IsMatch(title) || (node.Name is { } name && one.IsMatch(name))) ?? true))];
    }
}
