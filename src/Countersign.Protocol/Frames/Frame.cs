using System.Buffers;
using System.Buffers.Binary;

namespace Countersign.Protocol;

/// <summary>The outermost layer (SPEC 4.1): <c>uint32 length ‖ body</c>, independent of TCP segments (RL-03).</summary>
public static class Frame
{
    /// <summary>Bytes before the body.</summary>
    public const int HeaderSize = 4;

    /// <summary>The largest body a server reads before k_chat (RL-01).</summary>
    public const int HandshakeLimit = 16384;

    /// <summary>The largest body otherwise (RL-01).</summary>
    public const int ChatLimit = 262160;

    /// <summary>Takes one whole frame off the front of <paramref name="buffer"/>, or leaves it untouched when more bytes are
    /// needed. Allocates nothing: the body is a slice.</summary>
    /// <param name="buffer">What has arrived and is not yet consumed; moved past the frame on success.</param>
    /// <param name="limit">The largest body allowed now.</param>
    /// <param name="body">The frame's body, valid as long as the buffer is.</param>
    /// <exception cref="PeerFaultException"><c>TOO_LARGE</c> as soon as the four length bytes say so; <c>BAD_MESSAGE</c> for an
    /// empty body.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int limit, out ReadOnlySequence<byte> body)
    {
        body = default;
        if (buffer.Length < HeaderSize)
            return false;
        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length == 0)
            throw new PeerFaultException(WireCode.BadMessage, "RL-01 empty frame");
        if (length > (uint)limit)
            throw new PeerFaultException(WireCode.TooLarge, "RL-01");
        if (buffer.Length - HeaderSize < length)
            return false;
        body = buffer.Slice(HeaderSize, length);
        buffer = buffer.Slice(HeaderSize + (long)length);
        return true;
    }
}
