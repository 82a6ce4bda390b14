using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary><c>[30]</c>: the client's first message under k_chat; with it the link is established (HS-13).</summary>
public sealed record Ready : SessionMessage, IFromClient
{
    internal override MessageType Type => MessageType.Ready;
    internal override int Fields => 0;
    internal override void WriteFields(CborOutput output) { }
    internal static Ready Read(CborInput input) => new();
}

/// <summary><c>[31, now, prekeys, crls, cost, room]</c>: the server's answer to <see cref="Ready"/>.</summary>
/// <param name="Now">The server's clock.</param>
/// <param name="Prekeys">How many one-time prekeys of this device the server still holds.</param>
/// <param name="Crls">The newest revocation lists.</param>
/// <param name="Cost">What a password's record is to cost (AC-07); inside AC-05's limits.</param>
/// <param name="Room">How much of a conversation the server takes (SE-10); inside the protocol's limits.</param>
public sealed record Welcome(
    DateTimeOffset Now, int Prekeys, EquatableList<CertificateRevocationList> Crls, PasswordCost Cost, ConversationRoom Room) : SessionMessage, IFromServer
{
    internal override MessageType Type => MessageType.Welcome;
    internal override int Fields => 5;

    internal override void WriteFields(CborOutput output)
    {
        Cost.Write(output.Time(Now).UInt((ulong)Prekeys).Crls(Crls));
        Room.Write(output);
    }

    internal static Welcome Read(CborInput input) =>
        new(input.Time(), input.Int32(), input.Crls(), PasswordCost.Read(input), ConversationRoom.Read(input)); // AC-05, SE-10
}

/// <summary><c>[32]</c>: nothing follows; the other side ends the stream (SE-07).</summary>
public sealed record Bye : SessionMessage, IFromClient, IFromServer
{
    internal override MessageType Type => MessageType.Bye;
    internal override int Fields => 0;
    internal override void WriteFields(CborOutput output) { }
    internal static Bye Read(CborInput input) => new();
}

/// <summary><c>[33, n]</c>: asks for a <see cref="Pong"/> with the same number.</summary>
public sealed record Ping(ulong Number) : SessionMessage, IFromClient, IFromServer
{
    internal override MessageType Type => MessageType.Ping;
    internal override int Fields => 1;
    internal override void WriteFields(CborOutput output) => output.UInt(Number);
    internal static Ping Read(CborInput input) => new(input.UInt());
}

/// <summary><c>[34, n]</c>: the answer to a <see cref="Ping"/>.</summary>
public sealed record Pong(ulong Number) : SessionMessage, IFromClient, IFromServer
{
    internal override MessageType Type => MessageType.Pong;
    internal override int Fields => 1;
    internal override void WriteFields(CborOutput output) => output.UInt(Number);
    internal static Pong Read(CborInput input) => new(input.UInt());
}
