using System.Security.Cryptography;
using System.Security.Cryptography.Cose;
using System.Text;

namespace Countersign.Evidence.Tests;

/// <summary>The platform's COSE implementation, which shares no code with ours, verifies and makes the same signatures.</summary>
public sealed class CoseOracleTests
{
    [Fact]
    public void EN_03_an_entry_verifies_with_an_independent_implementation()
    {
        var entry = Talk.Started().Message(TestDevice.Alice);
        var message = CoseMessage.DecodeSign1(entry.Bytes.Span);
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(TestDevice.Alice.Key.PublicKey.SubjectPublicKeyInfo, out _);
        Assert.True(message.VerifyEmbedded(key, "countersign/1 entry"u8.ToArray()));
        Assert.False(message.VerifyEmbedded(key, "countersign/1 receipt"u8.ToArray()));
        Assert.Equal(entry.ProtectedHeader.ToArray(), message.RawProtectedHeaders.ToArray());
    }

    [Fact]
    public void EN_06_an_independent_implementation_signs_what_we_verify()
    {
        var entry = RawEntryParts();
        using var key = RSA.Create();
        using (var exported = TestDevice.Alice.Key.ExportPkcs8())
            key.ImportPkcs8PrivateKey(exported.Span, out _);
        var signature = key.SignData(SigStructure(entry.Header, entry.Payload), HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        var bytes = new Cryptography.CborOutput().Tag(18).StartArray(4).Bytes(entry.Header).StartMap(0).EndMap()
            .Bytes(entry.Payload).Bytes(signature).EndArray().ToArray();
        SignedEntry.Verify(Entry.Parse(bytes), TestDevice.Alice.Verified);
    }

    private static (byte[] Header, byte[] Payload) RawEntryParts() =>
        (RawEntry.Header(2, 7), new Cryptography.CborOutput().StartArray(1).Hash(MerkleHash.Empty).EndArray().ToArray());

    private static byte[] SigStructure(byte[] header, byte[] payload) => new Cryptography.CborOutput()
        .StartArray(4).Text("Signature1").Bytes(header).Bytes(Encoding.ASCII.GetBytes("countersign/1 entry")).Bytes(payload).EndArray().ToArray();
}
