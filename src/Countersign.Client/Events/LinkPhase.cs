using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>The phases of enrolment and link, each reported when it is over: a closed set. Fingerprints only, never keys.</summary>
public abstract record LinkPhase
{
    private LinkPhase() { }

    public sealed record Connected(ServerAddress Address) : LinkPhase;

    /// <summary>Path, validity, name, usage, revocation, proof of possession and finished MAC were checked, in this order (HS-05).</summary>
    public sealed record ServerVerified(ServerName Server, Hash32 Certificate, Hash32 Root) : LinkPhase;

    /// <summary>An RSA key pair was made on this device.</summary>
    public sealed record KeyMade(int Bits) : LinkPhase;

    /// <summary>The server certified the key by the invitation; the certificate was checked and stored.</summary>
    public sealed record Certified(UserName User, Hash32 Certificate) : LinkPhase;

    /// <summary>This device proved its own key; k_auth is in force.</summary>
    public sealed record AuthKeyDerived(Hash32 Certificate) : LinkPhase;

    /// <summary>The account was created with salt and keys; no password was sent.</summary>
    public sealed record Registered(UserName User) : LinkPhase;

    /// <summary>Both sides proved knowledge of the password's keys, bound to this link.</summary>
    public sealed record LoggedIn(UserName User) : LinkPhase;

    /// <summary>The second exchange is done: k_chat is in force, k_auth erased.</summary>
    public sealed record ChatKeyDerived : LinkPhase;

    /// <summary>The server answered `ready`: it acts for this user from here on.</summary>
    public sealed record Ready(DateTimeOffset ServerTime) : LinkPhase;
}
