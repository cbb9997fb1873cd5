using System.Globalization;
using DicomPS.Arguments;
using DicomPS.Associations;

namespace DicomPS.NodeLists;

/// <summary>Makes nodes of what lists have, and refuses what could not be told from something else, or be called.</summary>
internal static class NodeCheck
{
    private const int MaximumLength = 128;

    /// <summary>The node, with what is registered under its name wherever the list says nothing.</summary>
    /// <exception cref="DicomException">With what is wrong and what to do.</exception>
    public static DicomNode Make(ListedNode listed, DicomNode? old)
    {
        var name = listed.Name?.Trim();
        if (string.IsNullOrEmpty(name))
            throw Wrong(listed, "It has no name.", "Give it one.");
        foreach (var text in new[] { name, listed.AETitle, listed.HostName, listed.Port, listed.CallingAETitle, listed.LocalPort,
            listed.CharacterSet, listed.Tls, listed.From, listed.Associations, listed.AsyncOperations })
        {
            if (text is not null && SafeText.Clean(text) != text)
                throw Wrong(listed, $"'{text}' has characters that cannot be seen.",
                    "Take them out, or register the node with Set-DicomNode.");
        }

        if (name!.Length > MaximumLength)
            throw Wrong(listed, $"The name {name.Substring(0, 20)}... has {name.Length} characters, more than {MaximumLength}.",
                "Give it a shorter one.");
        NodeArgument.CheckName(name);
        var host = listed.HostName?.Trim().Trim('[', ']');
        if (string.IsNullOrEmpty(host))
            throw Wrong(listed, $"'{name}' has no host.", "Add its host name or address.");
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw Wrong(listed, $"'{name}' has the host '{host}', which is neither a host name nor an address.",
                "Write the host name or address itself.");
        return NodeArgument.Create(
            old?.Name ?? name,
            listed.AETitle ?? throw Wrong(listed, $"'{name}' has no AE title.", "Add it."),
            host,
            Port(listed, name, listed.Port, "port")
                ?? throw Wrong(listed, $"'{name}' has no port.", "Add it; a guess would call somebody else."),
            listed.CallingAETitle ?? old?.CallingAETitle,
            Port(listed, name, listed.LocalPort, "local port") ?? old?.LocalPort,
            listed.CharacterSet ?? old?.CharacterSet,
            Truth(listed, name) ?? old?.Tls ?? false,
            listed.From ?? old?.From,
            listed.Associations ?? old?.Associations,
            Operations(listed, name) ?? old?.AsyncOperations);
    }

    private static int? Port(ListedNode listed, string name, string? text, string what)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture,
            out var port) && port is > 0 and <= 65535
            ? port
            : throw Wrong(listed, $"'{name}' has the {what} '{text}', which is no number from 1 to 65535.", "Correct it.");
    }

    private static int? Operations(ListedNode listed, string name) => listed.AsyncOperations is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
        : throw Wrong(listed, $"'{name}' has the number of operations '{text}', which is no number from 1 to 256.", "Correct it.");

    private static bool? Truth(ListedNode listed, string name) => listed.Tls?.Trim().ToUpperInvariant() switch
    {
        null or "" => null,
        "TRUE" or "YES" or "Y" or "1" or "ON" or "X" => true,
        "FALSE" or "NO" or "N" or "0" or "OFF" => false,
        _ => throw Wrong(listed, $"'{name}' has '{listed.Tls}' for TLS, which is neither true nor false.", "Write true or false."),
    };

    private static NodeListException Wrong(ListedNode listed, string message, string advice) => new(listed.Line, message, advice);
}
