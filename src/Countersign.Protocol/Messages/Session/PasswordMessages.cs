using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>[61, id, salt, cost, stored_key, server_key, proof]</c>: replace the account record by the next one, on
/// the proof of the old password (SE-05). The receiver owns the record.</summary>
public sealed record ChangePassword(ulong Id, AccountRecord Next, LoginProof Proof) : Request(Id)
{
    internal override MessageType Type => MessageType.ChangePassword;
    internal override bool HoldsSecrets => true;
    internal override int Fields => 6;

    private protected override void WriteRest(CborOutput output)
    {
        output.AccountRecord(Next);
        output.Bytes(Proof.Span);
    }

    internal override void EndSecrets() => Next.Dispose();

    internal static ChangePassword Read(CborInput input)
    {
        var (id, next, proof) = (input.UInt(), input.AccountRecord(), LoginProof.Parse(input.Bytes(LoginProof.Size).Span));
        return new(id, next.ToRecord(), proof);
    }
}
