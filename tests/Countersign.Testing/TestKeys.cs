using System.Collections.Concurrent;
using Countersign.Cryptography;

namespace Countersign.Testing;

/// <summary>RSA keys made once per test process, for generating one takes long: the least size that SPEC allows.</summary>
public static class TestKeys
{
    private static readonly ConcurrentDictionary<int, Lazy<SigningKey>> Keys = new();

    /// <summary>The key with this number: the same one for the same number, shared by all tests, never to be disposed.</summary>
    public static SigningKey Get(int number) => Keys.GetOrAdd(number, _ => new Lazy<SigningKey>(() => SigningKey.Generate(2048))).Value;
}
