using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Countersign.Testing;
using CsCheck;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Countersign.Cryptography.Tests;

/// <summary>libsodium runs no published Argon2 vector: it has one lane, 16-byte salts, no secret and no associated data, and
/// the vectors have another number of one of these. So a second implementation runs the published vectors, and libsodium
/// must agree with it wherever both can go.</summary>
public sealed partial class Argon2VectorTests
{
    private const string OtherVariant = "Argon2i or Argon2d, or version 1.0: SPEC 5 has Argon2id 1.3 alone";

    [Fact]
    public void AC_published_hashes_by_the_second_implementation()
    {
        using var json = VectorRun.Read("argon2/phc_test_c_hashtests.json");
        VectorRun.Each("argon2/phc_test_c_hashtests.json", json.RootElement.GetProperty("cases"), one =>
        {
            if (one.GetProperty("type").GetString() != "Argon2_id" || one.GetProperty("version").GetInt32() != 19)
                return OtherVariant;
            var hash = Second(
                Encoding.ASCII.GetBytes(one.GetProperty("password").GetString()!),
                Encoding.ASCII.GetBytes(one.GetProperty("salt").GetString()!),
                1 << one.GetProperty("m_log2_KiB").GetInt32(),
                one.GetProperty("t").GetInt32(),
                one.GetProperty("p").GetInt32());
            Assert.Equal(one.Hex("raw_hex"), hash);
            return null;
        });
    }

    [Fact]
    public void AC_published_known_answer_by_the_second_implementation()
    {
        var lines = File.ReadAllLines(Path.Combine(VectorRun.Root(), "argon2", "kats", "argon2id"));
        byte[] Field(string name) => Convert.FromHexString(lines.First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(": ")[1].Replace(" ", ""));
        var cost = Cost().Match(lines[3]);
        int Number(int group) => int.Parse(cost.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
        var hash = Second(Field("Password["), Field("Salt["), Number(1), Number(2), Number(3), Field("Secret["), Field("Associated data["));
        Assert.Equal(Field("Tag:"), hash);
        ValidationPage.Count("argon2/kats/argon2id", nameof(AC_published_known_answer_by_the_second_implementation), 1, []);
    }

    [Fact]
    public void AC_libsodium_agrees_with_the_second_implementation() =>
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Byte.Array[16], Gen.Int[8, 300], Gen.Int[1, 4], Gen.Int[16, 80])
            .Sample((password, salt, memoryKiB, passes, length) =>
            {
                using var hash = Argon2.Hash(password, salt, memoryKiB, passes, length);
                Assert.Equal(Second(password, salt, memoryKiB, passes, 1, length: length), hash.Span.ToArray());
            }, iter: 60);

    [Fact]
    public void AC_05_libsodium_agrees_at_the_least_cost_of_SPEC()
    {
        var salt = Salt16.Parse(Enumerable.Range(0, 16).Select(i => (byte)i).ToArray());
        using var password = Secret.CopyOf("correct horse"u8);
        using var hash = Argon2.Hash(password, salt, PasswordCost.Least);
        Assert.Equal(Second("correct horse"u8.ToArray(), salt.Span.ToArray(), 19456, 2, 1), hash.Span.ToArray());
    }

    private static byte[] Second(byte[] password, byte[] salt, int memoryKiB, int passes, int lanes, byte[]? secret = null, byte[]? data = null, int length = 32)
    {
        var builder = new Argon2Parameters.Builder(Argon2Parameters.Argon2id)
            .WithVersion(Argon2Parameters.Version13)
            .WithIterations(passes)
            .WithMemoryAsKB(memoryKiB)
            .WithParallelism(lanes)
            .WithSalt(salt);
        if (secret is not null)
            builder.WithSecret(secret);
        if (data is not null)
            builder.WithAdditional(data);
        var generator = new Argon2BytesGenerator();
        generator.Init(builder.Build());
        var output = new byte[length];
        generator.GenerateBytes(password, output);
        return output;
    }

    [GeneratedRegex("Memory: ([0-9]+) KiB, Iterations: ([0-9]+), Parallelism: ([0-9]+) lanes")]
    private static partial Regex Cost();
}
