namespace Countersign.Cryptography;

/// <summary>The sending half of a direction's record keys (SPEC 4.3). One sender, one thread.</summary>
public sealed class RecordSealer : IDisposable
{
    private readonly RecordKey _key;

    /// <summary>Derives the direction's key and iv (SPEC 4.2, keys): nobody else sees them.</summary>
    /// <param name="secret">HS, k_auth or k_chat; stays the caller's.</param>
    /// <param name="direction">The label of secret and direction, such as <see cref="Label.KAuthClientToServer"/>.</param>
    /// <param name="context">The transcript hash the keys are bound to.</param>
    public RecordSealer(Secret secret, Label direction, Hash32 context) : this(RecordKey.Derive(secret, direction, context.Span)) { }

    internal RecordSealer(RecordKey key) => _key = key;

    /// <summary>Records sealed so far.</summary>
    public uint Count => _key.Next;

    /// <summary>Seals the next record.</summary>
    /// <param name="aad">The frame's four length bytes.</param>
    /// <param name="content">The record's content.</param>
    /// <param name="output">Exactly the content's length plus <see cref="RecordLimits.Overhead"/>; may begin where content begins.</param>
    /// <exception cref="InvalidOperationException">The key has protected 2^24 records (RL-05): the caller rekeys long before.</exception>
    public void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> content, Span<byte> output)
    {
        if (output.Length != content.Length + RecordLimits.Overhead)
            throw new ArgumentException("The output has the content's length and the tag's.", nameof(output));
        if (_key.Next >= RecordLimits.MaxRecords)
            throw new InvalidOperationException("RL-05: this key has protected its last record.");
        _key.Seal(aad, content, output);
    }

    /// <summary>For a direction that is silent for a while: it takes less memory, and its next record a moment longer.</summary>
    public void Rest() => _key.Rest();

    public void Dispose() => _key.Dispose();
}
