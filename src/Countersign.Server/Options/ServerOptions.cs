using System.Net;

namespace Countersign.Server;

/// <summary>What an operator decides about a running server. Immutable; made by <see cref="ServerConfiguration"/> from file,
/// environment and flags, or directly by a program that hosts a server.</summary>
public sealed record ServerOptions
{
    /// <summary>The port that clients use when nothing else is said.</summary>
    public const int DefaultPort = 7450;

    /// <summary>Where links are accepted; port 0 takes a free one, which <see cref="ServerHost.Endpoint"/> then names.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, DefaultPort);

    /// <summary>host:port that invitations carry; empty: the endpoint that was bound.</summary>
    public string Address { get; init; } = "";

    /// <summary>Where /healthz and /metrics answer, in the clear and to loopback only; null: nowhere.</summary>
    public IPEndPoint? Health { get; init; }

    /// <summary>Where the data is.</summary>
    public StoreChoice Store { get; init; } = StoreChoice.Sqlite;

    /// <summary>Who stamps the heads of conversations (SPEC 8.1).</summary>
    public TimeStampChoice TimeStampAuthority { get; init; } = new TimeStampChoice.None();

    public ServerLimits Limits { get; init; } = new();
}
