using System.Security.Cryptography;
using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Long-term keys as somebody has them who stole the disks and the passphrase, or who is the operator himself.</summary>
internal static class StolenKeys
{
    public static SigningKey Server(AttackWorld world) => Read(world, Path.Combine(world.Places.Server, "server.key"));

    public static SigningKey Issuing(AttackWorld world) => Read(world, Path.Combine(world.Places.Server, "authority", "ca.key"));

    /// <summary>The root itself, at work for the thief.</summary>
    public static CertificateAuthority OpenRoot(AttackWorld world) => AuthorityStore.Open(world.Places.Authority, world.Passphrase, world.Clock);

    private static SigningKey Read(AttackWorld world, string path)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromEncryptedPem(File.ReadAllText(path), world.Passphrase);
        using var secret = Secret.CopyOf(rsa.ExportPkcs8PrivateKey());
        return SigningKey.ImportPkcs8(secret);
    }
}
