using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Countersign.Load;

/// <summary>What a user would otherwise build: Kestrel that echoes, over TLS 1.3 with certificates on both sides, or over plain TCP.</summary>
internal static class TlsRole
{
    public static async Task RunAsync(string? directory)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ListenOptions? listen = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(new IPEndPoint(IPAddress.Loopback, 0), endpoint =>
        {
            listen = endpoint;
            if (directory is not null)
                endpoint.UseHttps(Settings(directory));
            endpoint.Run(EchoAsync);
        }));
        if (directory is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        await using var application = builder.Build();
        application.Run(static _ => Task.CompletedTask);
        await application.StartAsync();
        await Role.ServeAsync(listen!.IPEndPoint!.ToString());
        Environment.Exit(0); // open links would hold a graceful stop up
    }

    private static HttpsConnectionAdapterOptions Settings(string directory)
    {
        var chain = TlsFiles.ReadChain(directory);
        return new HttpsConnectionAdapterOptions
        {
            ServerCertificate = TlsFiles.ReadServer(directory),
            ServerCertificateChain = chain,
            SslProtocols = SslProtocols.Tls13,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            HandshakeTimeout = TimeSpan.FromMinutes(5),
            OnAuthenticate = (_, options) =>
            {
                options.AllowTlsResume = false;
                options.RemoteCertificateValidationCallback = null;
                options.CertificateChainPolicy = TlsFiles.Policy(chain);
            },
        };
    }

    private static async Task EchoAsync(ConnectionContext connection)
    {
        try
        {
            while (true)
            {
                var read = await connection.Transport.Input.ReadAsync();
                foreach (var segment in read.Buffer)
                    await connection.Transport.Output.WriteAsync(segment);
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            return; // the peer has gone
        }
    }
}
