using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>What a client derives from the user's password, once: ClientKey and ServerKey of SPEC 5. It proves knowledge
/// of the password without sending it.</summary>
public sealed class LoginSecret : IDisposable
{
    private readonly Secret _clientKey;
    private readonly Secret _serverKey;

    private LoginSecret(Secret clientKey, Secret serverKey, Salt16 salt, PasswordCost cost)
    {
        _clientKey = clientKey;
        _serverKey = serverKey;
        Salt = salt;
        Cost = cost;
    }

    public Salt16 Salt { get; }

    public PasswordCost Cost { get; }

    internal Secret ClientKey => _clientKey;

    internal Secret ServerKey => _serverKey;

    /// <summary>Argon2id and the two keys: a tenth of a second and the cost's memory.</summary>
    /// <param name="password">1 to 1024 UTF-16 code units; the caller erases its copy.</param>
    /// <param name="salt">The account's salt.</param>
    /// <param name="cost">Inside AC-05's limits, as every <see cref="PasswordCost"/>.</param>
    /// <exception cref="ArgumentException">The password is empty, too long, or not valid UTF-16.</exception>
    public static LoginSecret Derive(ReadOnlySpan<char> password, Salt16 salt, PasswordCost cost)
    {
        using var bytes = PasswordText.Encode(password);
        using var salted = Argon2.Hash(bytes, salt, cost);
        return new LoginSecret(Hmac(salted, Label.ScramClient), Hmac(salted, Label.ScramServer), salt, cost);
    }

    /// <summary>Continues from what <see cref="Export"/> gave: a device keeps its derived keys under its vault, so that a
    /// reconnection neither asks for the password nor costs Argon2id.</summary>
    /// <param name="keys">ClientKey ‖ ServerKey, 64 bytes; stays the caller's.</param>
    /// <param name="salt">The salt they were derived with.</param>
    /// <param name="cost">The cost they were derived with.</param>
    public static LoginSecret Import(Secret keys, Salt16 salt, PasswordCost cost)
    {
        if (keys.Length != 2 * Hash32.Size)
            throw new ArgumentException("Two keys of 32 bytes.", nameof(keys));
        return new LoginSecret(Secret.CopyOf(keys.Span[..Hash32.Size]), Secret.CopyOf(keys.Span[Hash32.Size..]), salt, cost);
    }

    /// <summary>ClientKey ‖ ServerKey, owned by the caller. It logs in: it is stored encrypted or not at all.</summary>
    public Secret Export() => Secret.Create(2 * Hash32.Size, this, static (output, keys) =>
    {
        keys._clientKey.Span.CopyTo(output);
        keys._serverKey.Span.CopyTo(output[Hash32.Size..]);
    });

    /// <summary>What the server stores, and all it ever learns: the caller owns it.</summary>
    public AccountRecord ToRecord() =>
        new(Salt, Cost, Secret.CopyOf(Hash32.Sha256(_clientKey.Span).Span), Secret.CopyOf(_serverKey.Span));

    private static Secret Hmac(Secret key, Label label) =>
        Secret.Create(Hash32.Size, (key, label), static (output, input) => HMACSHA256.HashData(input.key.Span, input.label.Text(), output));

    public void Dispose()
    {
        _clientKey.Dispose();
        _serverKey.Dispose();
    }

    public override string ToString() => "LoginSecret";
}
