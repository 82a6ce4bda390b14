using NSec.Cryptography;

namespace Countersign.Cryptography;

/// <summary>Argon2id, version 1.3, one lane (RFC 9106), by libsodium.</summary>
internal static class Argon2
{
    /// <summary>The 32-byte tag, owned by the caller. <see cref="PasswordCost"/> has bounded the cost.</summary>
    public static Secret Hash(Secret password, Salt16 salt, PasswordCost cost) =>
        Hash(password.Span, salt.Span, cost.MemoryKiB, cost.Passes, Hash32.Size);

    /// <summary>The same without our limits, for published test vectors.</summary>
    internal static Secret Hash(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, long memoryKiB, long passes, int length)
    {
        var algorithm = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters
        {
            DegreeOfParallelism = 1,
            MemorySize = memoryKiB,
            NumberOfPasses = passes,
        });
        return Secret.Create(length, new Input(algorithm, password, salt), static (output, input) =>
            input.Algorithm.DeriveBytes(input.Password, input.Salt, output));
    }

    private readonly ref struct Input(PasswordBasedKeyDerivationAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt)
    {
        public readonly PasswordBasedKeyDerivationAlgorithm Algorithm = algorithm;
        public readonly ReadOnlySpan<byte> Password = password;
        public readonly ReadOnlySpan<byte> Salt = salt;
    }
}
