using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>keys.cbor, read along with the entries: each key is for the message at its position and opens it (BU-17).</summary>
internal sealed class Disclosure(Stream keys, FindingList findings)
{
    private readonly CborSequence _keys = new(keys, MessageKeyItem.MaxBytes);
    private MessageKeyItem? _next;
    private ulong? _last;
    private bool _ended;

    /// <summary>Keys found so far.</summary>
    public ulong Count { get; private set; }

    /// <summary>The text of the message at a position, if its key is there and right. Positions ascend.</summary>
    public MessageContent? Open(ulong position, Entry? entry)
    {
        var key = KeyAt(position);
        if (key is not { } item)
        {
            // CK-03: no key opens what is not of one of the sizes. So a withheld message tells its size class.
            if (entry?.Body is MessageBody message && !MessagePadding.IsSize(message.Ciphertext.Length - MessageCipher.Overhead))
                findings.AddTo(position, Reason.Unreadable, rule: "CK-03");
            return null;
        }
        if (entry?.Body is not MessageBody)
        {
            findings.AddTo(position, Reason.KeyCommitment, rule: "BU-17");
            return null;
        }
        using var secret = Secret.CopyOf(item.Key.Span);
        using var messageKey = MessageKey.Import(secret);
        try
        {
            return messageKey.Open(entry);
        }
        catch (MessageUnreadableException e)
        {
            // CK-02: one ciphertext may open under two keys; the signed commitment is to one.
            findings.AddTo(position, e.Fault == MessageFault.OtherKey ? Reason.KeyCommitment : Reason.Unreadable, rule: "CK-02");
            return null;
        }
    }

    /// <summary>After the last entry: no key may be left.</summary>
    /// <param name="inPlace">False: an entry was not in its place, and positions say nothing any more.</param>
    public void End(bool inPlace)
    {
        if ((KeyAt(ulong.MaxValue, inPlace) is not null || _next is not null) && inPlace)
            findings.Add(new Finding(Reason.KeyCommitment, Member: BundleMember.Keys, Rule: "BU-17"));
    }

    private MessageKeyItem? KeyAt(ulong position, bool inPlace = true)
    {
        while (!_ended && (_next is null || _next.Value.Position < position))
        {
            if (_next is not null && inPlace) // its position was withheld, or is beyond the end
                findings.Add(new Finding(Reason.KeyCommitment, Member: BundleMember.Keys, Rule: "BU-17"));
            Read();
        }
        if (_next is not { } next || next.Position != position)
            return null;
        _next = null;
        return next;
    }

    private void Read()
    {
        _next = null;
        try
        {
            if (!_keys.TryRead(MessageKeyItem.Read, out var item))
            {
                _ended = true;
                return;
            }
            if (item.Position <= _last)
                throw new MalformedException("BU-05: keys");
            (_next, _last) = (item, item.Position);
            Count++;
        }
        catch (MalformedException)
        {
            _ended = true;
            findings.Add(new Finding(Reason.Damaged, Member: BundleMember.Keys, Rule: "BU-05"));
        }
    }
}
