using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Countersign.Client;

/// <summary>Where a server listens: host:port, with an IPv6 address in brackets.</summary>
public sealed record ServerAddress
{
    private ServerAddress(string host, int port) => (Host, Port) = (host, port);

    /// <summary>A DNS name or an address, without brackets.</summary>
    public string Host { get; }

    /// <summary>1 to 65535.</summary>
    public int Port { get; }

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ServerAddress? address)
    {
        address = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || text.Length > 255
            || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            return false;
        var host = text[..colon];
        if (host is ['[', .. var inside, ']'] && IPAddress.TryParse(inside, out _))
            host = inside;
        else if (host.Contains(':') || Uri.CheckHostName(host.ToString()) == UriHostNameType.Unknown)
            return false;
        address = new ServerAddress(host.ToString(), port);
        return true;
    }

    /// <exception cref="FormatException">Not host:port.</exception>
    public static ServerAddress Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var address) ? address : throw new FormatException("An address is host:port.");

    /// <summary>host:port.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}");
}
