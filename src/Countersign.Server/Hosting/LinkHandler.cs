using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Countersign.Server;

/// <summary>Kestrel's entry: one <see cref="Link"/> for each connection.</summary>
internal sealed class LinkHandler(LinkServices server) : ConnectionHandler
{
    private long _last;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var address = new PeerAddress((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        server.Metrics.LinkOpened();
        try
        {
            using var link = new Link(connection.Transport, address, Interlocked.Increment(ref _last), server);
            await link.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            server.Metrics.LinkClosed();
        }
    }
}
