using System.Net;
using Countersign.Authority;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Where a server is reached.</summary>
internal static class ServerAddresses
{
    /// <summary>Written by a running server: the endpoint it really has.</summary>
    private const string EndpointFile = "server.endpoint";

    /// <summary>host:port for invitations: what is configured, else where the running server listens, else where it would.</summary>
    public static string ForInvitations(CommandContext context)
    {
        var options = ServerConfiguration.Load(context.Places.Server);
        if (options.Address.Length > 0)
            return options.Address;
        var file = Path.Combine(context.Places.Server, EndpointFile);
        return Reachable(File.Exists(file) && IPEndPoint.TryParse(File.ReadAllText(file).Trim(), out var bound) ? bound : options.Listen, context);
    }

    /// <summary>Remembers where the server listens now.</summary>
    public static void Remember(string server, IPEndPoint endpoint) => OwnerOnly.Replace(Path.Combine(server, EndpointFile), endpoint + "\n");

    /// <summary>An address others can use: every interface is none.</summary>
    public static string Reachable(IPEndPoint endpoint, CommandContext context)
    {
        if (!endpoint.Address.Equals(IPAddress.Any) && !endpoint.Address.Equals(IPAddress.IPv6Any))
            return endpoint.ToString();
        context.Screen.Talk("the server listens on every address; invitations carry this machine's name. --address or server.json sets another.");
        return $"{Dns.GetHostName()}:{endpoint.Port}";
    }
}
