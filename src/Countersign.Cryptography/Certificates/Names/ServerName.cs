using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Countersign.Cryptography;

/// <summary>What a server is certified as: a DNS name (RFC 1034 preferred syntax, kept in lower case) or an IP address.
/// Wildcards do not exist here.</summary>
public sealed class ServerName : IEquatable<ServerName>
{
    /// <summary>Longest DNS name, in characters and bytes.</summary>
    public const int MaxLength = 253;

    private readonly string _text;

    private ServerName(string text, IPAddress? address)
    {
        _text = text;
        Address = address;
    }

    /// <summary>The address, or null if this is a DNS name.</summary>
    public IPAddress? Address { get; }

    /// <summary>Reads a DNS name or an address: IPv4 in dotted decimal, IPv6 as RFC 4291 writes it, without brackets or zone.</summary>
    /// <exception cref="MalformedException">Neither of the two.</exception>
    public static ServerName Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var name) ? name : throw new MalformedException("server name (CE-09)");

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ServerName? name)
    {
        name = TryAddress(text, out var address) ? FromAddress(address)
            : IsDnsName(text) ? new ServerName(text.ToString().ToLowerInvariant(), null)
            : null;
        return name is not null;
    }

    /// <summary>The name that is this address.</summary>
    public static ServerName FromAddress(IPAddress address) => new(address.ToString(), address);

    // The platform also reads "1", "0x7f.1" and zones as addresses; only the ordinary notations are meant here.
    private static bool TryAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length > 45 || text.ContainsAny("%[]/") || !IPAddress.TryParse(text, out var parsed))
            return false;
        if (parsed.AddressFamily == AddressFamily.InterNetwork && !text.SequenceEqual(parsed.ToString()))
            return false;
        address = parsed;
        return true;
    }

    private static bool IsDnsName(ReadOnlySpan<char> text)
    {
        if (text.Length is < 1 or > MaxLength)
            return false;
        ReadOnlySpan<char> label = default;
        foreach (var range in text.Split('.'))
        {
            label = text[range];
            if (!IsLabel(label))
                return false;
        }
        // A last label of digits would be read as an address by others (RFC 1123 section 2.1).
        return label.ContainsAnyExceptInRange('0', '9');
    }

    private static bool IsLabel(ReadOnlySpan<char> label) =>
        label.Length is >= 1 and <= 63
        && label[0] != '-'
        && label[^1] != '-'
        && !label.ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    public bool Equals(ServerName? other) => other is not null && _text == other._text;
    public override bool Equals(object? obj) => Equals(obj as ServerName);
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);
    public static bool operator ==(ServerName? left, ServerName? right) => left is null ? right is null : left.Equals(right);
    public static bool operator !=(ServerName? left, ServerName? right) => !(left == right);

    /// <summary>The DNS name in lower case, or the address in its canonical text.</summary>
    public override string ToString() => _text;
}
