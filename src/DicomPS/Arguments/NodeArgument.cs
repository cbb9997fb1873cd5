using System.Collections;
using System.Globalization;
using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Serving;

namespace DicomPS.Arguments;

/// <summary>
/// What people write for a node: AETITLE@host:port, a registered name, a hashtable, or any object with the properties of one.
/// </summary>
internal static class NodeArgument
{
    /// <summary>Makes a node of an argument, reading the registry when it is a name.</summary>
    /// <exception cref="DicomException">With an id and advice, when it cannot be one.</exception>
    public static DicomNode Resolve(object? argument)
    {
        var value = argument is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : argument;
        return value switch
        {
            DicomNode node => node,
            RunningServer server => server.Node(),
            string text => FromText(text),
            IDictionary table => FromProperties(name => Entry(table, name), table),
            null => throw Invalid("A node cannot be null.", argument),
            _ => FromProperties(name => PSObject.AsPSObject(value).Properties[name]?.Value, value),
        };
    }

    /// <summary>Makes a node of its parts and checks each.</summary>
    public static DicomNode Create(string? name, string? aeTitle, string? hostName, int port, string? callingAETitle, int? localPort,
        string? characterSet, bool tls, string? from = null, object? associations = null, int? asyncOperations = null)
    {
        if (string.IsNullOrWhiteSpace(aeTitle))
            throw Invalid("A node needs an AETitle.", name);
        if (string.IsNullOrWhiteSpace(hostName))
            throw Invalid("A node needs a HostName.", name);
        CheckPort(port, name);
        // A CSV row has an empty text where there is no port, which binds as 0.
        localPort = localPort == 0 ? null : localPort;
        if (localPort is { } local)
            CheckPort(local, name);
        CheckAETitle(aeTitle!);
        if (!string.IsNullOrEmpty(callingAETitle))
            CheckAETitle(callingAETitle!);
        var node = new DicomNode { Name = name, AETitle = aeTitle!.Trim(), HostName = hostName!.Trim(), Port = port };
        return node with
        {
            CallingAETitle = string.IsNullOrEmpty(callingAETitle) ? node.CallingAETitle : callingAETitle!.Trim(),
            LocalPort = localPort,
            CharacterSet = string.IsNullOrWhiteSpace(characterSet) ? null : characterSet,
            Tls = tls,
            From = CheckSenders(from, name),
            Associations = CheckAssociations(associations, name),
            AsyncOperations = CheckOperations(asyncOperations, name),
        };
    }

    /// <summary>Refuses what cannot be an AE title.</summary>
    /// <exception cref="DicomException">With an id and advice.</exception>
    public static void CheckAETitle(string title)
    {
        try
        {
            DicomNode.CheckAETitle(title);
        }
        catch (ArgumentException e)
        {
            throw new ModuleException(ErrorIds.AETitleInvalid, ErrorCategory.InvalidArgument, ErrorRecords.Sentence(e),
                "Write it exactly as the other side has it: 1 to 16 characters of ASCII, no backslash.", title, e);
        }
    }

    /// <summary>Brings host names and addresses into one text and refuses what cannot be one.</summary>
    /// <exception cref="DicomException">With an id and advice.</exception>
    public static string? CheckSenders(string? from, object? target)
    {
        var hosts = DicomNode.Split(from);
        foreach (var host in hosts)
        {
            if (Uri.CheckHostName(host.Trim('[', ']')) == UriHostNameType.Unknown)
                throw Invalid($"'{host}' is neither a host name nor an address.", target);
        }

        return hosts.Count == 0 ? null : string.Join(", ", hosts.Select(host => host.Trim('[', ']')));
    }

    // One is what there is without it.
    private static string? CheckAssociations(object? count, object? target) => count is null or "" ? null
        : AssociationCount.Normalize(count) is { } known ? known == "1" ? null : known
        : throw Invalid($"'{count}' is no number of associations: {AssociationCount.Words}.", target);

    private static int? CheckOperations(int? count, object? target) => count switch
    {
        null or 0 or 1 => null,
        > 1 and <= 256 => count,
        _ => throw Invalid($"{count} is no number of operations under way at once: 1 to 256.", target),
    };

    // Of several, as a hashtable may have them; of one, as a CSV row has it.
    private static string Joined(object value) => LanguagePrimitives.GetEnumerable(value) is { } several
        ? string.Join(",", several.Cast<object?>().Select(LanguagePrimitives.ConvertTo<string>))
        : LanguagePrimitives.ConvertTo<string>(value);

    /// <summary>Refuses names that -Node or a wildcard could not tell from something else.</summary>
    public static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Any(c => char.IsControl(c) || c is '@' or '*' or '?' or '[' or ']'))
        {
            throw new ModuleException(ErrorIds.NodeInvalid, ErrorCategory.InvalidArgument,
                $"'{name}' cannot be the name of a node.", "Choose a name without @, *, ?, [ and ].", name);
        }
    }

    /// <summary>Whether a text is the name of a registered node.</summary>
    public static bool IsRegistered(string text) =>
        new NodeStore().Read().Any(node => string.Equals(node.Name, text.Trim(), StringComparison.OrdinalIgnoreCase));

    private static DicomNode FromText(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Contains('@'))
        {
            try
            {
                return DicomNode.Parse(trimmed);
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                throw Invalid(ErrorRecords.Sentence(e), text, e);
            }
        }

        var all = new NodeStore().Read();
        if (all.FirstOrDefault(node => string.Equals(node.Name, trimmed, StringComparison.OrdinalIgnoreCase)) is { } found)
            return found;
        var known = all.Count == 0 ? "No node is registered yet."
            : $"Registered: {string.Join(", ", all.Take(12).Select(node => node.Name))}.";
        throw new ModuleException(ErrorIds.NodeNotFound, ErrorCategory.ObjectNotFound, $"No node is registered as '{trimmed}'. {known} "
            + "Write AETITLE@host:port, or register the name with Set-DicomNode.",
            "Write AETITLE@host:port, or register the name with Set-DicomNode.", text);
    }

    private static DicomNode FromProperties(Func<string, object?> get, object source)
    {
        object? Any(params string[] names) => names.Select(get).FirstOrDefault(value => value is not null and not "");
        string? Text(params string[] names) => Any(names) is { } value ? LanguagePrimitives.ConvertTo<string>(value) : null;

        if (Any("Node") is { } inner && Any("AETitle", "CalledAETitle") is null)
            return Resolve(inner);
        return Create(Text("Name"), Text("AETitle", "CalledAETitle"), Text("HostName", "Host", "ComputerName"),
            Number(Any("Port"), "Port", source) ?? DicomNode.DefaultPort, Text("CallingAETitle"),
            Number(Any("LocalPort"), "LocalPort", source),
            Text("CharacterSet"), Any("Tls") is { } tls && Truth(tls, source), Any("From") is { } from ? Joined(from) : null,
            Any("Associations"), Number(Any("AsyncOperations"), "AsyncOperations", source));
    }

    // A hashtable written in a script compares its keys without regard to case; one made elsewhere may not.
    private static object? Entry(IDictionary table, string name)
    {
        foreach (DictionaryEntry entry in table)
        {
            if (entry.Key is string key && string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return entry.Value;
        }

        return null;
    }

    private static int? Number(object? value, string name, object source)
    {
        if (value is null)
            return null;
        return LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Invalid($"The {name} of a node is a number, not '{value}'.", source);
    }

    private static bool Truth(object value, object source)
    {
        if (value is string text)
            return bool.TryParse(text, out var truth) ? truth
                : throw Invalid($"The Tls of a node is True or False, not '{text}'.", source);
        return LanguagePrimitives.IsTrue(value);
    }

    private static void CheckPort(int port, object? target)
    {
        if (port is < 1 or > 65535)
            throw Invalid($"{port} is not a port: 1 to 65535.", target);
    }

    private static ModuleException Invalid(string message, object? target, Exception? inner = null) =>
        new(ErrorIds.NodeInvalid, ErrorCategory.InvalidArgument,
        message, "Write AETITLE@host:port, or a hashtable such as @{ AETitle = 'PACS'; HostName = 'pacs.example'; Port = 11112 }.",
        target, inner);
}
