using System.Buffers;
using System.Buffers.Binary;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The receiving half of the record layer: bodies in the clear until it has keys, records after that (SPEC 4.3).</summary>
internal sealed class RecordReader : IDisposable
{
    private RecordOpener? _opener;
    private RecordOpener? _former;

    /// <summary>Records opened under the present key.</summary>
    public uint Count => _opener?.Count ?? 0;

    /// <summary>Whether what is read came from the holder of the peer's keys.</summary>
    public bool IsProtected => _opener is not null;

    /// <summary>The present key, for tests of its end.</summary>
    internal RecordOpener? Key => _opener;

    /// <summary>Ends the key so far; owns the next.</summary>
    public void Use(RecordOpener next)
    {
        EndFormer();
        _opener?.Dispose();
        _opener = next;
    }

    /// <summary>The same, but until the first record under the next key the peer may still end the link under the key so far (ER-01):
    /// an alert, and nothing else, is taken under it.</summary>
    public void UseWithLastAlert(RecordOpener next)
    {
        EndFormer();
        _former = _opener;
        _opener = next;
    }

    /// <summary>The content of one frame's body, in memory of its own.</summary>
    /// <exception cref="BadRecordException">Not the next record of the peer (RL-04).</exception>
    /// <exception cref="MalformedException">The content is empty (RL-06).</exception>
    public byte[] Read(ReadOnlySequence<byte> body)
    {
        if (_opener is null)
            return body.ToArray();
        if (body.IsSingleSegment)
            return Open(_opener, body.FirstSpan);
        var length = (int)body.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length); // of ciphertext: nothing to erase
        try
        {
            body.CopyTo(joined);
            return Open(_opener, joined.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    /// <summary>Nothing is awaited soon.</summary>
    public void Rest() => _opener?.Rest();

    public void Dispose()
    {
        EndFormer();
        _opener?.Dispose();
    }

    private byte[] Open(RecordOpener opener, ReadOnlySpan<byte> body)
    {
        try
        {
            var content = OpenUnder(opener, body);
            EndFormer();
            return content;
        }
        catch (BadRecordException) when (_former is not null)
        {
            var content = OpenUnder(_former, body);
            return Alert.IsAlert(content) ? content : throw new BadRecordException();
        }
    }

    private void EndFormer()
    {
        _former?.Dispose();
        _former = null;
    }

    private static byte[] OpenUnder(RecordOpener opener, ReadOnlySpan<byte> body)
    {
        Span<byte> header = stackalloc byte[Frame.HeaderSize];
        BinaryPrimitives.WriteInt32BigEndian(header, body.Length); // aad = the length bytes
        var content = GC.AllocateUninitializedArray<byte>(Math.Max(0, body.Length - RecordLimits.Overhead));
        opener.Open(header, body, content);
        return content.Length == 0 ? throw new MalformedException("RL-06") : content;
    }
}
