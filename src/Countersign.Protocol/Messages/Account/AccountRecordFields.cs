using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The four fields <c>salt, cost, stored_key, server_key</c>, as two messages carry them.</summary>
internal static class AccountRecordFields
{
    public static EncodedAccountRecord AccountRecord(this CborInput input) => new(
        Salt16.Parse(input.Bytes(Salt16.Size).Span), PasswordCost.Read(input), input.Bytes(Hash32.Size), input.Bytes(Hash32.Size));

    public static void AccountRecord(this CborOutput output, AccountRecord record)
    {
        output.Bytes(record.Salt.Span);
        record.Cost.Write(output);
        output.Bytes(record.StoredKey.Span).Bytes(record.ServerKey.Span);
    }
}

/// <summary>The four fields as they stand in the message, which whoever received it wipes: what follows them may still be refused, and
/// then no key has been copied.</summary>
internal readonly record struct EncodedAccountRecord(Salt16 Salt, PasswordCost Cost, ReadOnlyMemory<byte> StoredKey, ReadOnlyMemory<byte> ServerKey)
{
    /// <summary>The caller owns it.</summary>
    public AccountRecord ToRecord() => new(Salt, Cost, Secret.CopyOf(StoredKey.Span), Secret.CopyOf(ServerKey.Span));
}
