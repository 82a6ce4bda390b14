using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The key of exactly one message: 16 bytes (SPEC section 9).</summary>
public sealed class MessageKey : IDisposable
{
    private readonly Secret _key;

    private MessageKey(Secret owned) => (_key, Commitment) = (owned, Hash32.Labelled(Label.KeyCommitment, owned.Span));

    /// <summary>Takes over a key that a chain yielded; the result owns it.</summary>
    /// <param name="key">16 bytes.</param>
    public static MessageKey Own(Secret key) => key.Length == MessageCipher.KeySize
        ? new MessageKey(key)
        : throw new ArgumentException($"A message key has {MessageCipher.KeySize} bytes.", nameof(key));

    /// <summary>kc = H("key commitment", message key): what the message's header signs.</summary>
    public Hash32 Commitment { get; }

    /// <summary>Reads what <see cref="Export"/> gave; the argument stays the caller's.</summary>
    /// <param name="key">16 bytes.</param>
    public static MessageKey Import(Secret key)
    {
        if (key.Length != MessageCipher.KeySize)
            throw new ArgumentException($"A message key has {MessageCipher.KeySize} bytes.", nameof(key));
        return new MessageKey(Secret.CopyOf(key.Span));
    }

    /// <summary>The copy the device keeps encrypted for disclosure (CK-01); the caller owns it.</summary>
    public Secret Export() => Secret.CopyOf(_key.Span);

    /// <summary>Encrypts and signs this key's one message.</summary>
    /// <param name="author">Signs.</param>
    /// <param name="place">Where the entry stands.</param>
    /// <param name="time">The device's clock.</param>
    /// <param name="epoch">The epoch this key's chain belongs to.</param>
    /// <param name="content">What is said.</param>
    public Entry Seal(EntryAuthor author, AuthorPlace place, DateTimeOffset time, EntryHash epoch, MessageContent content)
    {
        var draft = author.Message(place, time, epoch, Commitment);
        using var padded = MessagePadding.Pad(content.Encode());
        return draft.Sign(MessageCipher.Encrypt(_key, draft.ProtectedHeader.Span, padded.Span));
    }

    /// <summary>Opens a message entry with its key. The entry's signature and place are the caller's to have checked.</summary>
    /// <exception cref="MessageUnreadableException">It breaks CK-02 or CK-03.</exception>
    public MessageContent Open(Entry entry)
    {
        var body = entry.Body as MessageBody ?? throw new ArgumentException("Not a message.", nameof(entry));
        if (Commitment != body.KeyCommitment) // CK-02: before the cipher, which two keys may satisfy
            throw new MessageUnreadableException(MessageFault.OtherKey);
        try
        {
            using var padded = MessageCipher.Decrypt(_key, entry.ProtectedHeader.Span, body.Ciphertext.Span);
            return MessageContent.Parse(MessagePadding.Unpad(padded.Span));
        }
        catch (BadCiphertextException e)
        {
            throw new MessageUnreadableException(MessageFault.DoesNotOpen, e);
        }
        catch (MalformedException e)
        {
            throw new MessageUnreadableException(MessageFault.BadContent, e);
        }
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Says nothing about the contents.</summary>
    public override string ToString() => nameof(MessageKey);
}
