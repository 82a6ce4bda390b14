using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>login = [12, nonce]</c>. The user is the one of the verified certificate (AC-01).</summary>
public sealed record Login(Nonce32 Nonce) : IHandshakeMessage<Login>
{
    public static Login Parse(ReadOnlyMemory<byte> bytes) =>
        MessageShape.Parse(bytes, MessageType.Login, 1, static input => new Login(new Nonce32(input.Bytes(Nonce32.Size).Span)));

    public byte[] Encode() => MessageShape.Encode(MessageType.Login, 1, output => output.Bytes(Nonce.Span));
}

/// <summary><c>challenge = [13, salt, cost, nonce]</c>. A cost outside AC-05's limits is no challenge.</summary>
public sealed record Challenge(Salt16 Salt, PasswordCost Cost, Nonce32 Nonce) : IHandshakeMessage<Challenge>
{
    public static Challenge Parse(ReadOnlyMemory<byte> bytes) => MessageShape.Parse(bytes, MessageType.Challenge, 3, static input => new Challenge(
        Salt16.Parse(input.Bytes(Salt16.Size).Span),
        PasswordCost.Read(input), // AC-05
        new Nonce32(input.Bytes(Nonce32.Size).Span)));

    public byte[] Encode() => MessageShape.Encode(MessageType.Challenge, 3, output =>
    {
        output.Bytes(Salt.Span);
        Cost.Write(output);
        output.Bytes(Nonce.Span);
    });
}

/// <summary><c>response = [14, client_proof]</c>.</summary>
public sealed record Response(LoginProof Proof) : IHandshakeMessage<Response>
{
    public static Response Parse(ReadOnlyMemory<byte> bytes) => MessageShape.Parse(bytes, MessageType.Response, 1,
        static input => new Response(LoginProof.Parse(input.Bytes(LoginProof.Size).Span)));

    public byte[] Encode() => MessageShape.Encode(MessageType.Response, 1, output => output.Bytes(Proof.Span));
}

/// <summary><c>login_ok = [15, server_signature]</c>: the server holds this account's record, too.</summary>
public sealed record LoginOk(Hash32 ServerSignature) : IHandshakeMessage<LoginOk>
{
    public static LoginOk Parse(ReadOnlyMemory<byte> bytes) =>
        MessageShape.Parse(bytes, MessageType.LoginOk, 1, static input => new LoginOk(input.Hash()));

    public byte[] Encode() => MessageShape.Encode(MessageType.LoginOk, 1, output => output.Hash(ServerSignature));
}
