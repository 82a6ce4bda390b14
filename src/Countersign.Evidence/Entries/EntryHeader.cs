using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>
/// <code>
/// header = {
///   1 => -37,  34 => [-16, device],  -65537 => type,
///   ? -65538 => conversation,           ; absent in genesis only
///   -65539 => seq: uint,  -65540 => ts: time,  -65541 => [size: uint, root: hash],
///   ? -65542 => epoch: hash,  ? -65543 => kc: hash,   ; message only
/// }
/// </code>
/// </summary>
internal readonly record struct EntryHeader(
    EntryType Type, DeviceId Author, ConversationId? Conversation, ulong Seq, DateTimeOffset Time, TreeHead Seen,
    EntryHash? Epoch, Hash32? KeyCommitment)
{
    private const long ConversationLabel = -65538;
    private const long SeqLabel = -65539;
    private const long TimeLabel = -65540;
    private const long SeenLabel = -65541;
    private const long EpochLabel = -65542;
    private const long KeyCommitmentLabel = -65543;

    private const int GenesisPairs = 6;
    private const int OrdinaryPairs = 7;
    private const int MessagePairs = 9;

    // EN-02, EN-04: the number of pairs is fixed by the type and each key is asked for by name, so that no other label fits in.
    public static EntryHeader Parse(ReadOnlyMemory<byte> header) => CborInput.Parse(header, static input =>
    {
        var (pairs, author, number) = SignedHeader.Start(input, GenesisPairs, MessagePairs);
        var type = number is >= (int)EntryType.Genesis and <= (int)EntryType.Erase
            ? (EntryType)number
            : throw new MalformedException("EN-04: type");
        if (pairs != PairsOf(type))
            throw new MalformedException("EN-04: header labels");
        ConversationId? conversation = null;
        if (type != EntryType.Genesis)
        {
            input.Key(ConversationLabel);
            conversation = new ConversationId(input.Hash());
        }
        input.Key(SeqLabel);
        var seq = input.UInt();
        input.Key(TimeLabel);
        var time = input.Time();
        input.Key(SeenLabel);
        var seen = TreeHead.Read(input);
        EntryHash? epoch = null;
        Hash32? keyCommitment = null;
        if (type == EntryType.Message)
        {
            input.Key(EpochLabel);
            epoch = new EntryHash(input.Hash());
            input.Key(KeyCommitmentLabel);
            keyCommitment = input.Hash();
        }
        input.EndMap();
        return new EntryHeader(type, new DeviceId(author), conversation, seq, time, seen, epoch, keyCommitment);
    });

    public byte[] Encode()
    {
        var output = SignedHeader.Start(new CborOutput(), PairsOf(Type), Author.Value, (int)Type);
        if (Conversation is { } conversation)
            output.Int(ConversationLabel).Hash(conversation.Value);
        output.Int(SeqLabel).UInt(Seq).Int(TimeLabel).Time(Time);
        Seen.Write(output.Int(SeenLabel));
        if (Type == EntryType.Message)
            output.Int(EpochLabel).Hash(Epoch!.Value.Value).Int(KeyCommitmentLabel).Hash(KeyCommitment!.Value);
        return output.EndMap().ToArray();
    }

    private static int PairsOf(EntryType type) => type switch
    {
        EntryType.Genesis => GenesisPairs,
        EntryType.Message => MessagePairs,
        _ => OrdinaryPairs,
    };
}
