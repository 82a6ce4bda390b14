using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Takes the bytes of one member, passes them on if there is somewhere to pass them, and knows their length, CRC-32
/// and SHA-256 afterwards.</summary>
internal sealed class MeasuringStream(Stream? target) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Crc32 _crc;
    private long _length;

    /// <summary>What the container says about what was written.</summary>
    public ZipMember Describe(BundleMember member) => _length <= member.MaxBytes()
        ? new ZipMember(member, _crc.Value, (uint)_length)
        : throw new BundleTooLargeException(member);

    public Hash32 Hash() => new(_hash.GetCurrentHash());

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.AppendData(buffer);
        _crc.Append(buffer);
        _length += buffer.Length;
        target?.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => _length;
    public override long Position { get => _length; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}
