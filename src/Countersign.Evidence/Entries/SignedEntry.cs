using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>An entry whose signature is proved to be its named author's (EN-06). Whether the author may say this here is
/// for <see cref="Conversation.Check(SignedEntry, IDeviceDirectory, DateTimeOffset)"/>.</summary>
/// <remarks>Independent of every conversation's state, so that many can be verified at once.</remarks>
public sealed class SignedEntry
{
    private SignedEntry(Entry entry, VerifiedDevice author) => (Entry, Author) = (entry, author);

    public Entry Entry { get; }

    /// <summary>The certified device that signed it.</summary>
    public VerifiedDevice Author { get; }

    /// <param name="entry">Parsed, unverified.</param>
    /// <param name="author">The device the entry's x5t names: the caller resolved it, with its certificate judged at the time
    /// of acceptance.</param>
    /// <exception cref="EntryRefusedException">BadSignature.</exception>
    /// <exception cref="ArgumentException">Another device than x5t names: a bug of the caller.</exception>
    public static SignedEntry Verify(Entry entry, VerifiedDevice author)
    {
        if (author.Leaf.Fingerprint != entry.Author.Value)
            throw new ArgumentException("The entry names another device.", nameof(author));
        try
        {
            entry.VerifySignature(author.Leaf.PublicKey); // EN-06
        }
        catch (BadSignatureException e)
        {
            throw new EntryRefusedException(EntryFault.BadSignature, "EN-06", e);
        }
        return new SignedEntry(entry, author);
    }
}
