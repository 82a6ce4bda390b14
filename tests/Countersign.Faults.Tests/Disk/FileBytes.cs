namespace Countersign.Faults.Tests;

/// <summary>The content of a file that grows.</summary>
internal sealed class FileBytes(byte[] content)
{
    private byte[] _buffer = content;
    private int _length = content.Length;

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _length);

    public FileBytes Copy() => new(Span.ToArray());

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        if (offset + data.Length > _length)
            SetLength(offset + data.Length);
        data.CopyTo(_buffer.AsSpan((int)offset));
    }

    public void SetLength(long length)
    {
        var next = checked((int)length);
        if (next > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(next, 2 * _buffer.Length));
        if (next < _length)
            _buffer.AsSpan(next, _length - next).Clear(); // what grows again is zero
        _length = next;
    }
}
