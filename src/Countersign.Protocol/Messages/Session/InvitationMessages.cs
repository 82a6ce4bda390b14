using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>[59, id, user, lifetime]</c>: make an invitation (SE-06) that lives for this many whole seconds.</summary>
public sealed record Invite(ulong Id, UserName User, TimeSpan Lifetime) : Request(Id)
{
    private const ulong MaxLifetimeSeconds = 30 * 24 * 3600; // SPEC 11

    internal override MessageType Type => MessageType.Invite;
    internal override int Fields => 3;
    private protected override void WriteRest(CborOutput output) => output.Text(User.ToString()).UInt((ulong)Lifetime.TotalSeconds);
    internal static Invite Read(CborInput input) =>
        new(input.UInt(), UserName.Read(input), TimeSpan.FromSeconds((long)input.UInt(MaxLifetimeSeconds)));
}

/// <summary><c>[60, id, token, expires]</c>. The asker makes the word from it; it owns the token.</summary>
public sealed record Invited(ulong Id, InvitationToken Token, DateTimeOffset Expires) : Answer(Id)
{
    internal override MessageType Type => MessageType.Invited;
    internal override bool HoldsSecrets => true;
    internal override int Fields => 3;

    private protected override void WriteRest(CborOutput output)
    {
        Token.Write(output);
        output.Time(Expires);
    }

    internal override void EndSecrets() => Token.Dispose();

    internal static Invited Read(CborInput input)
    {
        var (id, token, expires) = (input.UInt(), input.Bytes(InvitationToken.Size), input.Time());
        return new(id, InvitationToken.CopyOf(token.Span), expires);
    }
}
