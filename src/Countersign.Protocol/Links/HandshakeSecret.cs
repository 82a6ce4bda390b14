using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>HS of SPEC 4.2 and what is derived from it. Ended when k_auth is there (HS-09).</summary>
internal sealed class HandshakeSecret : IDisposable
{
    private const int Size = 32;

    private readonly Secret _secret;
    private readonly Hash32 _hellos;

    /// <param name="hybrid">The exchange's 64 bytes; stays the caller's.</param>
    /// <param name="hellos">th1 = T(server_hello).</param>
    public HandshakeSecret(Secret hybrid, Hash32 hellos)
    {
        _secret = KeySchedule.Extract(Label.Handshake, hybrid.Span);
        _hellos = hellos;
    }

    /// <summary>The keys of the handshake flights.</summary>
    public RecordKeys Keys(Side side) => RecordKeys.Derive(_secret, KeyStage.Handshake, _hellos, side);

    /// <summary>The finished MAC of one side.</summary>
    /// <param name="by">Who sends it.</param>
    /// <param name="proof">T of that side's proof.</param>
    public Hash32 Finished(Side by, Hash32 proof)
    {
        using var key = FinishedKey(by);
        return KeySchedule.Mac(key, proof.Span);
    }

    /// <exception cref="BadMacException">The other side's finished MAC is wrong (HS-07).</exception>
    public void CheckFinished(Side by, Hash32 proof, Hash32 mac)
    {
        using var key = FinishedKey(by);
        KeySchedule.CheckMac(key, proof.Span, mac);
    }

    /// <summary>k_auth's record keys, and the secret that chains the first rekey to it; k_auth itself is gone on return.</summary>
    /// <param name="handshake">th6 = T(client finished).</param>
    /// <param name="side">The end that will use the keys.</param>
    public (RecordKeys Keys, Secret Chain) Authenticated(Hash32 handshake, Side side)
    {
        using var auth = KeySchedule.Derive(_secret, Label.KAuth, handshake.Span, Size);
        return (RecordKeys.Derive(auth, KeyStage.Auth, handshake, side), KeySchedule.Derive(auth, Label.Chain, handshake.Span, Size));
    }

    public void Dispose() => _secret.Dispose();

    private Secret FinishedKey(Side by) =>
        KeySchedule.Derive(_secret, by == Side.Client ? Label.ClientFinished : Label.ServerFinished, _hellos.Span, Size);
}
