using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class EcdhVectorTests
{
    // SubjectPublicKeyInfo of a P-256 key in its one form: id-ecPublicKey, prime256v1, an uncompressed point.
    private static readonly byte[] P256Info = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d030107034200");

    private const string OtherEncoding = "a key around the point in another form than the one of P-256: we read points alone, never such a key";

    [Fact]
    public void HS_01_Wycheproof_ECDH_points() => VectorRun.Wycheproof("ecdh_secp256r1_ecpoint_test.json", (_, test) =>
    {
        var taken = Agrees(test.Hex("public"), test.Hex("private"), test.Hex("shared"));
        Assert.Equal(test.IsValid(), taken); // "acceptable" means compressed: HS-01 refuses it
        return null;
    });

    [Fact]
    public void HS_01_Wycheproof_ECDH_keys() => VectorRun.Wycheproof("ecdh_secp256r1_test.json", (_, test) =>
    {
        var info = test.Hex("public");
        if (!info.AsSpan().StartsWith(P256Info))
            return OtherEncoding;
        Assert.Equal(test.IsValid(), Agrees(info[P256Info.Length..], test.Hex("private"), test.Hex("shared")));
        return null;
    });

    [Fact]
    public void HS_01_Wycheproof_ECDH_PEM_keys() => VectorRun.Wycheproof("ecdh_secp256r1_pem_test.json", (_, test) =>
    {
        var publicKey = test.GetProperty("public").GetString()!;
        if (!test.IsValid() || !PemEncoding.TryFind(publicKey, out var fields))
            return "an invalid PEM, or one of the keys that the binary file has, too: no PEM of a P-256 key is ever read here";
        var info = Convert.FromBase64String(publicKey[fields.Base64Data]);
        if (!info.AsSpan().StartsWith(P256Info))
            return OtherEncoding;
        Assert.True(PemEncoding.TryFind(test.GetProperty("private").GetString()!, out var privateFields));
        using var key = ECDiffieHellman.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(test.GetProperty("private").GetString()![privateFields.Base64Data]), out int _);
        Assert.True(Agrees(info[P256Info.Length..], key.ExportParameters(true).D!, test.Hex("shared")));
        return null;
    });

    private static bool Agrees(byte[] point, byte[] privateKey, byte[] expected)
    {
        EcPoint peer;
        try
        {
            peer = EcPoint.Parse(point);
        }
        catch (MalformedException)
        {
            return false;
        }
        using var scalar = Secret.CopyOf(FixedLength(privateKey));
        foreach (var implementation in EcdhP256Tests.Implementations)
        {
            using var key = implementation.FromScalar(scalar);
            using var shared = key.Agree(peer);
            Assert.Equal(expected, shared.Span.ToArray());
        }
        return true;
    }

    // The file writes private keys as integers of any length.
    private static byte[] FixedLength(byte[] integer)
    {
        var trimmed = integer.SkipWhile(b => b == 0).ToArray();
        return [.. new byte[EcPrivateKey.Size - trimmed.Length], .. trimmed];
    }
}
