using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The 16 secret bytes of an invitation: whoever knows them may have one key certified. The server stores
/// <see cref="Id"/> and <see cref="Key"/>, never the token.</summary>
public sealed class InvitationToken : IDisposable
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 16;

    private const int KeySize = 32;

    private readonly Secret _bytes;

    private InvitationToken(Secret bytes) => _bytes = bytes;

    /// <summary>Which invitation this is: may be shown and stored.</summary>
    public InvitationId Id
    {
        get
        {
            using var extracted = Extract();
            using var id = KeySchedule.Derive(extracted, Label.InvitationId, [], InvitationId.Size);
            return new InvitationId(id.Span);
        }
    }

    /// <summary>A fresh token.</summary>
    public static InvitationToken Generate() => new(Secret.Random(Size));

    /// <summary>The key of the enrolment's MAC (section 10). The caller owns it.</summary>
    public Secret Key()
    {
        using var extracted = Extract();
        return KeySchedule.Derive(extracted, Label.InvitationKey, [], KeySize);
    }

    public void Dispose() => _bytes.Dispose();

    public override string ToString() => "InvitationToken";

    /// <param name="bytes">16 of them; the caller wipes them.</param>
    internal static InvitationToken CopyOf(ReadOnlySpan<byte> bytes) => new(Secret.CopyOf(bytes));

    internal void Write(CborOutput output) => output.Bytes(_bytes.Span);

    // 16 bytes are too few for HKDF-Expand (RFC 5869 section 2.3).
    private Secret Extract() => KeySchedule.Extract(Label.Invitation, _bytes.Span);
}
