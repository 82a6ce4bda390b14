using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Both sides are authenticated; k_auth is in force. The driver logs in, or registers the user's password once.</summary>
public sealed class AccountChoice : HandshakeDecision
{
    internal AccountChoice(HandshakeContext context, AuthenticatedServer server) : base(context) => Server = server;

    public AuthenticatedServer Server { get; }

    /// <summary>Asks for the account's salt and cost.</summary>
    public Step<ExpectChallenge> Login() => Decide(() =>
    {
        Context.Send(new Login(Nonce32.Fresh()));
        return new ExpectChallenge(Context, Server);
    });

    /// <summary>Sends the account's record, once per user (AC-02).</summary>
    /// <param name="record">Made by <see cref="LoginSecret.ToRecord"/>; stays the caller's.</param>
    public Step<ExpectRegistered> Register(AccountRecord record) => Decide(() =>
    {
        CryptographicOperations.ZeroMemory(Context.Send(new Register(record)));
        return new ExpectRegistered(Context, Server);
    });
}

/// <summary>Awaits the server's word that the record is durable; then starts the first rekey (HS-12).</summary>
public sealed class ExpectRegistered : HandshakeState<ExpectRekeyReply>
{
    private readonly AuthenticatedServer _server;

    internal ExpectRegistered(HandshakeContext context, AuthenticatedServer server) : base(context) => _server = server;

    private protected override ExpectRekeyReply Take(byte[] message, DateTimeOffset now)
    {
        Registered.Parse(message);
        Context.Transcript.Append(message);
        return ExpectRekeyReply.Start(Context, _server, now);
    }
}

/// <summary>Awaits the account's salt and cost.</summary>
public sealed class ExpectChallenge : HandshakeState<PasswordChallenge>
{
    private readonly AuthenticatedServer _server;

    internal ExpectChallenge(HandshakeContext context, AuthenticatedServer server) : base(context) => _server = server;

    private protected override PasswordChallenge Take(byte[] message, DateTimeOffset now)
    {
        var challenge = Challenge.Parse(message); // AC-05
        Context.Transcript.Append(message);
        return new PasswordChallenge(Context, _server, challenge);
    }
}

/// <summary>The driver derives the login secret from the password with this salt and cost, or takes one derived before, and answers.</summary>
public sealed class PasswordChallenge : HandshakeDecision
{
    private readonly AuthenticatedServer _server;
    private readonly Challenge _challenge;

    internal PasswordChallenge(HandshakeContext context, AuthenticatedServer server, Challenge challenge) : base(context) =>
        (_server, _challenge) = (server, challenge);

    public Salt16 Salt => _challenge.Salt;

    /// <summary>Inside AC-05's limits.</summary>
    public PasswordCost Cost => _challenge.Cost;

    /// <summary>Proves knowledge of the password.</summary>
    /// <param name="secret">Derived with <see cref="Salt"/> and <see cref="Cost"/>; stays the caller's, and is not disposed before the
    /// next message has been handled.</param>
    /// <exception cref="ArgumentException">It was derived with another salt or cost.</exception>
    public Step<ExpectLoginOk> Answer(LoginSecret secret)
    {
        if (secret.Salt != Salt || secret.Cost != Cost)
            throw new ArgumentException("The secret was derived with another salt or cost.", nameof(secret));
        return Decide(() =>
        {
            var transcript = Context.Transcript.Current; // T(challenge)
            CryptographicOperations.ZeroMemory(Context.Send(new Response(Scram.Prove(secret, transcript))));
            return new ExpectLoginOk(Context, _server, secret, transcript);
        });
    }
}

/// <summary>Awaits the server's own proof that it holds the account (AC-05); then starts the first rekey (HS-12).</summary>
public sealed class ExpectLoginOk : HandshakeState<ExpectRekeyReply>
{
    private readonly AuthenticatedServer _server;
    private readonly LoginSecret _secret;
    private readonly Hash32 _challenge;

    internal ExpectLoginOk(HandshakeContext context, AuthenticatedServer server, LoginSecret secret, Hash32 challenge) : base(context) =>
        (_server, _secret, _challenge) = (server, secret, challenge);

    private protected override ExpectRekeyReply Take(byte[] message, DateTimeOffset now)
    {
        Scram.CheckServer(_secret, _challenge, LoginOk.Parse(message).ServerSignature); // AC-05
        Context.Transcript.Append(message);
        return ExpectRekeyReply.Start(Context, _server, now);
    }
}
