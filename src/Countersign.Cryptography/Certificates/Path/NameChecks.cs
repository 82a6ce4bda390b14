namespace Countersign.Cryptography;

/// <summary>CE-09 and CE-13: which server or user a leaf names. If subjectAltName is there it alone counts; otherwise the
/// subject's single commonName.</summary>
internal static class NameChecks
{
    /// <summary>What a device's URI begins with.</summary>
    public const string UserScheme = "countersign:";

    public static void CheckServer(Certificate leaf, ServerName expected)
    {
        if (!ServerNames(leaf).Contains(expected))
            throw new CertificateRefusedException(CertificateFault.NameMismatch);
    }

    /// <summary>All of a server's names, in their order: at least one.</summary>
    public static IReadOnlyList<ServerName> FindServer(Certificate leaf) =>
        ServerNames(leaf) is { Count: > 0 } names ? names : throw new CertificateRefusedException(CertificateFault.Name);

    private static List<ServerName> ServerNames(Certificate leaf) => leaf.Extensions.SubjectAltName is { } alternative
        ? [.. alternative.Value.Select(ReadServer)]
        : [ReadServer(CommonName(leaf))];

    public static UserName FindUser(Certificate leaf)
    {
        if (leaf.Extensions.SubjectAltName is not { } alternative)
            return ReadUser(CommonName(leaf));
        if (alternative.Value is not [GeneralName.Uri uri] || !uri.Value.StartsWith(UserScheme, StringComparison.Ordinal))
            throw new CertificateRefusedException(CertificateFault.Name);
        return ReadUser(uri.Value.AsSpan(UserScheme.Length));
    }

    // All names are read, not only up to the first that fits: a wildcard beside the right name refuses the certificate.
    private static ServerName ReadServer(GeneralName name) => name switch
    {
        GeneralName.Dns dns when ReadServer(dns.Value) is { Address: null } server => server,
        GeneralName.Ip ip => ServerName.FromAddress(ip.Value),
        _ => throw new CertificateRefusedException(CertificateFault.Name),
    };

    private static ServerName ReadServer(string text) =>
        ServerName.TryParse(text, out var name) ? name : throw new CertificateRefusedException(CertificateFault.Name);

    // CE-13
    private static UserName ReadUser(ReadOnlySpan<char> text) =>
        UserName.TryParse(text, out var name) ? name : throw new CertificateRefusedException(CertificateFault.UserName);

    private static string CommonName(Certificate leaf) => leaf.Subject.CommonNames is [var only]
        ? only
        : throw new CertificateRefusedException(CertificateFault.Name);
}
