using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class EntryFormTests
{
    private static byte[] JoinPayload => new CborOutput().StartArray(1).Hash(MerkleHash.Empty).EndArray().ToArray();

    [Fact]
    public void EN_01_tag_empty_unprotected_map_and_attached_payload_are_required()
    {
        Entry.Parse(RawEntry.Cose(o => o.StartMap(0).EndMap(), o => o.Bytes(JoinPayload))); // the control
        RawEntry.Malformed(RawEntry.Cose(o => o.StartMap(0).EndMap(), o => o.Bytes(JoinPayload), tag: false));
        RawEntry.Malformed(RawEntry.Cose(o => o.StartMap(1).Int(4).Bytes([1]).EndMap(), o => o.Bytes(JoinPayload)));
        RawEntry.Malformed(RawEntry.Cose(o => o.StartMap(0).EndMap(), o => o.Null()));
    }

    [Fact]
    public void EN_02_another_algorithm_hash_or_label_is_refused()
    {
        Entry.Parse(RawEntry.Join());
        var cose = RawEntry.Cose(o => o.StartMap(0).EndMap(), o => o.Bytes(JoinPayload));
        var at = cose.AsSpan().IndexOf(new byte[] { 0x01, 0x38, 0x24 }); // 1: -37
        cose[at + 2] = 0x25; // -38 is PS384
        RawEntry.Malformed(cose);
        RawEntry.Malformed(RawEntry.Join(RawEntry.Header(2, 7, hash: -44)));
        RawEntry.Malformed(RawEntry.Join(RawEntry.Header(2, 8, more: o => o.Int(-65600).UInt(0))));
    }

    [Fact]
    public void EN_02_crit_is_refused_wherever_it_stands()
    {
        byte[] withCrit = new CborOutput().StartMap(8).Int(1).Int(-37)
            .Int(2).StartArray(1).Int(-65600).EndArray()
            .Int(34).StartArray(2).Int(-16).Hash(MerkleHash.Empty).EndArray()
            .Int(-65537).UInt(2).Int(-65538).Hash(MerkleHash.Empty).Int(-65539).UInt(1).Int(-65540).UInt(0)
            .Int(-65541).StartArray(2).UInt(1).Hash(MerkleHash.Empty).EndArray().EndMap().ToArray();
        RawEntry.Malformed(RawEntry.Join(withCrit));
    }

    [Fact]
    public void EN_03_a_signature_for_another_purpose_is_none()
    {
        foreach (var purpose in Enum.GetValues<Label>())
        {
            var cose = CoseSign1.Sign(TestDevice.Alice.Key, purpose, RawEntry.Header(2, 7), JoinPayload);
            var entry = Entry.Parse(cose);
            if (purpose == Label.Entry)
                SignedEntry.Verify(entry, TestDevice.Alice.Verified);
            else
                Refused.With(EntryFault.BadSignature, "EN-06", () => SignedEntry.Verify(entry, TestDevice.Alice.Verified));
        }
    }

    [Fact]
    public void EN_04_each_type_has_exactly_its_header_labels()
    {
        RawEntry.Malformed(RawEntry.Join(RawEntry.Header(2, 6, conversation: false)));
        RawEntry.Malformed(RawEntry.Sign(RawEntry.Header(1, 7), [0x80]));
        RawEntry.Malformed(RawEntry.Sign(RawEntry.Header(5, 7), [1]));
        RawEntry.Malformed(RawEntry.Join(RawEntry.Header(2, 9, more: o => o.Int(-65542).Hash(MerkleHash.Empty).Int(-65543).Hash(MerkleHash.Empty))));
        RawEntry.Malformed(RawEntry.Sign(RawEntry.Header(5, 8, more: o => o.Int(-65542).Hash(MerkleHash.Empty)), [1]));
        Entry.Parse(RawEntry.Sign(RawEntry.Header(5, 9, more: o => o.Int(-65542).Hash(MerkleHash.Empty).Int(-65543).Hash(MerkleHash.Empty)), [1]));
    }

    [Theory, InlineData(0), InlineData(7), InlineData(16), InlineData(17), InlineData(18), InlineData(19)]
    public void EN_04_only_the_six_types_are_entries(int type) => RawEntry.Malformed(RawEntry.Join(RawEntry.Header(type, 7)));

    [Fact]
    public void EN_04_nothing_may_follow_header_payload_or_entry()
    {
        RawEntry.Malformed([.. RawEntry.Join(), 0]);
        RawEntry.Malformed(RawEntry.Join([.. RawEntry.Header(2, 7), 0]));
        RawEntry.Malformed(RawEntry.Sign(RawEntry.Header(2, 7), [.. JoinPayload, 0]));
    }

    [Fact]
    public void EN_04_sizes_are_bounded_before_parsing()
    {
        Refused.With(EntryFault.TooLarge, "EN-04", () => Entry.Parse(new byte[ConversationLimits.MaxEntryBytes + 1]));
        var header = RawEntry.Header(5, 9, more: o => o.Int(-65542).Hash(MerkleHash.Empty).Int(-65543).Hash(MerkleHash.Empty));
        var overhead = RawEntry.Sign(header, new byte[40000]).Length - 40000;
        Assert.Equal(ConversationLimits.MaxMessageEntryBytes,
            Entry.Parse(RawEntry.Sign(header, new byte[ConversationLimits.MaxMessageEntryBytes - overhead])).Bytes.Length);
        var oneMore = RawEntry.Sign(header, new byte[ConversationLimits.MaxMessageEntryBytes - overhead + 1]);
        Refused.With(EntryFault.TooLarge, "EN-04", () => Entry.Parse(oneMore));
    }

    [Fact]
    public void EN_04_lists_are_ascending_without_repetition_and_bounded()
    {
        var (a, b) = (new DeviceId(new Hash32([.. new byte[31], 1])), new DeviceId(new Hash32([.. new byte[31], 2])));
        Entry.Parse(Removing([a, b]));
        RawEntry.Malformed(Removing([b, a]));
        RawEntry.Malformed(Removing([a, a]));
        Entry.Parse(Removing(Many(500)));
        RawEntry.Malformed(Removing(Many(501)));
    }

    [Fact]
    public void EN_04_genesis_is_bounded_in_name_and_members()
    {
        var alice = TestDevice.Alice;
        alice.Author.Genesis(new string('x', 128), [alice.Member], TestDevice.Now);
        Assert.Throws<ArgumentException>(() => alice.Author.Genesis(new string('x', 129), [alice.Member], TestDevice.Now));
        Assert.Throws<ArgumentException>(() => alice.Author.Genesis("", [], TestDevice.Now));
        Assert.Throws<ArgumentException>(() => alice.Author.Genesis("", [alice.Member, alice.Member], TestDevice.Now));
    }

    [Fact]
    public void CE_13_a_member_name_outside_the_grammar_is_refused()
    {
        RawEntry.Malformed(Naming("../alice"));
        Entry.Parse(Naming("alice"));

        static byte[] Naming(string user) => RawEntry.Sign(RawEntry.Header(3, 7), new CborOutput().StartArray(2)
            .StartArray(1).StartArray(2).Text(user).Hash(MerkleHash.Empty).EndArray().EndArray()
            .StartArray(0).EndArray().EndArray().ToArray());
    }

    [Fact]
    public void A7_A17_every_byte_of_every_type_of_entry_counts()
    {
        var talk = Talk.Started();
        var message = talk.Message(TestDevice.Alice);
        talk.Server.Take(message);
        talk.Server.Take(TestDevice.Alice.Author.Erase(talk.Place(TestDevice.Alice), TestDevice.Now, [new ErasedEntry(message.Seq, message.Hash)]));
        talk.Server.Take(talk.Members(TestDevice.Alice, removed: [TestDevice.Bob]));
        talk.Server.Take(talk.Close(TestDevice.Alice));
        Assert.Equal(Enum.GetValues<EntryType>(), talk.Server.Entries.Select(e => e.Type).Distinct().Order());
        foreach (var entry in talk.Server.Entries)
            for (var at = 0; at < entry.Bytes.Length; at++)
                AssertChangeIsRefused(entry, at);

        static void AssertChangeIsRefused(Entry entry, int at)
        {
            var bytes = entry.Bytes.ToArray();
            bytes[at] ^= (byte)(1 << at % 8);
            var author = entry.Author == TestDevice.Alice.Id ? TestDevice.Alice : TestDevice.Bob;
            var refusal = Assert.ThrowsAny<Exception>(() => SignedEntry.Verify(Entry.Parse(bytes), author.Verified));
            Assert.True(refusal is EntryRefusedException { Fault: EntryFault.Malformed or EntryFault.BadSignature or EntryFault.TooLarge }
                or ArgumentException, $"{entry.Type} byte {at}: {refusal}"); // ArgumentException: x5t now names somebody else
        }
    }

    [Fact]
    public void An_entry_round_trips_through_its_bytes()
    {
        var talk = Talk.Started();
        var message = talk.Message(TestDevice.Bob, "text");
        var parsed = Entry.Parse(message.Bytes);
        Assert.Equal((EntryType.Message, TestDevice.Bob.Id, talk.Conversation.Id, 2UL), (parsed.Type, parsed.Author, parsed.Conversation, parsed.Seq));
        Assert.Equal((TestDevice.Now, talk.Conversation.Head.Tree), (parsed.Time, parsed.Seen));
        Assert.Equal(Assert.IsType<MessageBody>(message.Body) with { Ciphertext = default }, Assert.IsType<MessageBody>(parsed.Body) with { Ciphertext = default });
        Assert.Equal("text"u8.ToArray(), ((MessageBody)parsed.Body).Ciphertext.ToArray()[..4]);
        var epoch = (EpochBody)talk.Server.Entries[2].Body;
        Assert.Equal(talk.Conversation.Members.Devices, epoch.Copies.Select(c => c.Device));
        Assert.Equal(talk.Genesis.Conversation, ConversationId.OfGenesis(talk.Genesis.Bytes.Span));
    }

    private static byte[] Removing(IEnumerable<DeviceId> devices)
    {
        var list = devices.ToList();
        var output = new CborOutput().StartArray(2).StartArray(0).EndArray().StartArray(list.Count);
        foreach (var device in list)
            output.Hash(device.Value);
        return RawEntry.Sign(RawEntry.Header(3, 7), output.EndArray().EndArray().ToArray());
    }

    private static IEnumerable<DeviceId> Many(int count) =>
        Enumerable.Range(0, count).Select(i => new DeviceId(new Hash32([.. new byte[30], (byte)(i >> 8), (byte)i])));
}
