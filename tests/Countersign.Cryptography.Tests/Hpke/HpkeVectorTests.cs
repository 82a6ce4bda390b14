using System.Security.Cryptography;
using System.Text.Json;

namespace Countersign.Cryptography.Tests;

/// <summary>The published vectors of RFC 9180. Modes: 0 base, 1 psk, 2 auth, 3 auth_psk.</summary>
public sealed class HpkeVectorTests
{
    private const int Base = 0, Psk = 1;

    [Fact]
    public void CK_RFC_9180_every_intermediate_value_of_our_suite()
    {
        using var json = VectorRun.Read("hpke/test-vectors.json");
        VectorRun.Each("hpke/test-vectors.json", json.RootElement, vector =>
        {
            if (Number(vector, "kem_id") != 16)
                return "another KEM than DHKEM(P-256, HKDF-SHA256)";
            if (Number(vector, "mode") is not (Base or Psk))
                return "an authenticated mode: its KEM takes the sender's key, too, which SPEC 9 has no use for";
            CheckKeyDerivation(vector);
            CheckKem(vector); // the same for every KDF and AEAD, and for the mode with a shared key
            if (Number(vector, "kdf_id") == 1 && Number(vector, "aead_id") == 1 && Number(vector, "mode") == Base)
                CheckKeySchedule(vector);
            return null;
        });
    }

    [Fact]
    public void CK_RFC_9180_encryptions_of_our_suite()
    {
        using var json = VectorRun.Read("hpke/test-vectors.json");
        var ours = json.RootElement.EnumerateArray().Single(v =>
            Number(v, "kem_id") == 16 && Number(v, "kdf_id") == 1 && Number(v, "aead_id") == 1 && Number(v, "mode") == Base);
        using var skE = ours.Secret("skEm");
        using var skR = ours.Secret("skRm");
        using var ephemeral = EcPrivateKey.Import(skE);
        using var recipient = EcPrivateKey.Import(skR);
        var first = true;
        VectorRun.Each("hpke/test-vectors.json", ours.GetProperty("encryptions"), encryption =>
        {
            if (!first)
                return "a second and later message of one context: ours seal once";
            first = false;
            var message = Hpke.Seal(ephemeral, recipient.Point, ours.Hex("info"), encryption.Hex("aad"), encryption.Hex("pt"));
            Assert.Equal(ours.Hex("enc"), message.EncapsulatedKey.Span.ToArray());
            Assert.Equal(encryption.Hex("ct"), message.Ciphertext.ToArray());
            using var opened = Hpke.Open(recipient, HpkeSealed.Parse(ours.Hex("enc"), encryption.Hex("ct")), ours.Hex("info"), encryption.Hex("aad"));
            Assert.Equal(encryption.Hex("pt"), opened.Span.ToArray());
            return null;
        });
    }

    // RFC 9180 section 7.1.3: the vectors' keys come from seeds. Ours are random, so that this is here alone.
    private static void CheckKeyDerivation(JsonElement vector)
    {
        foreach (var (seed, key, point) in new[] { ("ikmE", "skEm", "pkEm"), ("ikmR", "skRm", "pkRm") })
        {
            byte[] suite = [.. "KEM"u8, 0, 16];
            using var prk = HpkeKdf.LabeledExtract(suite, [], "dkp_prk"u8, vector.Hex(seed));
            using var scalar = HpkeKdf.LabeledExpand(suite, prk, "candidate"u8, [0], 32);
            using var derived = EcPrivateKey.Import(scalar);
            Assert.Equal(vector.Hex(key), scalar.Span.ToArray());
            Assert.Equal(vector.Hex(point), derived.Point.Span.ToArray());
        }
    }

    private static void CheckKem(JsonElement vector)
    {
        using var skE = vector.Secret("skEm");
        using var skR = vector.Secret("skRm");
        using var ephemeral = EcPrivateKey.Import(skE);
        using var recipient = EcPrivateKey.Import(skR);
        using var encapsulated = HpkeKem.Encapsulate(ephemeral, recipient.Point);
        using var decapsulated = HpkeKem.Decapsulate(EcPoint.Parse(vector.Hex("enc")), recipient);
        Assert.Equal(vector.Hex("shared_secret"), encapsulated.Span.ToArray());
        Assert.Equal(vector.Hex("shared_secret"), decapsulated.Span.ToArray());
    }

    private static void CheckKeySchedule(JsonElement vector)
    {
        using var shared = vector.Secret("shared_secret");
        using var context = HpkeContext.Base(shared, vector.Hex("info"));
        Assert.Equal(vector.Hex("key_schedule_context"), context.ScheduleContext.ToArray());
        Assert.Equal(vector.Hex("key"), context.Key.Span.ToArray());
        Assert.Equal(vector.Hex("base_nonce"), context.BaseNonce.Span.ToArray());

        using var secret = HpkeKdf.LabeledExtract(HpkeContext.Suite, shared.Span, "secret"u8, []);
        using var exporter = HpkeKdf.LabeledExpand(HpkeContext.Suite, secret, "exp"u8, context.ScheduleContext.Span, 32);
        Assert.Equal(vector.Hex("secret"), secret.Span.ToArray());
        Assert.Equal(vector.Hex("exporter_secret"), exporter.Span.ToArray());
        foreach (var export in vector.GetProperty("exports").EnumerateArray())
        {
            using var value = HpkeKdf.LabeledExpand(HpkeContext.Suite, exporter, "sec"u8, export.Hex("exporter_context"), Number(export, "L"));
            Assert.Equal(export.Hex("exported_value"), value.Span.ToArray());
        }
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
