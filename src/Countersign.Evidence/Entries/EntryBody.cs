using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What an entry says beyond its header: one sealed record for each type of SPEC section 7.</summary>
public abstract record EntryBody
{
    private protected EntryBody() { }

    public abstract EntryType Type { get; }

    /// <summary>The members that it makes: a genesis' or a members entry's.</summary>
    public virtual IReadOnlyList<Member> Named => [];
}

/// <summary>member = [user, device].</summary>
public sealed record Member(UserName User, DeviceId Device);

/// <summary>genesis-payload = [1, name, nonce: bstr .size 32, [1*500 member]].</summary>
/// <param name="Name">At most 128 bytes of UTF-8; remote text, to be sanitised before it is shown.</param>
/// <param name="Nonce">32 random bytes, so that no two conversations share an id.</param>
/// <param name="Members">Ascending by device, none twice.</param>
public sealed record GenesisBody(string Name, Hash32 Nonce, IReadOnlyList<Member> Members) : EntryBody
{
    public override EntryType Type => EntryType.Genesis;
    public override IReadOnlyList<Member> Named => Members;
}

/// <summary>join-payload = [conversation].</summary>
public sealed record JoinBody(ConversationId Conversation) : EntryBody
{
    public override EntryType Type => EntryType.Join;
}

/// <summary>members-payload = [added: [*500 member], removed: [*500 device]], each ascending by device, none twice.</summary>
public sealed record MembersBody(IReadOnlyList<Member> Added, IReadOnlyList<DeviceId> Removed) : EntryBody
{
    public override EntryType Type => EntryType.Members;
    public override IReadOnlyList<Member> Named => Added;
}

/// <summary>sealed = [device, prekey: hash, enc: bstr .size 65, ct: bstr .size 48]: one member's copy of the epoch secret.</summary>
public sealed record SealedCopy(DeviceId Device, PrekeyId Prekey, HpkeSealed Sealed)
{
    /// <summary>Length of the ciphertext: 32 bytes of secret and the tag.</summary>
    public const int CiphertextSize = 48;
}

/// <summary>epoch-payload = [commitment: hash, [1*500 sealed]], ascending by device, none twice.</summary>
public sealed record EpochBody(Hash32 Commitment, IReadOnlyList<SealedCopy> Copies) : EntryBody
{
    public override EntryType Type => EntryType.Epoch;
}

/// <summary>A message: its ciphertext is the payload itself; epoch and key commitment stand in the header.</summary>
/// <param name="Epoch">Entry hash of the epoch entry whose members are the audience.</param>
/// <param name="KeyCommitment">H("key commitment", message key).</param>
/// <param name="Ciphertext">AES-128-GCM ciphertext and tag.</param>
public sealed record MessageBody(EntryHash Epoch, Hash32 KeyCommitment, ReadOnlyMemory<byte> Ciphertext) : EntryBody
{
    public override EntryType Type => EntryType.Message;
}

/// <summary>erase-payload = [1*256 [seq: uint, entry: hash]], ascending by seq, none twice: the author's own messages whose
/// keys every device destroys (EN-19). The entries stay.</summary>
public sealed record EraseBody(IReadOnlyList<ErasedEntry> Entries) : EntryBody
{
    /// <summary>Most entries that one erase entry names.</summary>
    public const int MaxEntries = 256;

    public override EntryType Type => EntryType.Erase;
}

/// <summary>[seq: uint, entry: hash]: one entry of the author's own.</summary>
public readonly record struct ErasedEntry(ulong Seq, EntryHash Entry);

/// <summary>close-payload = [].</summary>
public sealed record CloseBody : EntryBody
{
    public override EntryType Type => EntryType.Close;
}
