using System.Buffers.Binary;
using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>What one exchange hands to the next (SPEC 4.4): the secret <c>chain</c> and the hash of everything so far.</summary>
internal sealed class LinkChain : IDisposable
{
    private const int Size = 32;

    private readonly Secret _chain;

    /// <param name="chain">Owned from here on.</param>
    /// <param name="transcript">th: T after the login for the first rekey, the previous th' for a later one.</param>
    public LinkChain(Secret chain, Hash32 transcript)
    {
        _chain = chain;
        Transcript = transcript;
    }

    /// <summary>th, then th'.</summary>
    public Hash32 Transcript { get; }

    /// <summary>The keys of a rekey and the chain after it; k_chat itself is gone on return. This chain stays until its owner
    /// replaces it.</summary>
    /// <param name="hybrid">The exchange's 64 bytes; stays the caller's.</param>
    /// <param name="start">rekey_start as sent.</param>
    /// <param name="reply">rekey_reply as sent.</param>
    /// <param name="side">The end that will use the keys.</param>
    public (RecordKeys Keys, LinkChain Next) Rekeyed(Secret hybrid, ReadOnlySpan<byte> start, ReadOnlySpan<byte> reply, Side side)
    {
        var transcript = After(start, reply);
        using var extracted = KeySchedule.Extract(_chain.Span, hybrid.Span);
        using var chat = KeySchedule.Derive(extracted, Label.KChat, transcript.Span, Size);
        var keys = RecordKeys.Derive(chat, KeyStage.Chat, transcript, side);
        return (keys, new LinkChain(KeySchedule.Derive(chat, Label.Chain, transcript.Span, Size), transcript));
    }

    public void Dispose() => _chain.Dispose();

    private Hash32 After(ReadOnlySpan<byte> start, ReadOnlySpan<byte> reply)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(uint)];
        hash.AppendData(Transcript.Span);
        BinaryPrimitives.WriteInt32BigEndian(length, start.Length);
        hash.AppendData(length);
        hash.AppendData(start);
        BinaryPrimitives.WriteInt32BigEndian(length, reply.Length);
        hash.AppendData(length);
        hash.AppendData(reply);
        Span<byte> digest = stackalloc byte[Hash32.Size];
        hash.GetHashAndReset(digest);
        return new Hash32(digest);
    }
}
