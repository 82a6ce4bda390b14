using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>A root, an issuing CA, a server and a device, all valid at <see cref="Now"/>: negative tests change one thing of it.</summary>
internal static class World
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly SigningKey RootKey = TestKeys.Get(0);
    public static readonly SigningKey IssuingKey = TestKeys.Get(1);
    public static readonly SigningKey LeafKey = TestKeys.Get(2);
    public static readonly SigningKey StrangerKey = TestKeys.Get(3);

    public static readonly ServerName Server = ServerName.Parse("server.local");

    private static readonly DistinguishedName RootName = DistinguishedName.FromCommonName("Test root");
    private static readonly DistinguishedName IssuingName = DistinguishedName.FromCommonName("Test issuing CA");
    private static readonly byte[] RootId = [1, 1, 1, 1];
    private static readonly byte[] IssuingId = [2, 2, 2, 2];

    public static readonly Forged Root = new()
    {
        Key = RootKey,
        Signer = RootKey,
        Subject = RootName,
        Issuer = RootName,
        Extensions = [ForgedExtension.BasicConstraints(true, 1), Signing, ForgedExtension.SubjectKeyIdentifier(RootId)],
    };

    public static readonly Forged Issuing = new()
    {
        Key = IssuingKey,
        Signer = RootKey,
        Subject = IssuingName,
        Issuer = RootName,
        Extensions = [ForgedExtension.BasicConstraints(true, 0), Signing, ForgedExtension.SubjectKeyIdentifier(IssuingId),
            ForgedExtension.AuthorityKeyIdentifier(RootId)],
    };

    public static readonly Forged ServerLeaf = Leaf("server.local", Oids.ServerAuth, ForgedExtension.Dns("server.local"));

    public static readonly Forged DeviceLeaf = Leaf("alice", Oids.ClientAuth, ForgedExtension.Uri("countersign:alice"));

    public static readonly ForgedList RootList = new() { Signer = RootKey, Issuer = RootName, IssuerKeyIdentifier = RootId };
    public static readonly ForgedList IssuingList = new() { Signer = IssuingKey, Issuer = IssuingName, IssuerKeyIdentifier = IssuingId };

    private static ForgedExtension Signing => ForgedExtension.KeyUsage(KeyUsages.KeyCertSign | KeyUsages.CrlSign);

    private static Forged Leaf(string commonName, string purpose, ForgedExtension name) => new()
    {
        Key = LeafKey,
        Signer = IssuingKey,
        Subject = DistinguishedName.FromCommonName(commonName),
        Issuer = IssuingName,
        Extensions = [ForgedExtension.KeyUsage(KeyUsages.DigitalSignature | KeyUsages.ContentCommitment), ForgedExtension.Purposes(purpose),
            name, ForgedExtension.AuthorityKeyIdentifier(IssuingId)],
    };

    /// <summary>Validates a device with the given pieces in place of the good ones.</summary>
    public static VerifiedDevice Device(Forged? leaf = null, Forged? issuing = null, Forged? root = null, RevocationSet? revocations = null,
        DateTimeOffset? at = null) =>
        PathValidator.ValidateDevice(
            new([(leaf ?? DeviceLeaf).Certificate(), (issuing ?? Issuing).Certificate()]),
            TrustAnchor.FromCertificate((root ?? Root).Certificate()), revocations ?? Lists(), at ?? Now);

    /// <summary>Validates a server likewise.</summary>
    public static VerifiedServer ServerPath(Forged? leaf = null, ServerName? expected = null) =>
        PathValidator.ValidateServer(new([(leaf ?? ServerLeaf).Certificate(), Issuing.Certificate()]),
            TrustAnchor.FromCertificate(Root.Certificate()), Lists(), expected ?? Server, Now);

    public static RevocationSet Lists(ForgedList? issuing = null, ForgedList? root = null) =>
        new([(issuing ?? IssuingList).List(), (root ?? RootList).List()]);

    /// <summary>The action is refused for this fault and no other.</summary>
    public static void Refused(CertificateFault fault, Func<object> action) =>
        Assert.Equal(fault, Assert.Throws<CertificateRefusedException>(() => { action(); }).Fault);
}
