using System.Collections.Concurrent;
using System.Globalization;
using Countersign.Cryptography;

namespace Countersign.Testing;

/// <summary>RSA keys made once per test process, for generating one takes long: the least size that SPEC allows.</summary>
public static class TestKeys
{
    private static readonly ConcurrentDictionary<string, Lazy<SigningKey>> Keys = new();

    /// <summary>The key with this number: the same one for the same number, shared by all tests, never to be disposed.</summary>
    public static SigningKey Get(int number) => Named(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same by name.</summary>
    public static SigningKey Named(string name) => Keys.GetOrAdd(name, static _ => new(() => SigningKey.Generate(2048))).Value;

    /// <summary>The same key for somebody who disposes it.</summary>
    public static SigningKey Copy(string name)
    {
        using var exported = Named(name).ExportPkcs8();
        return SigningKey.ImportPkcs8(exported);
    }
}
