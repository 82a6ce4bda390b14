using System.Net;
using System.Net.Sockets;

namespace Countersign.Server;

/// <summary>Whom limits per address count as one: an IPv4 address, or the /64 network of an IPv6 address, because one customer
/// gets at least that many addresses to choose from (LI-01).</summary>
public readonly record struct PeerAddress
{
    private readonly IPAddress? _address;

    public PeerAddress(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        _address = address.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(address) ? Network(address) : address;
    }

    private static IPAddress Network(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    public override string ToString() => _address?.ToString() ?? "";
}
