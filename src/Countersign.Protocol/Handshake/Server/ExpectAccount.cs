using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits the first message under k_auth: <c>register</c> or <c>login</c> (SPEC 5). The device is authenticated; nobody has
/// logged in.</summary>
public sealed class ExpectAccount : HandshakeState<AccountRequest>
{
    internal ExpectAccount(HandshakeContext context, AuthenticatedDevice device) : base(context) => Device = device;

    public AuthenticatedDevice Device { get; }

    private protected override AccountRequest Take(byte[] message, DateTimeOffset now)
    {
        Context.Transcript.Append(message);
        try
        {
            if (MessageShape.TypeOf(message) == MessageType.Register)
                return new RegistrationRequest(Context, Device, Register.Parse(message).Record);
            Login.Parse(message);
            return new LoginRequest(Context, Device);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message); // it held the account's keys
        }
    }
}

/// <summary>What the device asks for: a <see cref="RegistrationRequest"/> or a <see cref="LoginRequest"/>, for the user its certificate
/// names (AC-01). The driver looks the account up and decides.</summary>
public abstract class AccountRequest : HandshakeDecision
{
    private protected AccountRequest(HandshakeContext context, AuthenticatedDevice device) : base(context) => Device = device;

    public AuthenticatedDevice Device { get; }
}

/// <summary>A registration: the driver stores the record, once per user (AC-02), and then calls <see cref="Accept"/>; or ends the
/// link by the alert <c>AUTH_FAIL</c>.</summary>
public sealed class RegistrationRequest : AccountRequest
{
    internal RegistrationRequest(HandshakeContext context, AuthenticatedDevice device, AccountRecord record) : base(context, device) =>
        Record = record;

    /// <summary>What to store; the driver owns it.</summary>
    public AccountRecord Record { get; }

    /// <summary>The record is durable.</summary>
    public Step<ExpectRekeyStart> Accept() => Decide(() =>
    {
        Context.Send(new Registered());
        return new ExpectRekeyStart(Context, Device, Context.TakeChain());
    });
}

/// <summary>A login: the driver decides whether this user and address may try now (AC-04; otherwise the alert <c>BUSY</c>), looks up
/// the record and calls <see cref="Challenge"/>.</summary>
public sealed class LoginRequest : AccountRequest
{
    internal LoginRequest(HandshakeContext context, AuthenticatedDevice device) : base(context, device) { }

    /// <summary>Answers with the account's salt and cost.</summary>
    /// <param name="record">The account's, or <see cref="AccountRecord.OfNobody"/> where there is none (AC-03). Owned by the handshake
    /// from here on.</param>
    public Step<ExpectResponse> Challenge(AccountRecord record)
    {
        Context.Own(record); // many logins are given up before the proof has come
        return Decide(() =>
        {
            Context.Send(new Challenge(record.Salt, record.Cost, Nonce32.Fresh()));
            return new ExpectResponse(Context, Device, record);
        });
    }
}

/// <summary>Awaits the proof of the password. A wrong one is <c>AUTH_FAIL</c>: the driver counts it (AC-04).</summary>
public sealed class ExpectResponse : HandshakeState<ExpectRekeyStart>
{
    private readonly AuthenticatedDevice _device;
    private readonly AccountRecord _record;

    internal ExpectResponse(HandshakeContext context, AuthenticatedDevice device, AccountRecord record) : base(context) =>
        (_device, _record) = (device, record);

    private protected override ExpectRekeyStart Take(byte[] message, DateTimeOffset now)
    {
        var challenge = Context.Transcript.Current;
        Context.Transcript.Append(message);
        try
        {
            var login = Scram.Verify(_record, challenge, Response.Parse(message).Proof); // AC-04
            Context.Send(new LoginOk(login.ServerSignature));
            return new ExpectRekeyStart(Context, _device, Context.TakeChain());
        }
        finally
        {
            Context.End(_record);
            CryptographicOperations.ZeroMemory(message); // a wrong proof, too, is close to somebody's right one
        }
    }
}
