using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Countersign.Cryptography;

namespace Countersign.Testing;

/// <summary>A server's certificate that nobody certified but itself: every leaf rule is kept, and it is its own root.</summary>
public static class SelfCertified
{
    private static readonly byte[] Identifier = [7, 7, 7, 7];

    /// <param name="name">Its dNSName.</param>
    /// <param name="key">Its key, with which it signs itself.</param>
    /// <param name="from">First moment of its day.</param>
    /// <param name="namesItsKey">False: it names a key identifier of its issuer, and none of its own, as no path has it.</param>
    public static Certificate Server(string name, SigningKey key, DateTimeOffset from, bool namesItsKey)
    {
        using var rsa = RSA.Create();
        using (var pkcs8 = key.ExportPkcs8())
            rsa.ImportPkcs8PrivateKey(pkcs8.Span, out _);
        var request = new CertificateRequest("CN=" + name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(Identifier));
        if (namesItsKey)
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(Identifier, critical: false));
        using var certificate = request.CreateSelfSigned(from, from.AddDays(1));
        return Certificate.Parse(certificate.RawData);
    }
}
