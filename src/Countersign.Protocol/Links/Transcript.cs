using System.Buffers.Binary;
using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>T of SPEC 4.2: the running SHA-256 over <c>uint32(len) ‖ message</c> of every message, as sent, in the order of
/// sending.</summary>
internal sealed class Transcript : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>T of the last message appended.</summary>
    public Hash32 Current
    {
        get
        {
            Span<byte> digest = stackalloc byte[Hash32.Size];
            _hash.GetCurrentHash(digest);
            return new Hash32(digest);
        }
    }

    public void Append(ReadOnlySpan<byte> message)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(length, message.Length);
        _hash.AppendData(length);
        _hash.AppendData(message);
    }

    public void Dispose() => _hash.Dispose();
}
