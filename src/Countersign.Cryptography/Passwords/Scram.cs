using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>Login and change of password: SPEC 5 and SE-05, after RFC 5802 section 3. Both sides.</summary>
public static class Scram
{
    /// <summary>The client's proof for this link.</summary>
    /// <param name="secret">Derived from the password with the challenge's salt and cost.</param>
    /// <param name="challenge">T(challenge): binds the proof to this link.</param>
    public static LoginProof Prove(LoginSecret secret, Hash32 challenge)
    {
        using var storedKey = StoredKey(secret);
        return LoginProof.Make(secret.ClientKey, KeySchedule.Mac(storedKey, Label.ScramAuth, challenge.Span));
    }

    /// <summary>The server's check of a proof. State that depends on a login takes the result.</summary>
    /// <param name="record">The account's record, or <see cref="AccountRecord.OfNobody"/>.</param>
    /// <param name="challenge">T(challenge) as the server computed it.</param>
    /// <param name="proof">What the client sent.</param>
    /// <exception cref="ScramException">The password is wrong, or there is no such account (AC-03, AC-04).</exception>
    public static VerifiedLogin Verify(AccountRecord record, Hash32 challenge, LoginProof proof)
    {
        proof.Require(record, KeySchedule.Mac(record.StoredKey, Label.ScramAuth, challenge.Span));
        return new VerifiedLogin(KeySchedule.Mac(record.ServerKey, Label.ScramAuth, challenge.Span));
    }

    /// <summary>The client's check that the server holds this account's record (AC-05).</summary>
    /// <exception cref="ScramException">The signature is wrong: the link ends.</exception>
    public static void CheckServer(LoginSecret secret, Hash32 challenge, Hash32 serverSignature)
    {
        var expected = KeySchedule.Mac(secret.ServerKey, Label.ScramAuth, challenge.Span);
        if (!CryptographicOperations.FixedTimeEquals(expected.Span, serverSignature.Span))
            throw new ScramException();
    }

    /// <summary>The client's proof, from the old password, for a new record (SE-05).</summary>
    /// <param name="old">Derived from the old password.</param>
    /// <param name="link">th' of the link's last rekey.</param>
    /// <param name="next">The new password's record.</param>
    public static LoginProof ProveChange(LoginSecret old, Hash32 link, AccountRecord next)
    {
        using var storedKey = StoredKey(old);
        return LoginProof.Make(old.ClientKey, ChangeMac(storedKey, link, next));
    }

    /// <summary>The server's check of a change of password: returns when the new record may replace the old one (SE-05).</summary>
    /// <exception cref="ScramException">The proof is not of the old password, for this link and this new record.</exception>
    public static VerifiedPasswordChange VerifyChange(AccountRecord old, Hash32 link, AccountRecord next, LoginProof proof)
    {
        proof.Require(old, ChangeMac(old.StoredKey, link, next));
        return new VerifiedPasswordChange(next);
    }

    private static Hash32 ChangeMac(Secret storedKey, Hash32 link, AccountRecord next) =>
        KeySchedule.Mac(storedKey, Label.PasswordChange, [.. link.Span, .. next.Digest().Span]);

    private static Secret StoredKey(LoginSecret secret) => Secret.CopyOf(Hash32.Sha256(secret.ClientKey.Span).Span);
}

/// <summary>A login whose proof verified; only <see cref="Scram.Verify"/> makes one.</summary>
public sealed class VerifiedLogin
{
    internal VerifiedLogin(Hash32 serverSignature) => ServerSignature = serverSignature;

    /// <summary>The server's own proof, for login_ok.</summary>
    public Hash32 ServerSignature { get; }
}

/// <summary>A change of password whose proof verified; only <see cref="Scram.VerifyChange"/> makes one.</summary>
public sealed class VerifiedPasswordChange
{
    internal VerifiedPasswordChange(AccountRecord next) => Next = next;

    /// <summary>The record to store; still the caller's to dispose.</summary>
    public AccountRecord Next { get; }
}
