using System.Net;
using System.Net.Sockets;

namespace Countersign.Testing;

/// <summary>Stands between a store and its database, and cuts the connection at a COMMIT.</summary>
public sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;

    public CuttingProxy(int port)
    {
        _port = port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The next COMMIT goes to the database, and its answer to nobody.</summary>
    public bool DropsNextAnswer { get; set; }

    /// <summary>The next COMMIT does not reach the database.</summary>
    public bool DropsNextCommit { get; set; }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var database = new TcpClient();
        using (client)
        {
            await database.ConnectAsync(IPAddress.Loopback, _port);
            var (near, far) = (client.GetStream(), database.GetStream());
            var back = CopyBackAsync(far, near);
            var buffer = new byte[65536];
            try
            {
                while (await near.ReadAsync(buffer) is > 0 and var read)
                {
                    var isCommit = buffer.AsSpan(0, read).IndexOf("COMMIT"u8) >= 0;
                    if (isCommit && DropsNextCommit)
                    {
                        DropsNextCommit = false;
                        return;
                    }
                    var isLast = isCommit && DropsNextAnswer;
                    if (isLast)
                    {
                        DropsNextAnswer = false;
                        client.Client.Shutdown(SocketShutdown.Send);
                    }
                    await far.WriteAsync(buffer.AsMemory(0, read));
                    if (isLast)
                        return;
                }
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    private static async Task CopyBackAsync(NetworkStream from, NetworkStream to)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return;
        }
    }

    public void Dispose() => _listener.Dispose();
}
