using System.Text.Json.Nodes;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>A child's phase lines as sentences.</summary>
internal static class DemoWords
{
    public static string Of(JsonObject phase) => ChildProgram.Text(phase, "phase") switch
    {
        "connected" => $"connected to {ChildProgram.Text(phase, "address")} over plain TCP; both sides sent a P-256 point and ML-KEM-768 data",
        "server-verified" => $"the server proved to be {ChildProgram.Text(phase, "server")}: certificate {Short(phase, "certificate")}, path to root {Short(phase, "root")}, name, usage, dates, revocation, possession of the key",
        "key-made" => $"made her own RSA key of {ChildProgram.Text(phase, "bits")} bits; it never leaves the device",
        "certified" => $"proved the invitation's token; her key was certified: {Short(phase, "certificate")}",
        "k_auth" => $"connected as a session and proved possession of the key of {Short(phase, "certificate")}; k_auth derived, bound to the whole handshake",
        "registered" => "opened her account: salt and verifier were sent under k_auth, never a password",
        "logged-in" => "logged in: both sides proved the password, bound to this link",
        "k_chat" => "second hybrid key exchange: k_chat derived, k_auth erased",
        "ready" => "first record under k_chat confirmed the key: the link is established",
        var other => other ?? "",
    };

    private static string Short(JsonObject phase, string field) =>
        Hash32.TryParse(ChildProgram.Text(phase, field), out var hash) ? Fingerprints.Short(hash) : "?";
}
