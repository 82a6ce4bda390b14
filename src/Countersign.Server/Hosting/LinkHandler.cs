using System.Collections.Concurrent;
using System.Net;
using Countersign.Protocol;
using Microsoft.AspNetCore.Connections;

namespace Countersign.Server;

/// <summary>Kestrel's entry: one <see cref="Link"/> for each connection.</summary>
internal sealed class LinkHandler(LinkServices server) : ConnectionHandler
{
    /// <summary>Connections beyond the limit of links, which are being told BUSY; still others are closed unheard. Kestrel's own limit
    /// would write a line for each.</summary>
    private const int BeingRefused = 256;

    private readonly ConcurrentDictionary<long, Link> _open = new();
    private long _last;
    private int _connections;
    private volatile bool _stopping;

    /// <summary>Ends every link with SHUTDOWN, and each that may still come.</summary>
    public void Stop()
    {
        _stopping = true;
        foreach (var link in _open.Values)
            link.Cut(WireCode.Shutdown, "the server stops");
    }

    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        if (Interlocked.Increment(ref _connections) <= server.Limits.Links + BeingRefused)
            return ServeAsync(connection);
        Interlocked.Decrement(ref _connections);
        server.Metrics.LimitMet(LimitNames.Links);
        connection.Abort();
        return Task.CompletedTask;
    }

    // Gives back the place in _connections that it was called with.
    private async Task ServeAsync(ConnectionContext connection)
    {
        var number = Interlocked.Increment(ref _last);
        server.Metrics.LinkOpened();
        try
        {
            var address = new PeerAddress((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
            using var link = new Link(connection.Transport, address, number, server);
            _open[number] = link;
            if (_stopping)
                link.Cut(WireCode.Shutdown, "the server stops");
            await link.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _open.TryRemove(number, out _);
            server.Metrics.LinkClosed();
            Interlocked.Decrement(ref _connections);
        }
    }
}
