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

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        try
        {
            if (Interlocked.Increment(ref _connections) <= server.Limits.Links + BeingRefused)
                await ServeAsync(connection).ConfigureAwait(false);
            else
                Close(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private void Close(ConnectionContext connection)
    {
        server.Metrics.LimitMet(LimitNames.Links);
        connection.Abort();
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        var address = new PeerAddress((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        var number = Interlocked.Increment(ref _last);
        server.Metrics.LinkOpened();
        try
        {
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
        }
    }
}
