using System.Net;
using System.Net.Sockets;

namespace DicomPS.Retrieving;

/// <summary>
/// The addresses that belong to a peer: of its host, of the connections to it, and of further senders that the caller names.
/// </summary>
/// <param name="hosts">Host names and addresses.</param>
internal sealed class PeerAddresses(IReadOnlyList<string> hosts)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly object _gate = new();
    private Task? _resolving;

    /// <summary>Looks the hosts up, once.</summary>
    public Task ResolveAsync()
    {
        lock (_gate)
            return _resolving ??= Task.Run(LookUpAsync);
    }

    /// <summary>Notes where a connection to the peer led.</summary>
    /// <param name="endPoint">Its address and port.</param>
    public void Add(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint { Address: { } address })
            return;
        lock (_gate)
            _known.Add(Of(address));
    }

    /// <summary>Whether an instance came from one of them.</summary>
    /// <param name="remoteEndPoint">Address and port of the sender.</param>
    public bool Has(string remoteEndPoint)
    {
        lock (_gate)
            return _known.Contains(Of(remoteEndPoint));
    }

    /// <summary>The address in an end point, in the one form in which addresses are compared.</summary>
    /// <param name="endPoint">Such as <c>10.0.0.5:104</c> or <c>[::1]:104</c>.</param>
    public static string Of(string endPoint)
    {
        var colon = endPoint.LastIndexOf(':');
        var text = (colon < 0 ? endPoint : endPoint[..colon]).Trim('[', ']');
        return IPAddress.TryParse(text, out var address) ? Of(address) : text;
    }

    // A server that listens on both protocols sees IPv4 within IPv6; an interface has its own number on each machine.
    private static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.Equals(IPAddress.IPv6Loopback))
            address = IPAddress.Loopback;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()).ToString()
            : address.ToString();
    }

    private async Task LookUpAsync()
    {
        foreach (var host in hosts)
        {
            try
            {
                var found = IPAddress.TryParse(host, out var address) ? [address]
                    : await Dns.GetHostAddressesAsync(host).ConfigureAwait(false);
                lock (_gate)
                    _known.UnionWith(found.Select(Of));
            }
            catch (Exception unknown) when (unknown is SocketException or ArgumentException)
            {
                // Who cannot be found sends from an address that is told.
            }
        }
    }
}
