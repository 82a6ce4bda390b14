using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Countersign.Faults.Tests;

/// <summary>Chance that can be repeated: each test says its seed, and COUNTERSIGN_FAULT_SEED throws the same dice again.</summary>
internal sealed class Dice
{
    private readonly int _seed = Environment.GetEnvironmentVariable("COUNTERSIGN_FAULT_SEED") is { Length: > 0 } given
        ? int.Parse(given, CultureInfo.InvariantCulture)
        : RandomNumberGenerator.GetInt32(int.MaxValue);

    private long _thrown;

    public Dice() => Say($"COUNTERSIGN_FAULT_SEED={_seed}");

    public static void Say(string what) => TestContext.Current.TestOutputHelper?.WriteLine(what);

    /// <summary>From 0 up to but without <paramref name="below"/>.</summary>
    public int Below(int below)
    {
        Span<byte> input = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(input, _seed);
        BinaryPrimitives.WriteInt64LittleEndian(input[4..], Interlocked.Increment(ref _thrown));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return (int)(BinaryPrimitives.ReadUInt64LittleEndian(hash) % (ulong)below);
    }

    public bool Chance(double probability) => Below(1_000_000) < probability * 1_000_000;

    /// <summary>Chance decides the moment; nothing is expected to have happened by then.</summary>
    public Task SomeTimeAsync(int belowMilliseconds) => Task.Delay(Below(belowMilliseconds));
}
