using System.Net;
using System.Net.Sockets;

namespace Countersign.Faults.Tests;

/// <summary>Stands on the wire between clients and server. Told to be silent it passes nothing on, in either direction, and ends no
/// connection: to each side the other has vanished without a FIN.</summary>
internal sealed class SilentProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _to;
    private volatile Wire _wire = new();

    public SilentProxy(IPEndPoint to)
    {
        _to = to;
        _listener.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

    private sealed class Wire
    {
        public volatile bool IsDead;
    }

    /// <summary>All present connections are dead from now on; new ones work.</summary>
    public void LoseAll()
    {
        _wire.IsDead = true;
        _wire = new Wire();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(), _wire);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient near, Wire wire)
    {
        using (near)
        using (var far = new TcpClient())
        {
            try
            {
                await far.ConnectAsync(_to);
                await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream(), wire), CopyAsync(far.GetStream(), near.GetStream(), wire));
            }
            catch (SocketException)
            {
                return; // the server is not there
            }
        }
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, Wire wire)
    {
        var buffer = new byte[65536];
        try
        {
            while (true)
            {
                var read = await from.ReadAsync(buffer);
                if (wire.IsDead)
                    await Task.Delay(Timeout.Infinite); // even an end is not passed on
                if (read == 0)
                    return;
                await to.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            if (wire.IsDead)
                await Task.Delay(Timeout.Infinite);
        }
    }

    public void Dispose() => _listener.Dispose();
}
