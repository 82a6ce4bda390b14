using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Countersign.Load;

/// <summary>A client's TLS 1.3 connection with a certificate of its own, without resumption; or plain TCP.</summary>
internal sealed class TlsLink : IDisposable
{
    private readonly Stream _stream;

    private TlsLink(Stream stream) => _stream = stream;

    public Stream Stream => _stream;

    public static async Task<TlsLink> ConnectAsync(IPEndPoint endpoint, string host, X509Certificate2? certificate, X509Certificate2Collection roots)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            AllowTlsResume = false,
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = TlsFiles.Policy(roots),
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, roots, offline: true),
        });
        return new TlsLink(tls);
    }

    public static async Task<TlsLink> ConnectPlainAsync(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        return new TlsLink(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>One byte there and back: both sides have finished.</summary>
    public async Task EchoAsync()
    {
        await _stream.WriteAsync(new byte[1]);
        await _stream.ReadExactlyAsync(new byte[1]);
    }

    public void Dispose() => _stream.Dispose();
}
