using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Countersign.Load;

/// <summary>Certificates for other people's TLS, of the world's RSA size: root, server and clients, in PEM files. The clients' leaves
/// stand directly below the root, as Mosquitto's and Kestrel's guides have it.</summary>
internal static class TlsFiles
{
    public const string RootName = "tls-root.pem";
    public const string ServerName = "tls-server.pem";
    public const string ServerKeyName = "tls-server.key";

    public static void Create(string directory, IReadOnlyList<RSA> keys)
    {
        var now = DateTimeOffset.UtcNow;
        var rootRequest = Request("CN=load root", keys[0]);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        rootRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(300));
        File.WriteAllText(Path.Combine(directory, RootName), root.ExportCertificatePem());
        using var server = Issue(root, "CN=localhost", keys[1], "1.3.6.1.5.5.7.3.1", 1);
        File.WriteAllText(Path.Combine(directory, ServerName), server.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, ServerKeyName), keys[1].ExportPkcs8PrivateKeyPem());
    }

    public static X509Certificate2[] CreateClients(string directory, RSA rootKey, RSA key, int count)
    {
        using var root = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(directory, RootName))).CopyWithPrivateKey(rootKey);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            using var issued = Issue(root, $"CN=client-{i}", key, "1.3.6.1.5.5.7.3.2", 1000 + i);
            return issued.CopyWithPrivateKey(key);
        })];
    }

    public static X509Certificate2Collection ReadChain(string directory) =>
        [X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(directory, RootName)))];

    public static X509Certificate2 ReadServer(string directory) => X509Certificate2.CreateFromPemFile(
        Path.Combine(directory, ServerName), Path.Combine(directory, ServerKeyName));

    /// <summary>Only this root, no downloads, no revocation: what Countersign's own check is at least.</summary>
    public static X509ChainPolicy Policy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    private static CertificateRequest Request(string subject, RSA key) =>
        new(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static X509Certificate2 Issue(X509Certificate2 root, string subject, RSA key, string purpose, int serial)
    {
        var request = Request(subject, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(subject[3..]);
        request.CertificateExtensions.Add(names.Build());
        var number = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(number, serial);
        return request.Create(root, root.NotBefore, root.NotAfter, number);
    }
}
