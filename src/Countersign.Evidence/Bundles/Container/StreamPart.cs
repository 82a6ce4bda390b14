namespace Countersign.Evidence;

/// <summary>A range of a seekable stream, read forwards. Several may be open at once: each knows its own place.</summary>
internal sealed class StreamPart(Stream stream, long offset, long length) : Stream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        var left = length - _position;
        if (left <= 0)
            return 0;
        stream.Position = offset + _position;
        var read = stream.Read(buffer[..(int)Math.Min(left, buffer.Length)]);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int start, int count) => Read(buffer.AsSpan(start, count));

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;
    public override long Position { get => _position; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long target, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int start, int count) => throw new NotSupportedException();
}
