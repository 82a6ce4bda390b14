using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The payloads of SPEC section 7; the grammar of each stands at its record.</summary>
internal static class EntryPayload
{
    public static EntryBody Parse(in EntryHeader header, ReadOnlyMemory<byte> payload) => header.Type switch
    {
        EntryType.Genesis => CborInput.Parse(payload, ReadGenesis),
        EntryType.Join => CborInput.Parse(payload, ReadJoin),
        EntryType.Members => CborInput.Parse(payload, ReadMembers),
        EntryType.Epoch => CborInput.Parse(payload, ReadEpoch),
        EntryType.Message => new MessageBody(header.Epoch!.Value, header.KeyCommitment!.Value, payload),
        EntryType.Close => CborInput.Parse(payload, ReadClose),
        EntryType.Erase => CborInput.Parse(payload, ReadErase),
        _ => throw new ArgumentOutOfRangeException(nameof(header)),
    };

    public static byte[] Encode(EntryBody body) => CborOutput.Encode(output => Write(body, output));

    private static void Write(EntryBody body, CborOutput output)
    {
        switch (body)
        {
            case GenesisBody genesis:
                output.StartArray(4).UInt(1).Text(genesis.Name).Hash(genesis.Nonce);
                WriteList(output, genesis.Members, WriteMember).EndArray();
                break;
            case JoinBody join:
                output.StartArray(1).Hash(join.Conversation.Value).EndArray();
                break;
            case MembersBody members:
                WriteList(output.StartArray(2), members.Added, WriteMember);
                WriteList(output, members.Removed, static (o, device) => o.Hash(device.Value)).EndArray();
                break;
            case EpochBody epoch:
                WriteList(output.StartArray(2).Hash(epoch.Commitment), epoch.Copies, WriteCopy).EndArray();
                break;
            case CloseBody:
                output.StartArray(0).EndArray();
                break;
            case EraseBody erase:
                WriteList(output, erase.Entries, static (o, entry) => o.StartArray(2).UInt(entry.Seq).Hash(entry.Entry.Value).EndArray());
                break;
            default:
                throw new ArgumentException("A message's payload is its ciphertext.", nameof(body));
        }
    }

    private static GenesisBody ReadGenesis(CborInput input)
    {
        input.StartArray(4);
        if (input.UInt() != 1)
            throw new MalformedException("EN-04: genesis version");
        var name = input.Text(ConversationLimits.MaxNameBytes);
        var nonce = input.Hash();
        var members = ReadList(input, 1, ReadMember, static member => member.Device);
        input.EndArray();
        return new GenesisBody(name, nonce, members);
    }

    private static JoinBody ReadJoin(CborInput input)
    {
        input.StartArray(1);
        var conversation = new ConversationId(input.Hash());
        input.EndArray();
        return new JoinBody(conversation);
    }

    private static MembersBody ReadMembers(CborInput input)
    {
        input.StartArray(2);
        var added = ReadList(input, 0, ReadMember, static member => member.Device);
        var removed = ReadList(input, 0, static i => new DeviceId(i.Hash()), static device => device);
        input.EndArray();
        return new MembersBody(added, removed);
    }

    private static EpochBody ReadEpoch(CborInput input)
    {
        input.StartArray(2);
        var commitment = input.Hash();
        var copies = ReadList(input, 1, ReadCopy, static copy => copy.Device);
        input.EndArray();
        return new EpochBody(commitment, copies);
    }

    private static CloseBody ReadClose(CborInput input)
    {
        input.StartArray(0);
        input.EndArray();
        return new CloseBody();
    }

    private static EraseBody ReadErase(CborInput input)
    {
        var entries = new ErasedEntry[input.StartArray(1, EraseBody.MaxEntries)];
        for (var i = 0; i < entries.Length; i++)
        {
            input.StartArray(2);
            entries[i] = new ErasedEntry(input.UInt(), new EntryHash(input.Hash()));
            input.EndArray();
            if (i > 0 && entries[i - 1].Seq >= entries[i].Seq)
                throw new MalformedException("EN-04: sequence numbers not ascending");
        }
        input.EndArray();
        return new EraseBody(entries);
    }

    private static Member ReadMember(CborInput input)
    {
        input.StartArray(2);
        var member = new Member(UserName.Read(input), new DeviceId(input.Hash()));
        input.EndArray();
        return member;
    }

    private static void WriteMember(CborOutput output, Member member) =>
        output.StartArray(2).Text(member.User.ToString()).Hash(member.Device.Value).EndArray();

    private static SealedCopy ReadCopy(CborInput input)
    {
        input.StartArray(4);
        var copy = new SealedCopy(
            new DeviceId(input.Hash()), new PrekeyId(input.Hash()),
            HpkeSealed.Parse(input.Bytes(EcPoint.Size).Span, input.Bytes(SealedCopy.CiphertextSize).Span));
        input.EndArray();
        return copy;
    }

    private static void WriteCopy(CborOutput output, SealedCopy copy) =>
        output.StartArray(4).Hash(copy.Device.Value).Hash(copy.Prekey.Value)
            .Bytes(copy.Sealed.EncapsulatedKey.Span).Bytes(copy.Sealed.Ciphertext.Span).EndArray();

    private static T[] ReadList<T>(CborInput input, int min, Func<CborInput, T> read, Func<T, DeviceId> device)
    {
        var list = new T[input.StartArray(min, ConversationLimits.MaxMembers)];
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = read(input);
            if (i > 0 && device(list[i - 1]).CompareTo(device(list[i])) >= 0)
                throw new MalformedException("EN-04: devices not ascending");
        }
        input.EndArray();
        return list;
    }

    private static CborOutput WriteList<T>(CborOutput output, IReadOnlyList<T> list, Action<CborOutput, T> write)
    {
        output.StartArray(list.Count);
        foreach (var item in list)
            write(output, item);
        return output.EndArray();
    }
}
