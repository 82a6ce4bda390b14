using System.Net;
using Countersign.Authority;
using Countersign.Client;
using Countersign.Server;

namespace Countersign.Cli;

/// <param name="Text">host:port.</param>
/// <param name="Notice">What whoever gives the invitation has to know about it.</param>
internal readonly record struct InvitationAddress(string Text, string? Notice = null);

/// <summary>Where a server is reached.</summary>
internal static class ServerAddresses
{
    /// <summary>Written by a running server: the endpoint it really has and, in a second line, the address it was told that invitations carry.</summary>
    private const string EndpointFile = "server.endpoint";

    /// <summary>host:port for invitations: what the server was told when it started; else what is configured; else where it listens, or would.</summary>
    /// <exception cref="OptionsException">It is no address.</exception>
    public static InvitationAddress ForInvitations(string server)
    {
        var options = ServerConfiguration.Load(server);
        var file = Path.Combine(server, EndpointFile);
        string[] remembered = File.Exists(file) ? File.ReadAllLines(file) : [];
        if (remembered is [_, var told, ..])
            return new(told);
        RequireUsable(options.Address);
        if (options.Address.Length > 0)
            return new(options.Address);
        return Of(remembered is [var line] && IPEndPoint.TryParse(line.Trim(), out var bound) ? bound : options.Listen);
    }

    /// <summary>The same for a server that runs here.</summary>
    public static InvitationAddress ForInvitations(ServerOptions options, IPEndPoint endpoint) => options.Address.Length > 0 ? new(options.Address) : Of(endpoint);

    /// <summary>Remembers where the server listens now, and what its invitations carry: a flag is known to nobody else.</summary>
    public static void Remember(string server, IPEndPoint endpoint, ServerOptions options) =>
        OwnerOnly.Replace(Path.Combine(server, EndpointFile), $"{endpoint}\n{(options.Address.Length > 0 ? options.Address + "\n" : "")}");

    /// <summary>Nobody could take an invitation with another address: a server that would make them does not start.</summary>
    /// <exception cref="OptionsException">It is no address.</exception>
    public static void RequireUsable(string address)
    {
        if (address.Length > 0 && !ServerAddress.TryParse(address, out _))
            throw new OptionsException("The setting 'address' must be HOST:PORT, as chat.example.org:7450.");
    }

    // An address others can use: every interface is none.
    private static InvitationAddress Of(IPEndPoint endpoint) =>
        !endpoint.Address.Equals(IPAddress.Any) && !endpoint.Address.Equals(IPAddress.IPv6Any)
            ? new(endpoint.ToString())
            : new($"{Dns.GetHostName()}:{endpoint.Port}", "the server listens on every address, and was not told which one invitations carry: they carry this machine's name. "
                + "--address HOST:PORT tells it when it is started, or invite for one invitation.");
}
