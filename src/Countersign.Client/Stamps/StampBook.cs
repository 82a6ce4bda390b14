using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Stamped heads: each is checked like any head of the server, and its token against the root, before it is kept (TS-09).</summary>
internal sealed class StampBook(ClientState state, Session session, Intake intake)
{
    /// <summary>Takes one stamped head.</summary>
    /// <returns>A conversation whose entries must be fetched before its stamp can be judged; null otherwise.</returns>
    public ConversationId? Take(Encoded<StampedHead> encoded)
    {
        if (TryParse(encoded) is not { } stamp || !IsWanted(stamp.Head.Conversation) || TryVerify(stamp.SignedHead) is not { } head)
            return null;
        // A head is a head: what it contradicts is misconduct, with or without a token (RC-02, RC-07).
        if (intake.Take(stamp.Head.Conversation, 0, [], head, session.ServerNow) is var taken && taken != IntakeResult.Held)
            return taken == IntakeResult.Gap ? stamp.Head.Conversation : null;
        lock (state.Gate)
            Keep(stamp, head);
        return null;
    }

    /// <summary>Where the page after this stamped head begins; 0 for one that does not parse.</summary>
    public ulong SizeAfter(Encoded<StampedHead> last) => TryParse(last) is { } stamp ? stamp.Head.Size + 1 : 0;

    private void Keep(StampedHead stamp, VerifiedHead head)
    {
        try
        {
            state.Devices.Verify(stamp, head);
            state.Store.Stamps.Put(stamp.Head.Conversation, stamp.Head.Size, stamp.Encode());
        }
        catch (TimeStampRefusedException)
        {
            // TS-09: as if it had not come.
        }
    }

    private bool IsWanted(ConversationId id)
    {
        lock (state.Gate)
            return state.Find(id) is { Distrust: null };
    }

    // A token that does not parse is dropped like one that does not verify; a head that does not is the server's fault.
    private StampedHead? TryParse(Encoded<StampedHead> encoded)
    {
        try
        {
            return StampedHead.Parse(encoded.Bytes.ToArray());
        }
        catch (TimeStampRefusedException)
        {
            return null;
        }
        catch (HeadRefusedException e)
        {
            throw session.Fail(new PeerFaultException(WireCode.BadMessage, "RC-01", e));
        }
    }

    // One that an earlier certificate of the server signed cannot be judged here: an auditor with that certificate can.
    private VerifiedHead? TryVerify(SignedHead head)
    {
        try
        {
            return head.Verify(session.Server);
        }
        catch (HeadRefusedException e) when (e.Fault == HeadFault.OtherSigner)
        {
            return null;
        }
        catch (HeadRefusedException e)
        {
            throw session.Fail(new PeerFaultException(WireCode.SigFail, "RC-02", e));
        }
    }
}
