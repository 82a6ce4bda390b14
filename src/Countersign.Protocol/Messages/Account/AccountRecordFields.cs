using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The four fields <c>salt, cost, stored_key, server_key</c>, as two messages carry them.</summary>
internal static class AccountRecordFields
{
    public static AccountRecord AccountRecord(this CborInput input) => new(
        Salt16.Parse(input.Bytes(Salt16.Size).Span),
        PasswordCost.Read(input),
        Secret.CopyOf(input.Bytes(Hash32.Size).Span),
        Secret.CopyOf(input.Bytes(Hash32.Size).Span));

    public static void AccountRecord(this CborOutput output, AccountRecord record)
    {
        output.Bytes(record.Salt.Span);
        record.Cost.Write(output);
        output.Bytes(record.StoredKey.Span).Bytes(record.ServerKey.Span);
    }
}
