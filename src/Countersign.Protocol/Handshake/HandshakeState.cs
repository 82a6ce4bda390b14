using System.Buffers;

namespace Countersign.Protocol;

/// <summary>A state of the handshake that awaits exactly one message (HS-04). It is used once: handling the message gives the
/// next state, or ends the handshake.</summary>
/// <typeparam name="TNext">What comes after a right message.</typeparam>
public abstract class HandshakeState<TNext>
{
    private protected HandshakeState(HandshakeContext context)
    {
        Context = context;
        context.Enter(this);
    }

    /// <summary>The largest frame body to accept now (RL-01): the argument for <see cref="Frame.TryRead"/>.</summary>
    public int FrameLimit => Context.FrameLimit;

    /// <summary>Handling the message costs a signature, a key exchange or the verification of certificates, for a peer that has not logged in. A
    /// driver does this where strangers take turns (LI-03), and the rest at once.</summary>
    public virtual bool IsCostly => false;

    private protected HandshakeContext Context { get; }

    /// <summary>Handles one frame.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="now">The time at which certificates are judged.</param>
    /// <exception cref="PeerFaultException">The peer broke a rule: send the handshake's alert with its code, and close.</exception>
    /// <exception cref="PeerAlertException">The peer ended the link: close.</exception>
    /// <exception cref="InvalidOperationException">This state has been used, or the handshake has ended: a bug of the caller.</exception>
    public Step<TNext> Receive(ReadOnlySequence<byte> body, DateTimeOffset now)
    {
        Context.Leave(this);
        try
        {
            var next = Take(Context.Open(body), now);
            return new Step<TNext>(next, Context.TakeOutput());
        }
        catch (PeerAlertException)
        {
            Context.End();
            throw;
        }
        catch (Exception e) when (PeerFaults.From(e) is { } fault)
        {
            Context.Fail(); // HS-04: no state survives
            throw fault;
        }
        catch
        {
            Context.Fail();
            throw;
        }
    }

    /// <summary>Handles one frame.</summary>
    /// <inheritdoc cref="Receive(ReadOnlySequence{byte}, DateTimeOffset)"/>
    public Step<TNext> Receive(ReadOnlyMemory<byte> body, DateTimeOffset now) => Receive(new ReadOnlySequence<byte>(body), now);

    /// <summary>Parses, checks and answers the one message that is expected here.</summary>
    private protected abstract TNext Take(byte[] message, DateTimeOffset now);
}

/// <summary>A point of the handshake where the driver has something to look up or to decide. It, too, is used once.</summary>
public abstract class HandshakeDecision
{
    private protected HandshakeDecision(HandshakeContext context)
    {
        Context = context;
        context.Enter(this);
    }

    private protected HandshakeContext Context { get; }

    /// <summary>Goes on with what was decided.</summary>
    private protected Step<TNext> Decide<TNext>(Func<TNext> next)
    {
        Context.Leave(this);
        try
        {
            var state = next();
            return new Step<TNext>(state, Context.TakeOutput());
        }
        catch (Exception e) when (PeerFaults.From(e) is { } fault)
        {
            Context.Fail();
            throw fault;
        }
        catch
        {
            Context.Fail();
            throw;
        }
    }
}
