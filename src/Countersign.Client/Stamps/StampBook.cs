using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>What came of a stamped head.</summary>
internal enum StampOutcome
{
    /// <summary>Kept, or refused for good.</summary>
    Settled,

    /// <summary>It cannot be judged yet: a revocation list is missing or too old. To be asked for again.</summary>
    NotYet,

    /// <summary>The entries below it are missing: fetch, then try again.</summary>
    Behind,

    /// <summary>A certificate of the server signed it that this device does not know: learn it, then try again.</summary>
    UnknownSigner,
}

/// <summary>Stamped heads: each is checked like any head of the server, and its token against the root, before it is kept (TS-09).</summary>
internal sealed class StampBook(ClientState state, Session session, Intake intake)
{
    /// <summary>Takes one stamped head.</summary>
    public StampOutcome Take(StampedHead stamp)
    {
        if (!IsWanted(stamp.Head.Conversation))
            return StampOutcome.Settled;
        if (Signer(stamp.SignedHead) is not { } signer)
            return StampOutcome.UnknownSigner;
        if (Verify(stamp.SignedHead, signer) is not { } head)
            return StampOutcome.Settled;
        // A head is a head: what it contradicts is misconduct, with or without a token (RC-02, RC-07).
        if (intake.Take(stamp.Head.Conversation, 0, [], head) is var taken && taken != IntakeResult.Held)
            return taken == IntakeResult.Gap ? StampOutcome.Behind : StampOutcome.Settled;
        lock (state.Gate)
            return Keep(stamp, head);
    }

    /// <summary>Null for one whose token does not parse: it is dropped like one that does not verify.</summary>
    /// <exception cref="NotConnectedException">The head does not: that is the server's fault, and the link has ended.</exception>
    public StampedHead? TryParse(Encoded<StampedHead> encoded)
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

    private StampOutcome Keep(StampedHead stamp, VerifiedHead head)
    {
        try
        {
            state.Devices.Verify(stamp, head);
            state.Store.Stamps.Put(stamp.Head.Conversation, stamp.Head.Size, stamp.Encode());
            return StampOutcome.Settled;
        }
        catch (TimeStampRefusedException e)
        {
            // TS-09: as if it had not come.
            return e.InnerException is CertificateRefusedException { Fault: CertificateFault.RevocationMissing or CertificateFault.RevocationStale }
                ? StampOutcome.NotYet
                : StampOutcome.Settled;
        }
    }

    private bool IsWanted(ConversationId id)
    {
        lock (state.Gate)
            return state.Find(id) is { Distrust: null };
    }

    // RC-02: the link's server, or an earlier certificate of it.
    private Func<VerifiedServer?>? Signer(SignedHead head)
    {
        if (head.Batch.Signer == session.Server.Leaf.Fingerprint)
            return () => session.Server;
        CertificateChain? chain;
        lock (state.Gate)
            chain = state.Store.Certificates.Server(head.Batch.Signer);
        if (chain is null)
            return null;
        return () =>
        {
            lock (state.Gate)
                return state.Devices.EarlierServer(chain, session.Server.Name, head.Batch.Time);
        };
    }

    private VerifiedHead? Verify(SignedHead head, Func<VerifiedServer?> signer)
    {
        try
        {
            return signer() is { } server ? head.Verify(server) : null;
        }
        catch (HeadRefusedException e)
        {
            throw session.Fail(new PeerFaultException(WireCode.SigFail, "RC-02", e));
        }
    }
}
