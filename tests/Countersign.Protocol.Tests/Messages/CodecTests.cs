using Countersign.Cryptography;
using Countersign.Evidence;
using CsCheck;

namespace Countersign.Protocol.Tests;

/// <summary>Every message has one encoding, and nothing else is taken for it.</summary>
public sealed class CodecTests
{
    private static readonly Dictionary<string, Func<byte[], byte[]>> Handshake = new()
    {
        [nameof(Alert)] = Again<Alert>,
        [nameof(Hello)] = Again<Hello>,
        [nameof(ServerHello)] = Again<ServerHello>,
        [nameof(Certificates)] = Again<Certificates>,
        [nameof(Proof)] = Again<Proof>,
        [nameof(Finished)] = Again<Finished>,
        [nameof(Enrol)] = Again<Enrol>,
        [nameof(Enrolled)] = Again<Enrolled>,
        [nameof(Register)] = Again<Register>,
        [nameof(Registered)] = Again<Registered>,
        [nameof(Login)] = Again<Login>,
        [nameof(Challenge)] = Again<Challenge>,
        [nameof(Response)] = Again<Response>,
        [nameof(LoginOk)] = Again<LoginOk>,
        [nameof(RekeyStart)] = Again<RekeyStart>,
        [nameof(RekeyReply)] = Again<RekeyReply>,
        [nameof(RekeyDone)] = Again<RekeyDone>,
    };

    public static TheoryData<string> Names => [.. Samples.All.Select(sample => sample.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Names))]
    public void CB_05_a_message_parses_and_encodes_to_the_same_bytes(string name)
    {
        foreach (var sample in Samples.All.Where(sample => sample.Name == name))
            Assert.Equal(sample.Bytes, Reparse(name, sample.Bytes));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CB_05_a_cut_or_longer_message_is_refused(string name)
    {
        var bytes = Samples.All.First(sample => sample.Name == name).Bytes;
        for (var length = 0; length < bytes.Length; length += length < 40 || length > bytes.Length - 4 ? 1 : 13)
            Assert.True(IsRefusedOrSame(name, bytes[..length], refusedOnly: true), $"{name} cut to {length}");
        Assert.True(IsRefusedOrSame(name, [.. bytes, 0xff], refusedOnly: true));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CB_01_CB_06_a_changed_message_is_refused_or_is_the_one_encoding_of_another(string name)
    {
        var bytes = Samples.All.First(sample => sample.Name == name).Bytes;
        for (var index = 0; index < bytes.Length; index++)
            Assert.True(IsRefusedOrSame(name, Wire.Flip(bytes, index)), $"{name} changed at {index}");
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Int[0, bytes.Length - 1], Gen.Byte).Sample((first, a, second, b) =>
        {
            var changed = (byte[])bytes.Clone();
            changed[first] = a;
            changed[second] = b;
            return IsRefusedOrSame(name, changed);
        }, iter: 100);
    }

    [Fact]
    public void CB_06_random_bytes_are_refused_or_well_formed() =>
        Gen.Byte.Array[0, 60].Sample(bytes => Handshake.Keys.All(name => IsRefusedOrSame(name, bytes)) && IsRefusedOrSame("session", bytes), iter: 2000);

    [Fact]
    public void Random_session_messages_come_back_equal()
    {
        var hash = Gen.Byte.Array[32].Select(bytes => new Hash32(bytes));
        var conversation = hash.Select(value => new ConversationId(value));
        var device = hash.Select(value => new DeviceId(value));
        var entry = Gen.Byte.Array[1, 300].Select(bytes => new Encoded<Entry>(bytes));
        var receipt = Gen.Byte.Array[1, 1024].Select(bytes => new Encoded<Receipt>(bytes));
        var prekey = Gen.Byte.Array[1, 1024].Select(bytes => new Encoded<Prekey>(bytes));
        var id = Gen.ULong;
        Gen<SessionMessage>[] fromClient =
        [
            id.Select(n => (SessionMessage)new Ping(n)),
            Gen.Select(id, entry, (n, e) => (SessionMessage)new Submit(n, e)),
            Gen.Select(id, conversation, Gen.Bool, (n, c, first) => (SessionMessage)new ListConversations(n, first ? null : c)),
            Gen.Select(id, conversation, Gen.ULong, (n, c, from) => (SessionMessage)new Fetch(n, c, from)),
            Gen.Select(id, device.Array[1, 64], (n, d) => (SessionMessage)new GetCertificates(n, [.. d])),
            Gen.Select(id, device.Array[1, 250], (n, d) => (SessionMessage)new TakePrekeys(n, [.. d])),
            Gen.Select(id, prekey.Array[0, 100], (n, p) => (SessionMessage)new PutPrekeys(n, [.. p])),
            Gen.Select(id, receipt, (n, r) => (SessionMessage)new PutReceipt(n, r)),
            Gen.Select(id, conversation, device, Gen.Bool, (n, c, d, first) => (SessionMessage)new GetReceipts(n, c, first ? null : d)),
            Gen.Select(id, Gen.Int[0, 2592000], (n, seconds) => (SessionMessage)new Invite(n, UserName.Parse("a.b-c"), TimeSpan.FromSeconds(seconds))),
        ];
        Gen<SessionMessage>[] fromServer =
        [
            Gen.Select(id, Gen.Int[1, 23], (n, code) => (SessionMessage)new Refused(n, (WireCode)code)),
            Gen.Select(conversation, Gen.ULong, Gen.Bool, id, (c, size, more, n) => (SessionMessage)new Listed(n, [new(c, size)], more)),
            Gen.Select(id, conversation, Gen.ULong, entry.Array[0, 20], (n, c, from, e) => (SessionMessage)new Fetched(n, c, from, [.. e], null)),
            Gen.Select(id, prekey.Array[0, 20], Gen.Bool, (n, p, gap) => (SessionMessage)new PrekeysTaken(n, [.. p.Select(held => (Encoded<Prekey>?)held), .. gap ? [null] : (Encoded<Prekey>?[])[]])),
            Gen.Select(id, receipt.Array[0, 20], Gen.Bool, (n, r, more) => (SessionMessage)new Receipts(n, [.. r], more)),
            receipt.Array[1, 20].Select(r => (SessionMessage)new PushReceipts([.. r])),
            Gen.Int[0, 200].Select(n => (SessionMessage)new PushPrekeysLow(n)),
        ];
        Gen.OneOf(fromClient).Array[1, 10].Sample(messages => Comes(messages, SessionCodec.ParseFromClient), iter: 200);
        Gen.OneOf(fromServer).Array[1, 10].Sample(messages => Comes(messages, SessionCodec.ParseFromServer), iter: 200);
    }

    [Theory]
    [InlineData("82 01 01", true)]
    [InlineData("82 19 01f4 1a 000186a0", true)]
    [InlineData("82 00 19 03e8", false)]
    [InlineData("82 19 01f5 19 03e8", false)]
    [InlineData("82 02 00", false)]
    [InlineData("82 02 1a 000186a1", false)]
    [InlineData("82 02 1b ffffffffffffffff", false)]
    [InlineData("82 20 19 03e8", false)]
    [InlineData("81 02", false)]
    [InlineData("83 02 19 03e8 01", false)]
    [InlineData("f6", false)]
    [InlineData("", false)]
    public void SE_10_a_welcome_without_room_or_with_room_that_no_server_has_is_refused(string room, bool isTaken)
    {
        var bytes = new Welcome(World.Now, 7, [], PasswordCost.Default, new ConversationRoom(50, 20_000)).Encode();
        var said = Convert.FromHexString(room.Replace(" ", "", StringComparison.Ordinal));
        byte[] changed = [.. bytes[..^6], .. said]; // [50, 20000] has six
        if (said.Length == 0)
            changed[0]--;
        Assert.Equal(!isTaken, IsRefusedOrSame("session", changed, refusedOnly: true));
    }

    [Fact]
    public void CB_06_counts_and_lengths_over_their_limits_are_refused()
    {
        var hash = new DeviceId(Hash32.Sha256([]));
        var conversation = new ConversationId(hash.Value);
        SessionMessage[] over =
        [
            new TakePrekeys(1, Enumerable.Repeat(hash, 251).ToEquatableList()),
            new TakePrekeys(1, []),
            new GetCertificates(1, Enumerable.Repeat(hash, 65).ToEquatableList()),
            new PutPrekeys(1, Enumerable.Repeat(new Encoded<Prekey>(new byte[1]), 101).ToEquatableList()),
            new PutPrekeys(1, [new Encoded<Prekey>(new byte[1025])]),
            new PutReceipt(1, new Encoded<Receipt>(new byte[1025])),
            new PutReceipt(1, new Encoded<Receipt>(Array.Empty<byte>())),
            new Submit(1, new Encoded<Entry>(new byte[131073])),
            new Submit(1, new Encoded<Entry>(Array.Empty<byte>())),
            new Invite(1, UserName.Parse("bob"), TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1)),
            new Listed(1, Enumerable.Repeat(new ListedConversation(conversation, 1), 1001).ToEquatableList(), false),
            new Receipts(1, Enumerable.Repeat(new Encoded<Receipt>(new byte[1]), 251).ToEquatableList(), false),
            new PushReceipts([]),
            new PushCrls([]),
            new PushCrls([.. Enumerable.Repeat(World.Real.Crl, 5)]),
            new PushEntries(conversation, 0, [], Samples.Head),
            new Devices(1, [.. Enumerable.Repeat(World.Real.Alice.Chain, 17)]),
        ];
        foreach (var message in over)
        {
            if (message is IFromClient)
                Assert.Throws<MalformedException>(() => SessionCodec.ParseFromClient(message.Encode()));
            else
                Assert.Throws<MalformedException>(() => SessionCodec.ParseFromServer(message.Encode()));
        }
    }

    [Fact]
    public void A_record_holds_one_to_1024_messages()
    {
        var ping = new Ping(1).Encode();
        Assert.Throws<MalformedException>(() => SessionCodec.ParseFromClient(Array.Empty<byte>()));
        Assert.Equal(1024, SessionCodec.ParseFromClient(Enumerable.Repeat(ping, 1024).SelectMany(bytes => bytes).ToArray()).Count);
        Assert.Throws<MalformedException>(() => SessionCodec.ParseFromClient(Enumerable.Repeat(ping, 1025).SelectMany(bytes => bytes).ToArray()));
    }

    [Fact]
    public void No_message_shows_secrets_in_its_text()
    {
        using var token = InvitationToken.Generate();
        using var record = World.Password.ToRecord();
        var texts = new[]
        {
            new Invited(1, token, World.Now).ToString(), new ChangePassword(1, record, LoginProof.Parse(new byte[32])).ToString(),
            new Register(record).ToString(), new Response(LoginProof.Parse(new byte[32])).ToString(),
        };
        foreach (var text in texts)
        {
            Assert.DoesNotContain(Convert.ToHexStringLower(record.StoredKey.Span), text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("00000000", text, StringComparison.Ordinal);
        }
    }

    private static bool Comes(SessionMessage[] messages, Func<ReadOnlyMemory<byte>, IReadOnlyList<SessionMessage>> parse) =>
        parse(messages.SelectMany(message => message.Encode()).ToArray()).SequenceEqual(messages);

    private static byte[] Again<T>(byte[] bytes) where T : IHandshakeMessage<T> => T.Parse(bytes).Encode();

    private static byte[] Reparse(string name, byte[] bytes)
    {
        if (Handshake.TryGetValue(name, out var again))
            return again(bytes);
        try
        {
            return [.. SessionCodec.ParseFromClient(bytes).SelectMany(message => message.Encode())];
        }
        catch (MalformedException)
        {
            return [.. SessionCodec.ParseFromServer(bytes).SelectMany(message => message.Encode())];
        }
    }

    private static bool IsRefusedOrSame(string name, byte[] bytes, bool refusedOnly = false)
    {
        try
        {
            return Reparse(name, bytes).AsSpan().SequenceEqual(bytes) && !refusedOnly;
        }
        catch (Exception e) when (PeerFaults.From(e) is not null)
        {
            return true;
        }
    }
}
