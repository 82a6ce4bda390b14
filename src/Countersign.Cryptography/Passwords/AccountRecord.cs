using System.Buffers.Binary;

namespace Countersign.Cryptography;

/// <summary>What a server keeps of a password (SPEC 5): salt, cost, StoredKey and ServerKey. Whoever steals it can guess
/// passwords at the cost's price, but cannot log in with it (AC-06).</summary>
public sealed class AccountRecord : IDisposable
{
    /// <param name="salt">The account's salt.</param>
    /// <param name="cost">The account's cost.</param>
    /// <param name="storedKey">SHA-256 of ClientKey, 32 bytes; owned by the record from here on.</param>
    /// <param name="serverKey">32 bytes; owned by the record from here on.</param>
    public AccountRecord(Salt16 salt, PasswordCost cost, Secret storedKey, Secret serverKey)
    {
        if (storedKey.Length != Hash32.Size || serverKey.Length != Hash32.Size)
            throw new ArgumentException("The keys of an account have 32 bytes.");
        Salt = salt;
        Cost = cost;
        StoredKey = storedKey;
        ServerKey = serverKey;
    }

    public Salt16 Salt { get; }

    public PasswordCost Cost { get; }

    /// <summary>Ends with the record.</summary>
    public Secret StoredKey { get; }

    /// <summary>Ends with the record.</summary>
    public Secret ServerKey { get; }

    /// <summary>The record of a user who has none (AC-03): always the same salt for the same name, a cost as the accounts there are
    /// have it, and keys that no password has. A login with it takes the same way, and fails, like one with a wrong password.</summary>
    /// <param name="serverSecret">The server's secret for this purpose, 32 bytes.</param>
    /// <param name="user">The user of the verified certificate (AC-01).</param>
    /// <param name="costs">Those of the accounts there are.</param>
    public static AccountRecord OfNobody(Secret serverSecret, UserName user, PasswordCosts costs)
    {
        var name = System.Text.Encoding.ASCII.GetBytes(user.ToString());
        var share = KeySchedule.Mac(serverSecret, Label.ScramFakeCost, name);
        return new AccountRecord(
            Salt16.Parse(KeySchedule.Mac(serverSecret, Label.ScramFakeSalt, name).Span[..Salt16.Size]),
            costs.At(BinaryPrimitives.ReadUInt64BigEndian(share.Span)),
            Secret.Random(Hash32.Size),
            Secret.Random(Hash32.Size));
    }

    /// <summary>SHA-256(salt ‖ cost ‖ stored_key ‖ server_key), cost in CBOR: what a change of password signs (SE-05).</summary>
    internal Hash32 Digest()
    {
        var cost = CborOutput.Encode(Cost.Write);
        using var joined = Secret.Create(Salt16.Size + cost.Length + 2 * Hash32.Size, (record: this, cost), static (output, state) =>
        {
            state.record.Salt.Span.CopyTo(output);
            state.cost.CopyTo(output[Salt16.Size..]);
            state.record.StoredKey.Span.CopyTo(output[^(2 * Hash32.Size)..]);
            state.record.ServerKey.Span.CopyTo(output[^Hash32.Size..]);
        });
        return Hash32.Sha256(joined.Span);
    }

    public void Dispose()
    {
        StoredKey.Dispose();
        ServerKey.Dispose();
    }

    public override string ToString() => "AccountRecord";
}
