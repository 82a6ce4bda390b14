using Countersign.Client;

namespace Countersign.Cli;

/// <summary>The phases of enrolment and link, one clear line each: what was proved, what was derived. Fingerprints, never keys.</summary>
internal static class PhaseWords
{
    public static string Of(LinkPhase phase) => phase switch
    {
        LinkPhase.Connected p => $"connected to {p.Address}",
        LinkPhase.ServerVerified p => $"the server proved to be {p.Server} (certificate {Fingerprints.Short(p.Certificate)} under root {Fingerprints.Short(p.Root)})",
        LinkPhase.KeyMade p => $"made an RSA key of {p.Bits} bits on this device",
        LinkPhase.Certified p => $"the key was certified for {p.User} (certificate {Fingerprints.Short(p.Certificate)})",
        LinkPhase.AuthKeyDerived p => $"this device proved to hold the key of its certificate ({Fingerprints.Short(p.Certificate)}); k_auth derived",
        LinkPhase.Registered p => $"account {p.User} opened: salt and verifier were sent, no password",
        LinkPhase.LoggedIn p => $"{p.User} logged in: both sides proved the password, bound to this link",
        LinkPhase.ChatKeyDerived => "second key exchange done: k_chat derived, k_auth erased",
        LinkPhase.Ready => "the link is established",
        _ => throw new InvalidOperationException("unknown phase"),
    };
}
