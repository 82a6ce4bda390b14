using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>[61, id, salt, cost, stored_key, server_key, proof]</c>: replace the account record (SE-05).</summary>
/// <param name="Next">The new record; the receiver owns it.</param>
/// <param name="Proof">From the old password.</param>
public sealed record ChangePassword(ulong Id, AccountRecord Next, LoginProof Proof) : Request(Id)
{
    internal override MessageType Type => MessageType.ChangePassword;
    internal override int Fields => 6;

    private protected override void WriteRest(CborOutput output)
    {
        output.AccountRecord(Next);
        output.Bytes(Proof.Span);
    }

    internal static ChangePassword Read(CborInput input) =>
        new(input.UInt(), input.AccountRecord(), LoginProof.Parse(input.Bytes(LoginProof.Size).Span));
}
