using System.Buffers;

namespace Countersign.Protocol.Tests;

/// <summary>Whole frames, apart.</summary>
internal static class Wire
{
    /// <summary>The bodies of frames that stand one after the other.</summary>
    public static List<byte[]> Bodies(ReadOnlyMemory<byte> frames)
    {
        var bodies = new List<byte[]>();
        var rest = new ReadOnlySequence<byte>(frames);
        while (Frame.TryRead(ref rest, Frame.ChatLimit, out var body))
            bodies.Add(body.ToArray());
        return rest.IsEmpty ? bodies : throw new InvalidOperationException("half a frame");
    }

    /// <summary>The one body of one frame.</summary>
    public static byte[] Body(ReadOnlyMemory<byte> frame) => Bodies(frame).Single();

    public static ReadOnlyMemory<byte> Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenMemory;
    }

    /// <summary>The same bytes with one bit changed.</summary>
    public static byte[] Flip(byte[] bytes, int index)
    {
        var changed = (byte[])bytes.Clone();
        changed[index] ^= (byte)(1 << index % 8);
        return changed;
    }
}
