using System.Formats.Cbor;
using System.Text.Json;

namespace Countersign.Cryptography.Tests;

public sealed class CoseVectorTests
{
    private const string Examples = "cose/cose-wg-Examples/";
    private const string AnotherAlgorithm = "another signature algorithm than PS256; it is refused, which is what was checked";

    // RSA-PSS under COSE_Sign: the structure is not ours, the primitive over the given ToBeSigned is.
    [Fact]
    public void EN_02_rsa_pss_examples() => VectorRun.Folder(Examples + "rsa-pss-examples", "*.json", (_, json) =>
    {
        Assert.Throws<MalformedException>(() => CoseSign1.Parse(Cbor(json), 1000));
        var signer = json.GetProperty("input").GetProperty("sign").GetProperty("signers")[0];
        if (signer.GetProperty("protected").GetProperty("alg").GetString() != "RSA-PSS-256")
            return AnotherAlgorithm;
        var key = signer.GetProperty("key");
        var signed = json.GetProperty("intermediates").GetProperty("signers")[0].Hex("ToBeSign_hex");
        RsaPssVectorTests.KeyOf(RsaPssVectorTests.Number(key.Hex("n_hex")), RsaPssVectorTests.Number(key.Hex("e_hex")))
            .VerifyHash(Hash32.Sha256(signed), SignatureOfFirstSigner(Cbor(json)));
        return null;
    });

    [Fact]
    public void EN_01_sign1_tests() => VectorRun.Folder(Examples + "sign1-tests", "*.json", (_, json) =>
    {
        // All are ECDSA: none may be taken, right or wrong.
        Assert.Throws<MalformedException>(() => CoseSign1.Parse(Cbor(json), 1000));
        return null;
    });

    [Fact]
    public void EN_01_sign_tests() => VectorRun.Folder(Examples + "sign-tests", "*.json", (_, json) =>
    {
        Assert.Throws<MalformedException>(() => CoseSign1.Parse(Cbor(json), 1000));
        return null;
    });

    [Fact]
    public void EN_02_gluecose_verification() => VectorRun.Folder("cose/gluecose", "sign1-verify-*.json", (_, json) =>
    {
        var message = json.GetProperty("sign1::verify");
        var bytes = message.GetProperty("taggedCOSESign1").Hex("cborHex");
        Assert.Throws<MalformedException>(() => CoseSign1.Parse(bytes, 1000)); // EN-01: each has an unprotected kid
        if (json.GetProperty("alg").GetString() != "PS256")
            return AnotherAlgorithm;

        var (protectedHeader, payload, signature) = Parts(bytes);
        Verify(json, CoseSign1.SigStructure([], protectedHeader, payload), signature);
        CoseSign1.Parse(Rebuilt(protectedHeader, payload, signature), 1000); // without the kid it is of our form
        return null;
    });

    [Fact]
    public void EN_03_gluecose_signing() => VectorRun.Folder("cose/gluecose", "sign1-sign-*.json", (_, json) =>
    {
        // Whatever the algorithm: Sig_structure of our making is the one they publish.
        var input = json.GetProperty("sign1::sign");
        var aad = input.TryGetProperty("external", out var external) ? Convert.FromHexString(external.GetString()!) : [];
        var built = CoseSign1.SigStructure(aad, input.GetProperty("protectedHeaders").Hex("cborHex"), input.Hex("payload"));
        Assert.Equal(input.GetProperty("tbsHex").Hex("cborHex"), built);
        return null;
    });

    private static void Verify(JsonElement json, byte[] signed, Signature signature)
    {
        var key = json.GetProperty("key");
        RsaPssVectorTests.KeyOf(Base64Url(key, "n"), Base64Url(key, "e")).VerifyHash(Hash32.Sha256(signed), signature);
    }

    private static System.Numerics.BigInteger Base64Url(JsonElement key, string name) =>
        RsaPssVectorTests.Number(System.Buffers.Text.Base64Url.DecodeFromChars(key.GetProperty(name).GetString()!));

    private static byte[] Cbor(JsonElement json) => json.GetProperty("output").Hex("cbor");

    private static (byte[] Header, byte[] Payload, Signature Signature) Parts(byte[] bytes)
    {
        var reader = new CborReader(bytes);
        reader.ReadTag();
        reader.ReadStartArray();
        var header = reader.ReadByteString();
        reader.SkipValue();
        return (header, reader.ReadByteString(), Signature.Parse(reader.ReadByteString()));
    }

    private static byte[] Rebuilt(byte[] header, byte[] payload, Signature signature) => new CborOutput()
        .Tag(18).StartArray(4).Bytes(header).StartMap(0).EndMap().Bytes(payload).Bytes(signature.Span).EndArray().ToArray();

    private static Signature SignatureOfFirstSigner(byte[] bytes)
    {
        var reader = new CborReader(bytes);
        reader.ReadTag();
        reader.ReadStartArray();
        for (var i = 0; i < 3; i++)
            reader.SkipValue();
        reader.ReadStartArray();
        reader.ReadStartArray();
        reader.SkipValue();
        reader.SkipValue();
        return Signature.Parse(reader.ReadByteString());
    }
}
