using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Countersign.Attacks.Tests;

/// <summary>Certificates as an attacker would make them, by the platform's own writer. As it stands: what the root would have
/// issued for a device. Each property changes one thing.</summary>
internal sealed record Forge
{
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    public static X509Certificate2 RealRoot { get; } = X509CertificateLoader.LoadCertificate(AttackedServer.Root.Certificate.Der.Span);

    public X509Certificate2 Issuer { get; init; } = RealRoot;
    public RSA IssuerKey { get; init; } = Keys.Rsa("root");
    public string Purpose { get; init; } = ClientAuth;
    public X509KeyUsageFlags Usage { get; init; } = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;
    public bool IsAuthority { get; init; }
    public string? Uri { get; init; }
    public string? DnsName { get; init; }
    public DateTimeOffset NotBefore { get; init; } = DateTimeOffset.UtcNow.AddMinutes(-5);
    public DateTimeOffset NotAfter { get; init; } = DateTimeOffset.UtcNow.AddDays(1);

    public byte[] Certify(RSA key, string user)
    {
        var request = new CertificateRequest("CN=" + user, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (IsAuthority)
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(Usage, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Purpose)], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        if (DnsName is not null)
            names.AddDnsName(DnsName);
        else
            names.AddUri(new Uri(Uri ?? "countersign:" + user));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Issuer, true, false));
        using var made = request.Create(Issuer.SubjectName, X509SignatureGenerator.CreateForRSA(IssuerKey, RSASignaturePadding.Pkcs1),
            NotBefore, NotAfter, [1, .. RandomNumberGenerator.GetBytes(15)]);
        return made.RawData;
    }

    /// <summary>A root of one's own that calls itself like the real one.</summary>
    public static X509Certificate2 RootNamedAlike(RSA key)
    {
        var request = new CertificateRequest(RealRoot.SubjectName, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 1, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }
}
