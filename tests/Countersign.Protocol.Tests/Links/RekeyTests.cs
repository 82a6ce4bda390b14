using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>Later rekeys (SPEC 4.4, RL-05).</summary>
public sealed class RekeyTests
{
    [Fact]
    public void HS_12_HS_14_a_rekey_changes_both_directions_and_loses_nothing()
    {
        using var ends = new Linked();
        for (var round = 0; round < 3; round++)
        {
            var before = (ends.Server.Receiver.Chain.Transcript, ends.Client.Receiver.Chain.Transcript);
            var id = (ulong)(2 * round + 1);
            // The server has more to say while the rekey is under way, and the client goes on under its old key.
            var (atServer, atClient) = LinkTraffic.Exchange(ends,
                [ends.Client.Receiver.StartRekey(), Outgoing.Of(new ListConversations(id, null))], [Outgoing.Of(new PushPrekeysLow(round))]);
            LinkTraffic.Exchange(ends, [Outgoing.Of(new ListConversations(id + 1, null))]);
            Assert.Single(atServer);
            Assert.Single(atClient);
            Assert.Equal(ends.Server.Receiver.Chain.Transcript, ends.Client.Receiver.Chain.Transcript);
            Assert.NotEqual(before.Item1, ends.Server.Receiver.Chain.Transcript);
            Assert.Equal(1u, ends.Client.Sender.Records);
        }
        Assert.NotEqual(ends.Server.Binding, ends.Server.Receiver.Chain.Transcript);
        Assert.Equal(ends.Server.Binding, ends.Client.Binding);
    }

    [Fact]
    public void HS_14_a_second_start_before_done_is_BAD_MESSAGE()
    {
        using var ends = new Linked();
        var start = ends.Client.Receiver.StartRekey();
        Assert.Throws<InvalidOperationException>(() => ends.Client.Receiver.StartRekey());
        var bodies = Wire.Bodies(Wire.Written(output => ends.Client.Sender.Write([start, start], output)));
        ends.Server.Receiver.Receive(bodies[0], World.Now);
        RecordTests.AssertRefused(ends.Server.Receiver, bodies[1], WireCode.BadMessage);
    }

    [Fact]
    public void HS_14_what_nobody_waits_for_is_BAD_MESSAGE()
    {
        using var initiator = HybridInitiator.Create();
        using var answer = HybridResponder.Respond(initiator.Point, initiator.Key);
        var start = Outgoing.Rekey(new RekeyStart(initiator.Point, initiator.Key), null);
        var reply = Outgoing.Rekey(new RekeyReply(answer.Point, answer.Ciphertext), null);
        var done = Outgoing.Rekey(new RekeyDone(), null);
        foreach (var (message, fromClient) in new[] { (done, true), (reply, true), (start, false), (reply, false), (done, false) })
        {
            using var ends = new Linked();
            var (from, to) = fromClient ? (ends.Client.Sender, (LinkReceiver)ends.Server.Receiver) : (ends.Server.Sender, ends.Client.Receiver);
            RecordTests.AssertRefused(to, Wire.Body(Wire.Written(output => from.Write([message], output))), WireCode.BadMessage);
        }
    }

    [Fact]
    public void HS_14_a_message_of_a_rekey_stands_alone_in_its_record()
    {
        using var initiator = HybridInitiator.Create();
        byte[] start = new RekeyStart(initiator.Point, initiator.Key).Encode();
        foreach (var content in new byte[][] { [.. start, .. new Ping(1).Encode()], [.. new Ping(1).Encode(), .. start] })
        {
            using var ends = new Linked();
            RecordTests.AssertRefused(ends.Server.Receiver, Wire.Body(Wire.Written(output => ends.Client.Sender.Write([Outgoing.Rekey(content, then: null)], output))), WireCode.BadMessage);
        }
    }

    [Fact]
    public void RL_05_a_client_rekeys_after_an_hour()
    {
        using var ends = new Linked();
        Assert.Empty(Beat(ends, World.Now + ClientLinkReceiver.KeyLifetime - TimeSpan.FromSeconds(1)));
        var late = World.Now + ClientLinkReceiver.KeyLifetime;
        var start = Assert.Single(Beat(ends, late));
        Assert.True(start.StandsAlone);
        Assert.Empty(Beat(ends, late)); // one at a time
        var replies = LinkTraffic.Carry(ends.Client.Sender, [start], ends.Server.Receiver, late);
        LinkTraffic.Carry(ends.Client.Sender, LinkTraffic.Carry(ends.Server.Sender, replies, ends.Client.Receiver, late), ends.Server.Receiver, late);
        Assert.Empty(Beat(ends, late + TimeSpan.FromMinutes(59))); // and not again
    }

    [Fact]
    public void RL_05_a_clock_that_is_set_back_by_hours_keeps_no_key_in_use()
    {
        using var ends = new Linked();
        Assert.Single(Beat(ends, World.Now - ClientLinkReceiver.KeyLifetime));
    }

    [Fact]
    public void RL_05_a_client_rekeys_after_many_records_of_either_direction()
    {
        Assert.Equal(1u << 20, RecordLimits.RekeyAfter);
        using var ends = new Linked();
        ends.Client.Receiver.RekeyAfter = 4;
        Assert.Empty(Beat(ends, World.Now)); // welcome and this are 2
        Assert.Empty(Beat(ends, World.Now));
        Assert.Single(Beat(ends, World.Now));

        using var talkative = new Linked();
        talkative.Client.Receiver.RekeyAfter = 4;
        for (var n = 0UL; n < 3; n++)
            talkative.Server.Receiver.Receive(RecordTests.Ping(talkative.Client.Sender, n), World.Now);
        Assert.Single(Beat(talkative, World.Now));
    }

    [Fact]
    public void A5_HS_01_hostile_shares_in_a_later_rekey_end_the_link()
    {
        using var ends = new Linked();
        using var initiator = HybridInitiator.Create();
        var bad = new RekeyStart(initiator.Point, initiator.Key).Encode();
        bad[10] ^= 1; // off the curve
        RecordTests.AssertRefused(ends.Server.Receiver, Wire.Body(Wire.Written(output => ends.Client.Sender.Write([Outgoing.Rekey(bad, then: null)], output))), WireCode.BadMessage);
    }

    /// <summary>A message from the server reaches the client at this time; what the client then wants to send.</summary>
    private static Outgoing[] Beat(Linked ends, DateTimeOffset at) =>
        LinkTraffic.Carry(ends.Server.Sender, [Outgoing.Of(new Pong(0))], ends.Client.Receiver, at);
}
