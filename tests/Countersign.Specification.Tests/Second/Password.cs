using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Specification.Tests.Second;

/// <summary>SPEC 5's account record, a second time, over another Argon2id than the product's.</summary>
internal sealed class Password
{
    private readonly byte[] _clientKey;

    public Password(string text, byte[] salt, object?[] cost)
    {
        (Salt, Cost) = (salt, cost);
        var argon = new Argon2BytesGenerator();
        argon.Init(new Argon2Parameters.Builder(Argon2Parameters.Argon2id).WithVersion(Argon2Parameters.Version13)
            .WithSalt(salt).WithMemoryAsKB((int)(long)cost[0]!).WithIterations((int)(long)cost[1]!).WithParallelism(1).Build());
        var salted = new byte[32];
        argon.GenerateBytes(Encoding.UTF8.GetBytes(text.Normalize(NormalizationForm.FormC)), salted);
        _clientKey = HMACSHA256.HashData(salted, Label("scram client"));
        StoredKey = SHA256.HashData(_clientKey);
        ServerKey = HMACSHA256.HashData(salted, Label("scram server"));
    }

    private Password(Password other, object?[] cost) =>
        (Salt, Cost, StoredKey, ServerKey, _clientKey) = (other.Salt, cost, other.StoredKey, other.ServerKey, other._clientKey);

    /// <summary>SE-05: the proof, by this password, for <paramref name="next"/> in its place.</summary>
    public byte[] Change(byte[] link, Password next) => Proof(Concat(Label("password change"), [0], link,
        SHA256.HashData(Concat(next.Salt, Cbor.Encode(next.Cost), next.StoredKey, next.ServerKey))));

    /// <summary>The same keys under a cost that was not paid: a server cannot tell.</summary>
    public Password Claiming(params object?[] cost) => new(this, cost);

    public byte[] Salt { get; }
    public object?[] Cost { get; }
    public byte[] StoredKey { get; }
    public byte[] ServerKey { get; }

    public byte[] Proof(byte[] auth)
    {
        var mask = HMACSHA256.HashData(StoredKey, auth);
        return [.. _clientKey.Zip(mask, (a, b) => (byte)(a ^ b))];
    }
}
