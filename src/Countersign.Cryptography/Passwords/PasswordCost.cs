namespace Countersign.Cryptography;

/// <summary>What one guess at a password costs: Argon2id's memory and passes, one lane (SPEC 5). One that exists is inside
/// AC-05's limits, so that a server can neither make guessing cheap nor a client's machine stand still.</summary>
public sealed record PasswordCost
{
    public const int MinMemoryKiB = 19456;
    public const int MaxMemoryKiB = 262144;
    public const int MinPasses = 2;
    public const int MaxPasses = 16;

    /// <summary>64 MiB and 3 passes: about a tenth of a second on one core.</summary>
    public static PasswordCost Default { get; } = new(65536, 3);

    /// <summary>The least that AC-05 allows.</summary>
    public static PasswordCost Least { get; } = new(MinMemoryKiB, MinPasses);

    /// <exception cref="ArgumentOutOfRangeException">Outside AC-05's limits.</exception>
    public PasswordCost(int memoryKiB, int passes)
    {
        if (!IsAllowed(memoryKiB, passes))
            throw new ArgumentOutOfRangeException(nameof(memoryKiB), "AC-05: the cost is outside its limits.");
        MemoryKiB = memoryKiB;
        Passes = passes;
    }

    public int MemoryKiB { get; }

    public int Passes { get; }

    /// <summary>The larger of both in memory, and the larger in passes: no guess is cheaper under it than under either.</summary>
    public PasswordCost AtLeast(PasswordCost other) => new(Math.Max(MemoryKiB, other.MemoryKiB), Math.Max(Passes, other.Passes));

    /// <summary>cost = [memory: uint, passes: uint]</summary>
    /// <exception cref="MalformedException">Not this grammar, or outside AC-05's limits.</exception>
    public static PasswordCost Read(CborInput input)
    {
        input.StartArray(2);
        var memoryKiB = input.Int32();
        var passes = input.Int32();
        input.EndArray();
        if (!IsAllowed(memoryKiB, passes))
            throw new MalformedException("AC-05: cost");
        return new PasswordCost(memoryKiB, passes);
    }

    public void Write(CborOutput output) => output.StartArray(2).UInt((ulong)MemoryKiB).UInt((ulong)Passes).EndArray();

    private static bool IsAllowed(int memoryKiB, int passes) =>
        memoryKiB is >= MinMemoryKiB and <= MaxMemoryKiB && passes is >= MinPasses and <= MaxPasses;
}
