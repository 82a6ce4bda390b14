using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A message whose header is fixed and whose ciphertext is still to come.</summary>
public sealed class MessageDraft
{
    private readonly SigningKey _key;

    internal MessageDraft(SigningKey key, EntryHeader header)
    {
        _key = key;
        KeyCommitment = header.KeyCommitment!.Value;
        ProtectedHeader = header.Encode();
    }

    /// <summary>Commitment to the one key the ciphertext is made with.</summary>
    public Hash32 KeyCommitment { get; }

    /// <summary>The associated data of the ciphertext.</summary>
    public ReadOnlyMemory<byte> ProtectedHeader { get; }

    /// <summary>Signs header and ciphertext.</summary>
    public Entry Sign(ReadOnlySpan<byte> ciphertext) => EntryAuthor.Sign(_key, ProtectedHeader.Span, ciphertext);
}
