using CsCheck;

namespace Countersign.Cryptography.Tests;

public sealed class RecordTests
{
    private static readonly byte[] Aad = [0, 0, 0, 20];

    [Fact]
    public void RL_04_records_open_in_their_order_and_direction()
    {
        using var pair = new Pair();
        for (byte i = 0; i < 10; i++)
            Assert.Equal([i, 7], pair.Open(pair.Seal([i, 7])));
        Assert.Equal(10u, pair.Sealer.Count);
        Assert.Equal(10u, pair.Opener.Count);
        Assert.Empty(pair.Open(pair.Seal([])));
    }

    [Fact]
    public void RL_04_a_key_that_has_rested_goes_on_with_the_next_number()
    {
        using var pair = new Pair();
        var numbers = new List<string>();
        for (byte i = 0; i < 3; i++)
        {
            var record = pair.Seal([7]);
            numbers.Add(Convert.ToHexString(record));
            Assert.Equal([7], pair.Open(record));
            pair.Sealer.Rest();
            pair.Opener.Rest();
        }
        Assert.Equal(3, numbers.Distinct().Count()); // one plaintext, three nonces
        Assert.Throws<BadRecordException>(() => pair.Open(Convert.FromHexString(numbers[0])));
        pair.Sealer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Seal([7]));
    }

    [Fact]
    public void RL_04_any_other_sequence_than_the_sent_one_is_refused() =>
        Gen.Int[0, 6].Array[1, 8].Sample(order =>
        {
            using var pair = new Pair();
            var records = Enumerable.Range(0, 7).Select(i => pair.Seal([(byte)i])).ToArray();
            for (var place = 0; place < order.Length; place++)
            {
                if (order[place] == place)
                {
                    Assert.Equal([(byte)place], pair.Open(records[place]));
                    continue;
                }
                Assert.Throws<BadRecordException>(() => pair.Open(records[order[place]])); // A6: again, missing, reordered
                // Nothing opens any more, not even the right one.
                Assert.Throws<BadRecordException>(() => pair.Open(records[Math.Min(place, 6)]));
                break;
            }
        }, iter: 300);

    [Fact]
    public void RL_04_every_changed_bit_is_refused()
    {
        using var reference = new Pair();
        var record = reference.Seal([1, 2, 3]);
        for (var bit = 0; bit < 8 * record.Length; bit++)
        {
            using var pair = new Pair();
            var changed = pair.Seal([1, 2, 3]);
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<BadRecordException>(() => pair.Open(changed));
        }
    }

    [Fact]
    public void RL_04_a_changed_length_a_cut_and_an_extension_are_refused()
    {
        foreach (var change in new Func<byte[], byte[]>[] { r => r[..^1], r => r[1..], r => [.. r, 0], r => r[..15], _ => [] })
        {
            using var pair = new Pair();
            var changed = change(pair.Seal([1, 2, 3]));
            Assert.Throws<BadRecordException>(() => pair.Open(changed));
        }
        using var other = new Pair();
        var body = other.Seal([1, 2, 3]);
        Assert.Throws<BadRecordException>(() => other.Opener.Open([0, 0, 0, 21], body, new byte[3]));
    }

    [Fact]
    public void RL_04_a_reflected_record_is_refused() // A9
    {
        using var secret = Secret.Random(32);
        using var sealer = new RecordSealer(secret, Label.KChatClientToServer, default);
        using var opener = new RecordOpener(secret, Label.KChatServerToClient, default);
        var body = new byte[17];
        sealer.Seal(Aad, [1], body);
        Assert.Throws<BadRecordException>(() => opener.Open(Aad, body, new byte[1]));
    }

    [Fact]
    public void RL_04_records_of_another_transcript_or_secret_are_refused()
    {
        using var secret = Secret.Random(32);
        using var otherSecret = Secret.Random(32);
        using var sealer = new RecordSealer(secret, Label.KChatClientToServer, Hash32.Sha256([1]));
        var body = new byte[17];
        sealer.Seal(Aad, [1], body);
        foreach (var opener in new[]
        {
            new RecordOpener(secret, Label.KChatClientToServer, Hash32.Sha256([2])),
            new RecordOpener(secret, Label.KAuthClientToServer, Hash32.Sha256([1])),
            new RecordOpener(otherSecret, Label.KChatClientToServer, Hash32.Sha256([1])),
        })
            using (opener)
                Assert.Throws<BadRecordException>(() => opener.Open(Aad, body, new byte[1]));
        using var right = new RecordOpener(secret, Label.KChatClientToServer, Hash32.Sha256([1]));
        right.Open(Aad, body, new byte[1]);
    }

    [Fact]
    public void RL_05_a_key_protects_its_last_record_and_none_after_it()
    {
        using var pair = new Pair(RecordLimits.MaxRecords - 1);
        var last = pair.Seal([1]);
        Assert.Throws<InvalidOperationException>(() => pair.Seal([2]));
        Assert.Equal([1], pair.Open(last));
        Assert.Throws<BadRecordException>(() => pair.Open(last));
    }

    [Fact]
    public void RL_05_the_receiver_ends_although_the_sender_goes_on()
    {
        using var pair = new Pair(RecordLimits.MaxRecords);
        var beyond = new byte[17];
        pair.SealingKey.Seal(Aad, [1], beyond);
        Assert.Throws<BadRecordException>(() => pair.Open(beyond));
    }

    [Fact]
    public void RL_05_the_counter_takes_part_in_every_nonce()
    {
        // 16-bit carries included: no two of these numbers give the same ciphertext.
        var seen = new HashSet<string>();
        foreach (var number in new uint[] { 0, 1, 255, 256, 257, 65535, 65536, 65537, RecordLimits.MaxRecords - 1 })
        {
            using var pair = new Pair(number);
            Assert.True(seen.Add(Convert.ToHexString(pair.Seal([0, 0, 0, 0]))));
        }
    }

    [Fact]
    public void The_caller_gives_the_right_room()
    {
        using var pair = new Pair();
        Assert.Throws<ArgumentException>(() => pair.Sealer.Seal(Aad, [1], new byte[16]));
        Assert.Throws<ArgumentException>(() => pair.Opener.Open(Aad, new byte[17], new byte[2]));
    }

    [Fact]
    public void Sealing_in_place_is_the_same()
    {
        using var pair = new Pair();
        var buffer = new byte[19];
        buffer[0] = 9;
        pair.Sealer.Seal(Aad, buffer.AsSpan(0, 3), buffer);
        Assert.Equal([9, 0, 0], pair.Open(buffer));
    }

    [Fact]
    public void RL_Wycheproof_AES_GCM() => VectorRun.Wycheproof("aes_gcm_test.json", (group, test) =>
    {
        if (group.GetProperty("keySize").GetInt32() != 128)
            return "a key of 192 or 256 bits: the one suite has AES-128";
        if (group.GetProperty("ivSize").GetInt32() != 96)
            return "a nonce of another length than 96 bits: ours are counters of 96";
        byte[] body = [.. test.Hex("ct"), .. test.Hex("tag")];
        var content = new byte[body.Length - 16];
        using var key = test.Secret("key");
        using var opener = new RecordOpener(new RecordKey(key, test.Secret("iv"))); // number 0: the nonce is the iv
        if (!test.IsValid())
        {
            Assert.Throws<BadRecordException>(() => opener.Open(test.Hex("aad"), body, content));
            return null;
        }
        opener.Open(test.Hex("aad"), body, content);
        Assert.Equal(test.Hex("msg"), content);

        using var sealer = new RecordSealer(new RecordKey(key, test.Secret("iv")));
        var output = new byte[body.Length];
        sealer.Seal(test.Hex("aad"), content, output);
        Assert.Equal(body, output);
        return null;
    });

    private sealed class Pair : IDisposable
    {
        private static readonly byte[] Key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        private static readonly byte[] Iv = [.. Enumerable.Range(100, 12).Select(i => (byte)i)];

        public Pair(uint first = 0)
        {
            SealingKey = new RecordKey(Secret.CopyOf(Key), Secret.CopyOf(Iv), first);
            Sealer = new RecordSealer(SealingKey);
            Opener = new RecordOpener(new RecordKey(Secret.CopyOf(Key), Secret.CopyOf(Iv), first));
        }

        public RecordKey SealingKey { get; }

        public RecordSealer Sealer { get; }

        public RecordOpener Opener { get; }

        public byte[] Seal(byte[] content)
        {
            var body = new byte[content.Length + RecordLimits.Overhead];
            Sealer.Seal(Aad, content, body);
            return body;
        }

        public byte[] Open(byte[] body)
        {
            var content = new byte[Math.Max(0, body.Length - RecordLimits.Overhead)];
            Opener.Open(Aad, body, content);
            return content;
        }

        public void Dispose()
        {
            Sealer.Dispose();
            Opener.Dispose();
        }
    }
}
