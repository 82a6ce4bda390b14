using System.Buffers;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol.Tests;

/// <summary>The established link: order, direction, ends.</summary>
public sealed class LinkTests
{
    [Fact]
    public void Messages_travel_both_ways_and_a_ping_is_answered()
    {
        using var ends = new Linked();
        var (atServer, atClient) = LinkTraffic.Exchange(ends,
            [Outgoing.Of(new ListConversations(1, null)), Outgoing.Of(new Ping(7))], [Outgoing.Of(new PushPrekeysLow(2))]);
        Assert.Equal([new ListConversations(1, null)], atServer);
        Assert.Equal([new PushPrekeysLow(2), new Pong(7)], atClient);
    }

    [Fact]
    public void RL_04_halves_that_have_rested_go_on_with_their_numbers_also_after_a_rekey()
    {
        using var ends = new Linked();
        var seen = new HashSet<string>();
        for (var round = 0UL; round < 4; round++)
        {
            ends.Client.Sender.Rest();
            ends.Client.Receiver.Rest();
            ends.Server.Sender.Rest();
            ends.Server.Receiver.Rest();
            if (round == 2)
                LinkTraffic.Exchange(ends, [ends.Client.Receiver.StartRekey()]);
            var records = ends.Client.Sender.Records;
            var ping = Wire.Body(Wire.Written(output => ends.Client.Sender.Write(new Ping(7), output)));
            Assert.True(seen.Add(Convert.ToHexString(ping)), "one plaintext, another nonce or key");
            Assert.Equal(records + 1, ends.Client.Sender.Records);
            var replies = ends.Server.Receiver.Receive(ping, World.Now).Replies;
            Assert.Empty(LinkTraffic.Carry(ends.Server.Sender, [.. replies], ends.Client.Receiver, World.Now));
        }
    }

    [Fact]
    public void SE_01_ids_ascend_by_one_from_one()
    {
        using var ends = new Linked();
        LinkTraffic.Exchange(ends, [Outgoing.Of(new ListConversations(1, null)), Outgoing.Of(new ListConversations(2, null))]);
        AssertServerRefuses(ends, new ListConversations(2, null));
        foreach (var first in new ulong[] { 0, 2 })
        {
            using var fresh = new Linked();
            AssertServerRefuses(fresh, new ListConversations(first, null));
        }
    }

    [Fact]
    public void SE_01_a_second_ready_or_welcome_is_BAD_MESSAGE()
    {
        using var ends = new Linked();
        AssertServerRefuses(ends, new Ready());
        AssertClientRefuses(ends, new Welcome(World.Now, 0, [], PasswordCost.Least, ConversationRoom.Largest));
    }

    [Fact]
    public void HS_04_each_side_sends_its_own_messages_only()
    {
        var id = 0UL;
        foreach (var message in Samples.SessionMessages().Where(message => message is not (Ready or Welcome)))
        {
            using var ends = new Linked();
            if (message is not IFromClient)
                AssertServerRefuses(ends, message);
            if (message is not IFromServer)
                AssertClientRefuses(ends, message);
            id++;
        }
        Assert.True(id > 25);
    }

    [Fact]
    public void RL_02_SE_07_only_bye_makes_an_orderly_end()
    {
        using var ends = new Linked();
        Assert.Throws<TruncatedException>(() => ends.Server.Receiver.StreamEnded(default));
        var bye = Wire.Body(Wire.Written(ends.Client.Sender.Bye));
        Assert.IsType<Bye>(Assert.Single(ends.Server.Receiver.Receive(bye, World.Now).Messages));
        Assert.True(ends.Server.Receiver.HasSaidBye);
        ends.Server.Receiver.StreamEnded(default);
        Assert.Throws<TruncatedException>(() => ends.Server.Receiver.StreamEnded(new ReadOnlySequence<byte>([0])));
        Assert.Throws<InvalidOperationException>(() => ends.Client.Sender.Write(new Ping(1), new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void SE_07_nothing_may_follow_bye()
    {
        using var ends = new Linked();
        AssertServerRefuses(ends, new Bye(), new Ping(1));
    }

    [Fact]
    public void ER_01_an_alert_goes_under_the_keys_in_force_once_and_is_not_answered()
    {
        using var ends = new Linked();
        var alert = Wire.Body(Wire.Written(output => ends.Server.Sender.Alert(WireCode.SigFail, output)));
        Assert.NotEqual(new Alert(WireCode.SigFail).Encode(), alert);
        var heard = Assert.Throws<PeerAlertException>(() => ends.Client.Receiver.Receive(alert, World.Now));
        Assert.Equal(WireCode.SigFail, heard.Code);
        Assert.True(heard.IsAuthenticated);
        Assert.Null(PeerFaults.From(heard));
        Assert.True(Wire.Written(output => ends.Server.Sender.Alert(WireCode.Internal, output)).IsEmpty);
    }

    [Fact]
    public void ER_03_an_alert_in_the_clear_after_keys_is_DECRYPT_FAIL()
    {
        using var ends = new Linked();
        RecordTests.AssertRefused(ends.Client.Receiver, new Alert(WireCode.Shutdown).Encode(), WireCode.DecryptFail);

        using var server = new ServerWalker();
        using var client = new ClientWalker();
        client.Receive(server.Receive(client.First)[0]);
        Assert.Equal(WireCode.DecryptFail, Assert.Throws<PeerFaultException>(() => client.Receive(new Alert(WireCode.Busy).Encode())).Code);
    }

    [Fact]
    public void ER_01_before_keys_an_alert_is_in_the_clear_and_proves_nothing()
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var heard = Assert.Throws<PeerAlertException>(() => client.Receive(Wire.Body(server.Alert(WireCode.Busy))));
        Assert.Equal(WireCode.Busy, heard.Code);
        Assert.False(heard.IsAuthenticated);
        Assert.True(client.Alert(WireCode.BadMessage).IsEmpty, "an alert is not answered");
    }

    [Fact]
    public void Messages_are_packed_into_few_records_inside_the_limits()
    {
        using var ends = new Linked();
        var pings = Enumerable.Range(0, 1500).Select(n => Outgoing.Of(new Ping((ulong)n))).ToArray();
        Assert.Equal(2, Wire.Bodies(Wire.Written(output => ends.Client.Sender.Write(pings, output))).Count);

        var large = Enumerable.Range(1, 5).Select(n => Outgoing.Of(new Submit((ulong)n, new Encoded<Entry>(new byte[131072])))).ToArray();
        var bodies = Wire.Bodies(Wire.Written(output => ends.Client.Sender.Write(large, output)));
        Assert.Equal(5, bodies.Count);
        Assert.All(bodies, body => Assert.True(body.Length <= Frame.ChatLimit));
    }

    [Fact]
    public void A_message_without_secrets_takes_no_memory_to_be_queued()
    {
        var message = new Pong(1);
        var first = Outgoing.Of(message);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var second = Outgoing.Of(message);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(first, second);
    }

    [Fact]
    public void A_message_that_does_not_fit_a_record_is_the_senders_bug() =>
        Assert.Throws<ArgumentException>(() => Outgoing.Of(new PutPrekeys(1, Enumerable.Repeat(new Encoded<Prekey>(new byte[3000]), 100).ToEquatableList())));

    private static void AssertServerRefuses(Linked ends, params SessionMessage[] messages) =>
        AssertRefused(ends.Client.Sender, ends.Server.Receiver, messages);

    private static void AssertClientRefuses(Linked ends, params SessionMessage[] messages) =>
        AssertRefused(ends.Server.Sender, ends.Client.Receiver, messages);

    private static void AssertRefused(LinkSender from, LinkReceiver to, SessionMessage[] messages)
    {
        var outgoing = messages.Select(Outgoing.Of).ToArray();
        RecordTests.AssertRefused(to, Wire.Body(Wire.Written(output => from.Write(outgoing, output))), WireCode.BadMessage);
    }
}
