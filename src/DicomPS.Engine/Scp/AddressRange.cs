using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DicomPS.Scp;

/// <summary>An address, or a network of them as CIDR has it: 10.1.2.3, 10.0.0.0/8, fd00::/8. Immutable.</summary>
public sealed record AddressRange
{
    private readonly byte[] _bytes;

    private AddressRange(IPAddress address, int prefix)
    {
        Address = address;
        Prefix = prefix;
        _bytes = address.GetAddressBytes();
    }

    /// <summary>The first address.</summary>
    public IPAddress Address { get; }

    /// <summary>How many bits of it count; all of them for a single address.</summary>
    public int Prefix { get; }

    /// <summary>Reads an address or a network.</summary>
    /// <param name="text">Such as 10.1.2.3, 10.0.0.0/8, fd00::/8 or [::1].</param>
    /// <exception cref="FormatException">It is neither.</exception>
    public static AddressRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/');
        var first = (slash < 0 ? text : text.Substring(0, slash)).Trim();
        if (first.StartsWith('[') && first.EndsWith(']'))
            first = first.Substring(1, first.Length - 2);
        // Three numbers are an address to the runtime too, and not the one that was meant.
        if (!LooksLikeAddress(first) || (first.IndexOf(':') < 0 && first.Count(c => c == '.') != 3)
            || !IPAddress.TryParse(first, out var address))
            throw new FormatException(
                $"'{text}' is no address: write one, such as 10.1.2.3 or fd00::5, or a network, such as 10.1.0.0/16. A host name will not "
                + "do, because who answers for a name can change it.");
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            address = new IPAddress(address.GetAddressBytes());
        var bits = address.GetAddressBytes().Length * 8;
        var prefix = bits;
        if (slash >= 0 && (!int.TryParse(text.Substring(slash + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
            || prefix > bits))
            throw new FormatException($"'{text}' is no network: after the slash comes the number of its bits, 0 to {bits}.");
        if (address.IsIPv4MappedToIPv6 && prefix >= 96)
        {
            address = address.MapToIPv4();
            prefix -= 96;
        }

        var start = Cut(address, prefix);
        return start.Equals(address) ? new AddressRange(address, prefix)
            : throw new FormatException(
                $"'{text}' is no network: {address} is an address in {start}/{prefix}. Write that, or the address alone.");
    }

    /// <summary>Whether text is meant as an address rather than as a name or title, though it may be a wrong one.</summary>
    internal static bool LooksLikeAddress(string text)
    {
        var slash = text.IndexOf('/');
        if (slash >= 0 && !text.Skip(slash + 1).All(char.IsDigit))
            return false;
        var bare = (slash < 0 ? text : text.Substring(0, slash)).Trim('[', ']');
        // A number alone is an address to the runtime, and a title to everybody else.
        return bare.IndexOf(':') >= 0
            ? bare.All(c => Uri.IsHexDigit(c) || c is ':' or '.' or '%') && bare.Count(c => c == ':') >= 2
            : bare.IndexOf('.') > 0 && bare.All(c => char.IsDigit(c) || c is '.' or '*');
    }

    /// <summary>Whether an address is in it. One of IPv4 is the same when it comes as one of IPv6.</summary>
    /// <param name="address">The address.</param>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        if (bytes.Length != _bytes.Length)
            return false;
        for (var bit = 0; bit < Prefix; bit += 8)
        {
            var mask = (byte)(Prefix - bit >= 8 ? 0xFF : 0xFF << (8 - (Prefix - bit)));
            if ((bytes[bit / 8] & mask) != _bytes[bit / 8])
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Equals(AddressRange? other) => other is { } && Prefix == other.Prefix && Address.Equals(other.Address);

    /// <inheritdoc/>
    public override int GetHashCode() => (Address, Prefix).GetHashCode();

    /// <summary>The address, and the bits where it is a network.</summary>
    public override string ToString() => Prefix == _bytes.Length * 8 ? $"{Address}" : $"{Address}/{Prefix}";

    private static IPAddress Cut(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var bits = Math.Min(8, Math.Max(0, prefix - (i * 8)));
            bytes[i] &= (byte)(bits == 8 ? 0xFF : 0xFF << (8 - bits));
        }

        return new IPAddress(bytes);
    }
}
