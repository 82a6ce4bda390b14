using System.Security.Cryptography;
using System.Text;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Specification.Tests.Second;

/// <summary>RFC 9180 base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, single shot: a second time.</summary>
internal static class SecondHpke
{
    private static readonly byte[] KemSuite = Concat(Ascii("KEM"), [0, 16]);
    private static readonly byte[] Suite = Concat(Ascii("HPKE"), [0, 16, 0, 1, 0, 1]);

    public static (byte[] Enc, byte[] Ct) Seal(byte[] recipient, byte[] info, byte[] plaintext)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var enc = Point(ephemeral);
        var (key, nonce) = Context(Dh(ephemeral, recipient), enc, recipient, info);
        var ct = new byte[plaintext.Length + 16];
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(nonce, plaintext, ct.AsSpan(0, plaintext.Length), ct.AsSpan(plaintext.Length));
        return (enc, ct);
    }

    public static byte[] Open(ECDiffieHellman recipient, byte[] enc, byte[] info, byte[] ct)
    {
        var (key, nonce) = Context(Dh(recipient, enc), enc, Point(recipient), info);
        var plaintext = new byte[ct.Length - 16];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(nonce, ct.AsSpan(0, plaintext.Length), ct.AsSpan(plaintext.Length), plaintext);
        return plaintext;
    }

    public static byte[] Point(ECDiffieHellman key)
    {
        var q = key.ExportParameters(false).Q;
        return [4, .. q.X!, .. q.Y!];
    }

    private static byte[] Dh(ECDiffieHellman own, byte[] point)
    {
        using var peer = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[1..33], Y = point[33..65] },
        });
        return own.DeriveRawSecretAgreement(peer.PublicKey);
    }

    private static (byte[] Key, byte[] Nonce) Context(byte[] dh, byte[] enc, byte[] recipient, byte[] info)
    {
        var eaePrk = LabelledExtract(KemSuite, [], "eae_prk", dh);
        var shared = LabelledExpand(KemSuite, eaePrk, "shared_secret", Concat(enc, recipient), 32);
        var context = Concat([0], LabelledExtract(Suite, [], "psk_id_hash", []), LabelledExtract(Suite, [], "info_hash", info));
        var secret = LabelledExtract(Suite, shared, "secret", []);
        return (LabelledExpand(Suite, secret, "key", context, 16), LabelledExpand(Suite, secret, "base_nonce", context, 12));
    }

    private static byte[] LabelledExtract(byte[] suite, byte[] salt, string label, byte[] material) =>
        Extract(salt, Concat(Ascii("HPKE-v1"), suite, Ascii(label), material));

    private static byte[] LabelledExpand(byte[] suite, byte[] prk, string label, byte[] info, int length) =>
        HKDF.Expand(HashAlgorithmName.SHA256, prk, length, Concat([(byte)(length >> 8), (byte)length], Ascii("HPKE-v1"), suite, Ascii(label), info));

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
