using CsCheck;

namespace Countersign.Cryptography.Tests;

/// <summary>Any structure of our language, with a reference encoder written from RFC 8949 section 3 alone.</summary>
internal abstract record CborValue
{
    public sealed record Int(long Value) : CborValue;
    public sealed record Bytes(byte[] Value) : CborValue;
    public sealed record Text(string Value) : CborValue;
    public sealed record Array(CborValue[] Items) : CborValue;
    public sealed record Map((long Key, CborValue Value)[] Pairs) : CborValue;
    public sealed record Tagged(ulong Tag, CborValue Value) : CborValue;
    public sealed record Bool(bool Value) : CborValue;
    public sealed record Null : CborValue;

    public static Gen<CborValue> Generator { get; } = Of(3);

    private static Gen<CborValue> Of(int depth)
    {
        var leaf = Gen.OneOf<CborValue>(
            Gen.OneOf(Gen.Long, Gen.Long[-300, 300], Among(23L, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, -24, -25, -256, -257))
                .Select(CborValue (v) => new Int(v)),
            Gen.OneOf(Gen.Byte.Array[0, 30], Gen.Byte.Array[250, 260]).Select(CborValue (v) => new Bytes(v)),
            Gen.OneOf(Gen.String[Gen.Char['a', 'z'], 0, 30], Among("", "é", "日本", "𝄞")).Select(CborValue (v) => new Text(v)),
            Gen.Bool.Select(CborValue (v) => new Bool(v)),
            Gen.Const(new Null()).Select(CborValue (v) => v));
        if (depth == 0)
            return leaf;
        var inner = Of(depth - 1);
        return Gen.Frequency(
            (3, leaf),
            (1, inner.Array[0, 4].Select(CborValue (v) => new Array(v))),
            (1, Gen.Select(Gen.Long[-70000, 70000], inner).Array[0, 4].Select(CborValue (v) => new Map(Sorted(v)))),
            (1, Gen.Select(Gen.ULong[0, 70000], inner).Select(CborValue (v) => new Tagged(v.Item1, v.Item2))));
    }

    private static Gen<T> Among<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static (long, CborValue)[] Sorted((long Key, CborValue Value)[] pairs) =>
        [.. pairs.DistinctBy(p => p.Key).OrderBy(p => Convert.ToHexString(Encode(new Int(p.Key))), StringComparer.Ordinal)];

    /// <summary>The deterministic encoding; <paramref name="head"/> replaces the encoder of heads, to make wrong ones.</summary>
    public static byte[] Encode(CborValue value, Func<int, ulong, byte[]>? head = null)
    {
        head ??= Head;
        byte[] Of(CborValue v) => Encode(v, head);
        return value switch
        {
            Int i => i.Value >= 0 ? head(0, (ulong)i.Value) : head(1, (ulong)~i.Value),
            Bytes b => [.. head(2, (ulong)b.Value.Length), .. b.Value],
            Text t => [.. head(3, (ulong)System.Text.Encoding.UTF8.GetByteCount(t.Value)), .. System.Text.Encoding.UTF8.GetBytes(t.Value)],
            Array a => [.. head(4, (ulong)a.Items.Length), .. a.Items.SelectMany(Of)],
            Map m => [.. head(5, (ulong)m.Pairs.Length), .. m.Pairs.SelectMany(p => Of(new Int(p.Key)).Concat(Of(p.Value)))],
            Tagged t => [.. head(6, t.Tag), .. Of(t.Value)],
            Bool b => [b.Value ? (byte)0xf5 : (byte)0xf4],
            _ => [0xf6],
        };
    }

    public static byte[] Head(int major, ulong argument) => argument switch
    {
        < 24 => Head(major, argument, 0),
        <= 0xff => Head(major, argument, 1),
        <= 0xffff => Head(major, argument, 2),
        <= 0xffffffff => Head(major, argument, 4),
        _ => Head(major, argument, 8),
    };

    public static byte[] Head(int major, ulong argument, int size)
    {
        if (size == 0)
            return [(byte)(major << 5 | (int)argument)];
        var bytes = new byte[1 + size];
        bytes[0] = (byte)(major << 5 | 24 + System.Numerics.BitOperations.Log2((uint)size));
        for (var i = 0; i < size; i++)
            bytes[size - i] = (byte)(argument >> 8 * i);
        return bytes;
    }

    public static void Write(CborOutput output, CborValue value)
    {
        switch (value)
        {
            case Int i: output.Int(i.Value); break;
            case Bytes b: output.Bytes(b.Value); break;
            case Text t: output.Text(t.Value); break;
            case Bool b: output.Bool(b.Value); break;
            case Null: output.Null(); break;
            case Tagged t: output.Tag(t.Tag); Write(output, t.Value); break;
            case Array a:
                output.StartArray(a.Items.Length);
                foreach (var item in a.Items)
                    Write(output, item);
                output.EndArray();
                break;
            case Map m:
                output.StartMap(m.Pairs.Length);
                foreach (var (key, item) in m.Pairs)
                {
                    output.Int(key);
                    Write(output, item);
                }
                output.EndMap();
                break;
        }
    }

    /// <summary>Reads what this value's grammar allows and requires the same content.</summary>
    public static void Expect(CborInput input, CborValue value)
    {
        switch (value)
        {
            case Int i: Require(input.Int() == i.Value); break;
            case Bytes b: Require(input.Bytes(0, 1000).Span.SequenceEqual(b.Value)); break;
            case Text t: Require(input.Text(1000) == t.Value); break;
            case Bool b: Require(input.Bool() == b.Value); break;
            case Null: Require(input.TryNull()); break;
            case Tagged t: input.Tag(t.Tag); Expect(input, t.Value); break;
            case Array a:
                Require(input.StartArray(0, 1000) == a.Items.Length);
                foreach (var item in a.Items)
                    Expect(input, item);
                input.EndArray();
                break;
            case Map m:
                Require(input.StartMap(0, 1000) == m.Pairs.Length);
                foreach (var (key, item) in m.Pairs)
                {
                    input.Key(key);
                    Expect(input, item);
                }
                input.EndMap();
                break;
        }
    }

    private static void Require(bool same)
    {
        if (!same)
            throw new MalformedException("another value");
    }
}
