using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Builds and signs entries of one device. It keeps no state: the caller stores each entry's bytes durably before
/// it sends them, and resends the same bytes (EN-17).</summary>
/// <remarks>The key stays its owner's. What SPEC's grammar does not allow is an ArgumentException.</remarks>
public sealed class EntryAuthor(SigningKey key, DeviceId device)
{
    public DeviceId Device => device;

    /// <summary>Founds a conversation; its id is <see cref="Entry.Conversation"/> of the result.</summary>
    /// <param name="name">At most 128 bytes of UTF-8.</param>
    /// <param name="members">1 to 500 with this device among them, in any order.</param>
    /// <param name="time">The device's clock.</param>
    public Entry Genesis(string name, IEnumerable<Member> members, DateTimeOffset time)
    {
        var header = new EntryHeader(EntryType.Genesis, device, null, 1, time, TreeHead.Empty, null, null);
        var nonce = new Hash32(RandomNumberGenerator.GetBytes(Hash32.Size));
        return Sign(header, new GenesisBody(name, nonce, Ascending(members)));
    }

    public Entry Join(AuthorPlace place, DateTimeOffset time) =>
        Sign(Header(EntryType.Join, place, time), new JoinBody(place.Conversation));

    /// <summary>Changes the membership; both lists in any order.</summary>
    public Entry Members(AuthorPlace place, DateTimeOffset time, IEnumerable<Member> added, IEnumerable<DeviceId> removed) =>
        Sign(Header(EntryType.Members, place, time), new MembersBody(Ascending(added), [.. removed.Order()]));

    /// <param name="place">Where the entry stands.</param>
    /// <param name="time">The device's clock.</param>
    /// <param name="commitment">Commitment to the epoch secret.</param>
    /// <param name="copies">One for each member device, in any order.</param>
    public Entry Epoch(AuthorPlace place, DateTimeOffset time, Hash32 commitment, IEnumerable<SealedCopy> copies) =>
        Sign(Header(EntryType.Epoch, place, time), new EpochBody(commitment, [.. copies.OrderBy(static copy => copy.Device)]));

    /// <summary>Begins a message: its ciphertext authenticates the header, so the header comes first.</summary>
    public MessageDraft Message(AuthorPlace place, DateTimeOffset time, EntryHash epoch, Hash32 keyCommitment) =>
        new(key, Header(EntryType.Message, place, time) with { Epoch = epoch, KeyCommitment = keyCommitment });

    public Entry Close(AuthorPlace place, DateTimeOffset time) => Sign(Header(EntryType.Close, place, time), new CloseBody());

    /// <summary>Asks every device to destroy the keys of this device's own messages (EN-19).</summary>
    /// <param name="place">Where the entry stands.</param>
    /// <param name="time">The device's clock.</param>
    /// <param name="entries">1 to 256 of this device's accepted messages, in any order.</param>
    public Entry Erase(AuthorPlace place, DateTimeOffset time, IEnumerable<ErasedEntry> entries) =>
        Sign(Header(EntryType.Erase, place, time), new EraseBody([.. entries.OrderBy(static entry => entry.Seq)]));

    private EntryHeader Header(EntryType type, AuthorPlace place, DateTimeOffset time) =>
        new(type, device, place.Conversation, place.Seq, time, place.Seen, null, null);

    private static Member[] Ascending(IEnumerable<Member> members) => [.. members.OrderBy(static member => member.Device)];

    private Entry Sign(EntryHeader header, EntryBody body) => Sign(key, header.Encode(), EntryPayload.Encode(body));

    internal static Entry Sign(SigningKey key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var bytes = CoseSign1.Sign(key, Label.Entry, header, payload);
        try
        {
            return Entry.Parse(bytes); // what we would not accept ourselves never leaves
        }
        catch (EntryRefusedException e)
        {
            throw new ArgumentException("Not an entry that SPEC section 7 allows.", e);
        }
    }
}
