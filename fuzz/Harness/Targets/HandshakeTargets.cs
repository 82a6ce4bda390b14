using Countersign.Protocol;

namespace Countersign.Fuzz;

/// <summary>Each message of handshake, enrolment, account and rekey.</summary>
internal static class HandshakeTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        Message("hello", static b => Hello.Parse(b).Encode()),
        Message("server_hello", static b => ServerHello.Parse(b).Encode()),
        Message("certificates", static b => Certificates.Parse(b).Encode()),
        Message("proof", static b => Proof.Parse(b).Encode()),
        Message("finished", static b => Finished.Parse(b).Encode()),
        Message("alert", static b => Alert.Parse(b).Encode()),
        Message("enrol", static b => Enrol.Parse(b).Encode()),
        Message("enrolled", static b => Enrolled.Parse(b).Encode()),
        Message("register", static b => Register.Parse(b).Encode()),
        Message("registered", static b => Registered.Parse(b).Encode()),
        Message("login", static b => Login.Parse(b).Encode()),
        Message("challenge", static b => Challenge.Parse(b).Encode()),
        Message("response", static b => Response.Parse(b).Encode()),
        Message("login_ok", static b => LoginOk.Parse(b).Encode()),
        Message("rekey_start", static b => RekeyStart.Parse(b).Encode()),
        Message("rekey_reply", static b => RekeyReply.Parse(b).Encode()),
        Message("rekey_done", static b => RekeyDone.Parse(b).Encode()),
    ];

    private static FuzzTarget Message(string name, Func<byte[], byte[]> read) =>
        Catalogue.Wire(name, read) with { MaxLength = Frame.HandshakeLimit };
}
